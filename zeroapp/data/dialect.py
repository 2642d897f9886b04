"""How a table is written: what separates its cells, whether its first row names the columns."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = "\x1f"
"""Stands for "no delimiter": a control sign (unit separator) that no text holds."""

_LOOK_AT = 200
_LONGEST_NAME = 40
_MOST_WORDS = 5
_BROKEN_NAME = 3
"""Words of a name that is written on several lines, as in the head of a sheet."""

_SHORT_NAME = 2
_CONSISTENT = 0.5
_MOSTLY = 0.8
_SEVERAL = 10
_MOST_TITLES = 15
_FEW_ROWS = 6
_EXCEL = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
_FIGURES = re.compile(r"^[-+]?\d[\d.,:/ TZ-]*%?$")
"""A number, a date or a time."""


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """delimiter: between cells. header: the first row has names. skip: lines before it.

    titles: of these lines, those that say something. sample: the first records, as they parse
    without any repair, the header included.
    """

    delimiter: str
    header: bool
    skip: int
    titles: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...]


def recognise(
    lines: Sequence[str], *, tabs_likely: bool, off: Collection[str] = (), prose: bool = False
) -> Dialect:
    """The dialect of a table that starts with `lines` (at least one that is not blank).

    prose: it may be no table at all, but a text: then commas within sentences part no cells.
    off: kinds of repairs not to make: "title-rows", "no-header", "delimiter".
    """
    skip = 0
    while skip < len(lines) and not lines[skip].strip():
        skip += 1
    told = _EXCEL.match(lines[skip])
    if told:
        delimiter, skip = told[1], skip + 1
    elif "delimiter" in off:
        delimiter = "\t" if tabs_likely else ","
    else:
        delimiter = _delimiter(lines[skip:], tabs_likely=tabs_likely)
    titles = 0 if "title-rows" in off else _titles(lines[skip:], delimiter=delimiter)
    above = [line.strip() for line in lines[skip : skip + titles]]
    skip += titles
    sample = _records(lines[skip:], delimiter=delimiter)
    named = bool(sample) and is_header(sample[0], rows=sample[1:])
    if prose and not named and _within_sentences(sample):
        delimiter = ONE_COLUMN
        sample = _records(lines[skip:], delimiter=delimiter)
        named = is_header(sample[0], rows=sample[1:])
    return Dialect(
        delimiter=delimiter,
        header=named or "no-header" in off,
        skip=skip,
        titles=tuple(filter(None, above)),
        sample=tuple(tuple(record) for record in sample),
    )


def _records(lines: Sequence[str], *, delimiter: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    found: list[list[str]] = []
    while len(found) < _LOOK_AT:
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(cell.strip() for cell in record):
            found.append(record)
    return found


def _within_sentences(records: Sequence[Sequence[str]]) -> bool:
    """Whether rows are of many widths, and nearly all cells but the first begin with a space, as
    words behind a comma do.
    """
    (_, most), *_ = Counter(map(len, records)).most_common(1) or [(0, 0)]
    behind = [cell for record in records for cell in record[1:] if cell.strip()]
    spaced = sum(cell.startswith(" ") for cell in behind)
    return most < _MOSTLY * len(records) and spaced > _MOSTLY * len(behind)


def _titles(lines: Sequence[str], *, delimiter: str) -> int:
    """How many lines stand above the table: a few with one cell, or with less than half the cells
    that the rows of the table have, as banks write their account and the dates.
    """
    widths = _widths(_records(lines, delimiter=delimiter))
    usual = _usual(widths)
    if usual < 2 or delimiter == ONE_COLUMN:  # noqa: PLR2004 - a table has two
        return 0
    reader = csv.reader(lines, delimiter=delimiter)
    above = 0
    for _ in range(_MOST_TITLES + 1):
        try:
            record = next(reader, [])
        except csv.Error:
            return 0
        filled = sum(bool(cell.strip()) for cell in record)
        if filled > 1 and (len(record) >= usual or 2 * filled >= usual):
            return above if len(record) == usual else 0
        above = reader.line_num
    return 0


def _widths(records: Sequence[Sequence[str]]) -> list[int]:
    """Cells of each record; one with a single filled cell counts as one cell, as titles do."""
    return [1 if sum(map(bool, map(str.strip, r))) == 1 else len(r) for r in records]


def _usual(widths: Sequence[int]) -> int:
    """The width of nearly all records from the first one on that has it; 0 when there is none."""
    (usual, count), *_ = Counter(widths).most_common(1) or [(0, 0)]
    below = len(widths) - widths.index(usual) if widths else 0
    return usual if len(widths) > _FEW_ROWS and count >= _MOSTLY * below else 0


def _delimiter(lines: Sequence[str], *, tabs_likely: bool) -> str:
    """The one that cuts most records into as many cells as the first; rows may be ragged."""
    best = (_CONSISTENT, 0, ONE_COLUMN)
    for delimiter in DELIMITERS:
        records = _records(lines, delimiter=delimiter)
        widths = [len(record) for record in records]
        if not any(sum(map(bool, map(str.strip, record))) > 1 for record in records):
            continue  # at the end of lines, as commas in a poem are
        usual = _usual(_widths(records))
        first = widths[0] if widths[0] > 1 and 2 * widths[0] >= usual else usual
        if first <= 1:
            continue
        same = sum(width == first for width in widths)
        more = sum(width > first for width in widths)
        share = (same + 0.5 * more) / len(widths) + (tabs_likely and delimiter == "\t")
        best = max(best, (share, first, delimiter))
    return best[2]


def is_header(first: Sequence[str], *, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns.

    A name does not come again below it, unless the whole line does. It stands out in a column of
    numbers or dates, and in one whose few values repeat; where there is neither, names are short
    and all others need not be.
    Cannot see a header of texts that could be data, nor miss one where a kind comes only once.
    """
    stands_out = False
    if _comes_again(first, rows=rows):
        rows = [row for row in rows if list(row) != list(first)]
    for column, cell in enumerate(first):
        name = cell.strip()
        below = [value for row in rows if column < len(row) and (value := row[column].strip())]
        if not name or not below:
            continue
        if name.casefold() in map(str.casefold, below):
            return False
        if _mostly_figures(below):
            if _FIGURES.match(name):
                return False
            stands_out = True
        elif len(below) >= _SEVERAL and 2 * len(set(below)) <= len(below):
            stands_out = True
    filled = [cell.strip() for cell in first if cell.strip()]
    if len(first) == 1 and filled and not stands_out and not _shorter(filled[0], rows=rows):
        return False  # a line of plain text, such as a greeting or a chapter's number
    return bool(filled) and (stands_out or all(map(_like_a_name, filled)))


def begins_table(first: Sequence[str], *, below: Sequence[str]) -> bool:
    """Whether a line names columns of which the line below it has one of numbers or dates."""
    names, cells = ([cell.strip() for cell in line] for line in (first, below))
    named = all(names) and not any(map(_FIGURES.match, names))
    return len(names) == len(cells) > 1 and named and any(map(_FIGURES.match, cells))


def _comes_again(first: Sequence[str], *, rows: Sequence[Sequence[str]]) -> bool:
    """Whether this line names the columns of several files put together: no other comes twice, or
    it is all words of one or two, where the same rows were put in twice.
    """
    times = Counter(map(tuple, rows))
    again = times.pop(tuple(first), 0)
    short = all(0 < len(cell.split()) <= _SHORT_NAME for cell in first)
    return len(first) > 1 and again > 0 and (short or max(times.values(), default=1) == 1)


def _shorter(name: str, *, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a lone name is a word or two over texts that are mostly twice as long, or looks like
    several names in a table that is too broken to be told apart.
    """
    if any(mark in name for mark in DELIMITERS):
        return True
    shape = _shape(name)
    if "0" in shape and any(row and _shape(row[0]) == shape for row in rows):
        return False  # the first day of a diary
    words = sorted(len(row[0].split()) for row in rows if row and row[0].strip())
    usual = words[len(words) // 2] if words else 0
    return len(name) > 1 and 2 * len(name.split()) <= usual


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text.strip()))


def _mostly_figures(values: Sequence[str]) -> bool:
    return sum(bool(_FIGURES.match(value)) for value in values) > _MOSTLY * len(values)


def _like_a_name(text: str) -> bool:
    return (
        len(text) <= _LONGEST_NAME
        and len(text.split()) <= _MOST_WORDS
        and ("\n" not in text or len(text.split()) <= _BROKEN_NAME)
        and not text.endswith((".", "!", "?"))
    )
