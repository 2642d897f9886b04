"""How well a column can be foretold from a text: what tells a label from a city or a state.

Naive Bayes on the words (pairs of letters where there are no spaces), learned on one half of the
rows and tried on the other. Needs no language and no names of columns; knows no roles.
"""

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence

_WORDS = re.compile(r"[^\W_]+")
_LONGEST_WORD = 12
_MOST_ROWS = 1200
_MOST_WORDS = 40
_MOST_VALUES = 200
_FEWEST = 20


def foretold(texts: Sequence[str], values: Sequence[str]) -> float:
    """From 0 (no better than always the most common value) to 1 (always right).

    texts[i] and values[i] are of one row; rows in which one is blank do not count. 0 too when there
    are fewer than 40 rows or more than 200 values.
    """
    pairs = [(t, v.strip()) for t, v in zip(texts, values, strict=True) if t.strip() and v.strip()]
    pairs = pairs[:: max(1, len(pairs) // _MOST_ROWS)]
    different = {value for _, value in pairs}
    if not 1 < len(different) <= min(_MOST_VALUES, len(pairs) // 2):
        return 0.0
    # The same text is always on the same side: to know it by heart is not to foretell it.
    halves: tuple[list[tuple[set[str], str]], list[tuple[set[str], str]]] = ([], [])
    for text, value in pairs:
        halves[zlib.crc32(text.encode("utf-8", "replace")) % 2].append((_pieces(text), value))
    learn, try_on = halves
    if min(len(learn), len(try_on)) < _FEWEST:
        return 0.0
    common, _ = Counter(value for _, value in learn).most_common(1)[0]
    always = sum(value == common for _, value in try_on) / len(try_on)
    right = _right(learn, try_on) / len(try_on)
    return max(0.0, (right - always) / (1 - always)) if always < 1 else 0.0


def _right(learn: Sequence[tuple[set[str], str]], try_on: Sequence[tuple[set[str], str]]) -> int:
    prior = Counter(value for _, value in learn)
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for pieces, value in learn:
        for piece in pieces:
            seen[piece][value] += 1
    right = 0
    for pieces, truth in try_on:
        scores = {value: math.log(count) for value, count in prior.items()}
        for piece in pieces & seen.keys():
            for value, count in prior.items():
                scores[value] += math.log((seen[piece][value] + 0.5) / (count + 1))
        right += max(scores, key=lambda value: scores[value]) == truth
    return right


def _pieces(text: str) -> set[str]:
    """The words of a text; of words longer than words are, such as whole Chinese sentences, pairs
    of letters.
    """
    found: set[str] = set()
    for word in _WORDS.findall(text.casefold())[:_MOST_WORDS]:
        if len(word) <= _LONGEST_WORD and word.isascii():
            found.add(word)
        else:
            found.update(word[n : n + 2] for n in range(min(len(word), 200) - 1))
    return found
