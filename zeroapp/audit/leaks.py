"""What would give the answer away: the label spelled in the text, other columns, authors, time."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from scipy.stats import chi2_contingency

from zeroapp.audit.material import SHOWN, Material, Words
from zeroapp.data.sameness import plain
from zeroapp.dataset import ColumnKind
from zeroapp.errors import Place, Problem, Severity
from zeroapp.wording import many, quoted

TITLE = "Answers given away"
BLIND = (
    "Cannot see a hint in other words than the label itself, nor columns and authors that are not "
    "in the table."
)
_FEWEST = 5
_EDGE_SHARE = 0.04
_SURE = 0.95
_TELLING = 0.9
_CUE = r"(?:label|category|class|kind|intent|tag|topic|type|folder|queue|art|kategorie)"
_AUTHORS = re.compile(
    r"author|user|customer|client|sender|from|e-?mail|person|patient|speaker|writer|reviewer"
    r"|account|autor|kunde|absender|group|family|household|session|thread",
    re.IGNORECASE,
)


def leaks(material: Material) -> list[Problem]:
    """Everything that makes a test easier than real life, where there are labels."""
    found = []
    if material.labelled:
        found += _spelled(material) + _codes_in_texts(material) + _telling_columns(material)
        found += _time(material)
    return found + _authors(material)


# --- in the text ---------------------------------------------------------------------------------


def _spelled(material: Material) -> list[Problem]:
    """Rows whose text names their own label as a mark, or at its beginning or end."""
    marks = {label: _mark(label) for label in material.labels}
    plainly = [plain(text) for text in material.texts]
    names = {label: plain(label) for label in material.labels}
    marked, own, other, inside = [], [], 0, 0
    for n, text in enumerate(material.texts):
        label = material.labels[material.codes[n]]
        if marks[label].search(text):
            marked.append(n)
        edge = {name for name in names.values() if name and _at_edge(plainly[n], name)}
        if names[label] in edge:
            own.append(n)
        elif f" {names[label]} " in plainly[n]:
            inside += 1
        elif edge:
            other += 1
    at = marked if len(marked) >= _FEWEST else []
    kinds = {int(material.codes[n]) for n in own}
    # real texts end with the names of some kinds, spelled-out answers with those of nearly all
    most = len(kinds) >= 0.6 * len(names)
    enough = len(own) >= max(_FEWEST, _EDGE_SHARE * len(plainly))
    if enough and most and other <= 0.1 * len(own):
        at = sorted({*at, *own})
    return [_spelled_finding(material, at)] if at else []


def _mark(label: str) -> re.Pattern[str]:
    """The label after a word such as "category:", in brackets, after "#", or as an odd spelling."""
    name = re.escape(label)
    ways = [rf"\b{_CUE}\s*[:=]\s*[\"'“]?{name}\b", rf"[\[(<{{]\s*{name}\s*[\])>}}]", rf"#{name}\b"]
    ways.append(rf"__label__{name}\b")
    if re.search(r"[_/\\|]|\w-\w", label):
        ways.append(rf"(?<!\w){name}(?!\w)")
    return re.compile("|".join(ways), re.IGNORECASE)


def _at_edge(text: str, name: str) -> bool:
    longer = len(text) > len(name)
    return longer and (text.startswith(f"{name} ") or text.endswith(f" {name}"))


def _spelled_finding(material: Material, at: Sequence[int]) -> Problem:
    return material.finding(
        "label-in-text",
        at=at,
        severity=Severity.warning,
        words=Words(
            title=f"The name of the kind stands in {many(len(at), 'text')}.",
            why=(
                "The model will learn to read that word instead of the rest. In real texts it is "
                "missing, and the score promises far too much."
            ),
            remedy="Take the word out of the texts in the file and add it again.",
            mend="review-rows",
        ),
    )


_CODE = re.compile(r"\b([A-Z]{2,6})[-_#]?\d{2,}\b")


def _codes_in_texts(material: Material) -> list[Problem]:
    """Codes such as RF-1042 whose letters tell the label."""
    kinds: dict[str, Counter[int]] = defaultdict(Counter)
    where: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(material.texts):
        for letters in set(_CODE.findall(text[:2000])):
            kinds[letters][int(material.codes[n])] += 1
            where[letters].append(n)
    sizes = Counter(material.codes.tolist())
    telling = [
        letters
        for letters, counts in kinds.items()
        if counts.total() >= _FEWEST
        and counts.most_common(1)[0][1] >= _SURE * counts.total()
        and counts.most_common(1)[0][1] >= 0.3 * sizes[counts.most_common(1)[0][0]]
    ]
    at = sorted({n for letters in telling for n in where[letters]})
    if len(telling) < 2 or len(at) < _EDGE_SHARE * len(material.texts):  # noqa: PLR2004 - one code alone is a product
        return []
    return [
        material.finding(
            "code-tells-label",
            at=at,
            severity=Severity.warning,
            words=Words(
                title=f"Codes such as {quoted(sorted(telling))} in the texts tell the kind.",
                why="The model learns the code instead of the text; a new text may have none.",
                remedy="Take the codes out of the texts, unless every real text has one.",
                mend="review-rows",
            ),
        )
    ]


# --- in other columns ----------------------------------------------------------------------------


def _telling_columns(material: Material) -> list[Problem]:
    """Columns whose value, or place in order, decides the label."""
    found = []
    for name, cells in material.extra.items():
        told = _told_by_value(material, cells) or _told_by_prefix(material, cells)
        how = "its values" if told else ""
        if not told and _sorted_by_label(material, cells):
            told, how = list(range(len(cells))), "the order of its numbers"
        if told:
            found.append(_telling(material, name, told, how=how, cells=cells))
    return found


def _told_by_value(material: Material, cells: Sequence[str]) -> list[int]:
    values: dict[str, Counter[int]] = defaultdict(Counter)
    for n, cell in enumerate(cells):
        if cell:
            values[cell][int(material.codes[n])] += 1
    often = {value for value, counts in values.items() if counts.total() >= _FEWEST}
    rows = sum(values[v].total() for v in often)
    right = sum(values[v].most_common(1)[0][1] for v in often)
    usual = max(Counter(material.codes.tolist()).values()) / len(cells)
    decided = {values[v].most_common(1)[0][0] for v in often}
    enough = rows >= 0.5 * len(cells) and len(decided) > 1
    if enough and right >= _SURE * rows and usual < _TELLING:
        return [n for n, cell in enumerate(cells) if cell in often]
    return []


_STEM = re.compile(r"^(\D{2,12})\d+$")


def _told_by_prefix(material: Material, cells: Sequence[str]) -> list[int]:
    """Identifiers such as SP-0012: their letters."""
    matches = [_STEM.match(cell) for cell in cells]
    stems = [match[1] if match else "" for match in matches]
    return _told_by_value(material, stems) if len(set(stems)) > 1 else []


def _sorted_by_label(material: Material, cells: Sequence[str]) -> bool:
    """Whether the rows, put in the order of these numbers, come label by label."""
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit() and len(cell) < 19]  # noqa: PLR2004 - what fits 64 bits
    if len(numbers) != len(cells) or len(set(numbers)) < 0.9 * len(cells):
        return False
    order = sorted(range(len(cells)), key=lambda n: numbers[n])
    ordered = material.codes[order]
    runs = 1 + int((ordered[1:] != ordered[:-1]).sum())
    sizes = Counter(material.codes.tolist()).values()
    expected = len(cells) - sum(size * size for size in sizes) / len(cells)
    return runs < 0.1 * expected


def _telling(
    material: Material, name: str, at: list[int], *, how: str, cells: Sequence[str]
) -> Problem:
    inside = sum(bool(cells[n]) and len(cells[n]) > 2 and cells[n] in material.texts[n] for n in at)  # noqa: PLR2004 - "1" is in any text
    seen = inside >= 0.2 * len(at)
    problem = material.finding(
        "column-tells-label",
        at=at,
        severity=Severity.warning if seen else Severity.info,
        words=Words(
            title=f"The column “{name}” gives the kind away by {how}.",
            why=(
                "Its values also stand in the texts, so the model will read them there."
                if seen
                else "The model does not read this column, so it does no harm as long as it stays "
                "out of the text. Files sorted by kind often hide how they were collected."
            ),
            remedy=(
                "Take the values out of the texts."
                if seen
                else "Nothing needs to be done. Do not choose this column as the text."
            ),
            shown=_told(material, at, cells),
        ),
    )
    return _in_column(problem, name)


def _told(material: Material, at: list[int], cells: Sequence[str]) -> tuple[str, ...]:
    said = (f"{cells[n]} → {material.labels[material.codes[n]]}" for n in at)
    return tuple(dict.fromkeys(said))[:SHOWN]


def _in_column(problem: Problem, name: str) -> Problem:
    return msgspec.structs.replace(problem, place=Place(file=problem.place.file, column=name))


def _authors(material: Material) -> list[Problem]:
    """Columns that name who wrote a row, where people wrote several."""
    found = []
    for name, cells in material.extra.items():
        if not _AUTHORS.search(name):
            continue
        counts = Counter(cell for cell in cells if cell)
        several = {cell for cell, count in counts.items() if count > 1}
        at = [n for n, cell in enumerate(cells) if cell in several]
        if len(counts) < 3 or len(at) < 0.2 * len(cells):  # noqa: PLR2004 - a few pairs do not matter
            continue
        problem = material.finding(
            "same-author",
            at=at,
            severity=Severity.info,
            words=Words(
                title=f"{many(len(several), 'value')} of “{name}” come on several rows.",
                why=(
                    "Rows by the same author or of the same group resemble each other. When some "
                    "are learned and some tested, the score is better than for people not yet seen."
                ),
                remedy="Keep the rows of each on one side of the split.",
                shown=tuple(
                    f"{cell}: {many(count, 'row')}" for cell, count in counts.most_common(5)
                ),
                mend="group-split",
            ),
        )
        found.append(_in_column(problem, name))
    return found


# --- time ----------------------------------------------------------------------------------------

_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y")


def _time(material: Material) -> list[Problem]:
    """Kinds that come and go with time: then the past does not foretell the future."""
    found = []
    for name, cells in material.extra.items():
        if material.columns[name].kind is not ColumnKind.date:
            continue
        dates = [_date(cell) for cell in cells]
        known = [n for n, date in enumerate(dates) if date is not None]
        if len(known) < 40:  # noqa: PLR2004 - halves of fewer say nothing
            continue
        known.sort(key=lambda n: str(dates[n]))
        half = len(known) // 2
        moved = _differ(material, known[:half], known[half:])
        if moved:
            found.append(_in_column(_time_finding(material, name, known[half:], moved), name))
    return found


def _date(text: str) -> datetime | None:
    whole = text.strip()
    try:
        return datetime.fromisoformat(whole).replace(tzinfo=None)
    except ValueError:
        pass
    day = whole if re.search("[a-z]", whole) else whole.split(" ")[0]
    for form in _DATES:
        try:
            return datetime.strptime(day, form)  # noqa: DTZ007 - only the order matters
        except ValueError:
            continue
    return None


def _differ(material: Material, early: list[int], late: list[int]) -> str:
    """The label whose share changed most between two times; empty when chance explains it."""
    size = len(material.labels)
    tables = []
    for part in (early, late):
        counts = Counter(material.codes[part].tolist())
        tables.append([counts[k] for k in range(size)])
    kept = [k for k in range(size) if tables[0][k] + tables[1][k] >= _FEWEST]
    if len(kept) < 2:  # noqa: PLR2004 - a comparison takes two
        return ""
    counts_kept = [[table[k] for k in kept] for table in tables]
    if chi2_contingency(counts_kept).pvalue > 1e-6:  # noqa: PLR2004 - not by chance in a million looks
        return ""
    moved = max(kept, key=lambda k: abs(tables[1][k] / len(late) - tables[0][k] / len(early)))
    return material.labels[moved]


def _time_finding(material: Material, name: str, at: list[int], moved: str) -> Problem:
    return material.finding(
        "time-changes-labels",
        at=at,
        severity=Severity.warning,
        words=Words(
            title=f"How often a kind comes changes with “{name}”, “{moved}” most.",
            why=(
                "Rows are drawn for the test from all times, so the model is tested on a past it "
                "partly knows. On what comes next it may do worse than the score says."
            ),
            remedy="Keep the newest rows in a file of their own and test the finished model on it.",
        ),
    )
