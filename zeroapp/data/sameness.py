"""When two texts count as the same. Knows characters, nothing of rows or labels."""

import re
import unicodedata
from functools import cache

_DIGITS = re.compile(r"\d+")


class _Folded(dict[int, str]):
    """Code point -> what is left of it, filled as characters are met (str.translate asks it)."""

    def __missing__(self, point: int) -> str:
        category = unicodedata.category(chr(point))
        # Emoji and currency signs say something; marks belong to letters (Hindi, Thai).
        kept = category[0] in "LMN" or category in {"So", "Sc"}
        self[point] = chr(point) if kept else " "
        return self[point]


@cache
def _folded() -> _Folded:
    return _Folded()


def plain(text: str) -> str:
    """The text without case, punctuation and spacing: equal for texts a reader calls the same.

    A text of punctuation alone stays as it is. Misses typos, greetings and paraphrases.
    """
    whole = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(whole.translate(_folded()).split()) or " ".join(whole.split())


def split_key(text: str) -> str:
    """`plain` with every number written 0: rows that differ in an order number stay together."""
    return _DIGITS.sub("0", plain(text))
