"""Shares and names in plain words, rounded so that they never promise too much."""

from collections.abc import Sequence

_HUNDRED = 100


def of_hundred(right: int, *, n: int) -> str:
    """A share as "97 of 100". Only all right says 100, only none says 0."""
    rate = _HUNDRED * right / n
    nearest = round(rate)
    if nearest == _HUNDRED and right < n:
        return "more than 99 of 100"
    if nearest == 0 and right > 0:
        return "fewer than 1 of 100"
    return f"{nearest} of 100"


def quoted(label: str) -> str:
    """A label as it stands in a sentence."""
    return f"“{label}”"


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """Names with commas, at most `most` of them, and how many more there are."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {more} more" if more > 0 else shown
