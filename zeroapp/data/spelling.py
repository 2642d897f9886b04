"""Writes kinds that differ only in capitals and spaces in one way. Knows counts, no storage."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

MOST_KINDS = 2000
"""With more different values a column holds no kinds, and nothing is respelled."""


class Kinds:
    """How often each value comes in each column of a file, counted while its rows come."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._too_many: set[str] = set()

    def add(self, column: str, *, values: Iterable[str]) -> None:
        """Count more values of a column."""
        if column in self._too_many:
            return
        self._counts[column].update(values)
        if len(self._counts[column]) > MOST_KINDS:
            self._too_many.add(column)
            del self._counts[column]

    def of(self, column: str) -> Mapping[str, int]:
        """The counts of a column; none when it has too many different values to hold kinds."""
        return self._counts.get(column, {})


def respelled(counts: Mapping[str, int], *, settled: Mapping[str, int]) -> dict[str, str]:
    """For each spelling that gives way: what it becomes.

    counts: how often each value comes in the new rows; settled: in rows that were there before,
    whose spelling wins. Among equals the most frequent wins, then the one that is not all
    capitals. Cannot see typos, plurals or dashes: those stay, and the check names them.
    """
    if len(counts) > MOST_KINDS:
        return {}
    groups: dict[str, list[str]] = defaultdict(list)
    for value in {**counts, **settled}:
        if value.strip():
            groups[_key(value)].append(value)
    found: dict[str, str] = {}
    for spellings in groups.values():
        best = max(spellings, key=lambda s: (settled.get(s, 0), counts.get(s, 0), not s.isupper()))
        plain = best if best in settled else " ".join(best.split())
        found |= {s: plain for s in spellings if s in counts and s != plain}
    return found


def _key(value: str) -> str:
    return " ".join(value.casefold().split())
