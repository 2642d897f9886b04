"""Texts that are unlike the others by their letters: another language, gibberish, boilerplate."""

import math
from collections import Counter, defaultdict
from statistics import median

from zeroapp.audit.material import Material, Words
from zeroapp.data.language import Languages
from zeroapp.data.sameness import plain
from zeroapp.errors import Problem, Severity
from zeroapp.wording import many, short
from zeroapp.work import Stopped, Work

TITLE = "Other languages, gibberish, boilerplate"
BLIND = (
    "Cannot tell the language of a text of fewer than five words, nor see two languages in one "
    "text. Gibberish made of real words passes."
)
_SURE = 0.97
_FEWEST_WORDS = 5
_FEWEST_LETTERS = 24
_SOME = 2000
_LOOKED_AT = 400


def strange_texts(material: Material, work: Work) -> list[Problem]:
    """Findings about language, gibberish and passages that come again and again."""
    main, foreign = _foreign(material, work)
    found = []
    if foreign:
        found.append(_other_language(material, foreign, main=main))
    rest = set(foreign)
    odd = [n for n in _gibberish(material.texts) if n not in rest]
    if odd:
        found.append(_gibberish_found(material, odd))
    return found + _boilerplate(material)


def _foreign(material: Material, work: Work) -> tuple[str, list[int]]:
    """The language of most texts and those that are surely in another, unless they are many."""
    languages = Languages()
    said: dict[int, str] = {}
    for n, text in enumerate(material.texts):
        if n % _SOME == 0 and work.stop_wanted():
            raise Stopped
        words = text[:_LOOKED_AT].split()
        letters = sum(map(str.isalpha, text[:_LOOKED_AT]))
        if len(words) >= _FEWEST_WORDS and letters >= _FEWEST_LETTERS:
            code, sure = languages.of(text[:_LOOKED_AT])
            said[n] = code if sure >= _SURE else ""
    known = Counter(code for code in said.values() if code)
    if not known:
        return "", []
    main, count = known.most_common(1)[0]
    if count < 0.75 * known.total():
        return "", []
    return main, [n for n, code in said.items() if code not in ("", main)]


def _other_language(material: Material, at: list[int], *, main: str) -> Problem:
    return material.finding(
        "other-language",
        at=at,
        severity=Severity.info,
        words=Words(
            title=f"{many(len(at), 'row', verbs=('seems', 'seem'))} to be in another language.",
            why=(
                f"Most texts are in one language ({main}). A model for it reads others badly, and "
                "a few such rows are too few to learn from."
            ),
            remedy="Leave them out, or add enough rows in that language.",
            mend="review-rows",
        ),
    )


_RARE = -3.1
"""Mean log probability of a letter: one in 22, in a language with 26."""


def _gibberish(texts: list[str]) -> list[int]:
    """Texts whose runs of three letters hardly occur in the others (a trigram model of letters)."""
    plainly = [plain(text)[:_LOOKED_AT] for text in texts]
    triples: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in plainly:
        # a set: what one text repeats must not make it look usual
        triples.update({text[i : i + 3] for i in range(len(text) - 2)})
        pairs.update({text[i : i + 2] for i in range(len(text) - 1)})
    scores = {
        n: _usual(text, triples=triples, pairs=pairs)
        for n, text in enumerate(plainly)
        if len(text) >= 12  # noqa: PLR2004 - below that one rare word decides
    }
    if len(scores) < 50:  # noqa: PLR2004 - too few to know what is usual
        return []
    middle = median(scores.values())
    spread = median(abs(score - middle) for score in scores.values()) or 0.1
    low = [n for n, score in scores.items() if score < min(middle - 7 * spread, _RARE)]
    return sorted(low, key=lambda n: scores[n])


def _usual(text: str, *, triples: Counter[str], pairs: Counter[str]) -> float:
    """Mean log probability of a letter after two others; the text itself does not count."""
    total = 0.0
    steps = range(len(text) - 2)
    for i in steps:
        seen = triples[text[i : i + 3]] - 1
        base = pairs[text[i : i + 2]] - 1
        total += math.log((seen + 0.1) / (base + 3.0))
    return total / max(1, len(steps))


def _gibberish_found(material: Material, at: list[int]) -> Problem:
    return material.finding(
        "gibberish",
        at=at,
        severity=Severity.info,
        words=Words(
            title=f"{many(len(at), 'row', verbs=('looks', 'look'))} like no words at all.",
            why="Their letters follow each other as in no other text: nothing can be learned here.",
            remedy="Leave them out, unless such texts really come and are of a kind of their own.",
            mend="review-rows",
        ),
    )


_RUN = 8
_FEWEST_ROWS = 5
_SHARE = 0.02


def _boilerplate(material: Material) -> list[Problem]:
    """A passage of eight words that comes in many texts which are otherwise different."""
    where: dict[tuple[str, ...], set[int]] = defaultdict(set)
    groups = material.near.groups
    for n, text in enumerate(material.texts):
        words = text[:4000].split()
        for i in range(len(words) - _RUN + 1):
            where[tuple(words[i : i + _RUN])].add(n)
    bar = max(_FEWEST_ROWS, _SHARE * len(material.texts))
    common = {
        run: rows
        for run, rows in where.items()
        if len(rows) >= bar and len({groups[n] for n in rows}) >= _FEWEST_ROWS
    }
    if not common:
        return []
    run, _ = max(common.items(), key=lambda item: len(item[1]))
    at = sorted(set().union(*common.values()))
    return [
        material.finding(
            "boilerplate",
            at=at,
            severity=Severity.info,
            words=Words(
                title=f"The same passage comes in {many(len(at), 'row')}.",
                why=(
                    "Greetings, footers and notices say nothing about the kind, use up room that "
                    "the model could read, and make different texts look alike."
                ),
                remedy="Cut the passage out in the file, if it says nothing about the kind.",
                shown=(short(f"… {' '.join(run)} …"), *(material.quote(n) for n in at[:3])),
            ),
        )
    ]
