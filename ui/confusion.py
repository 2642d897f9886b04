"""Which kinds are mistaken for which, folded to the worst. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from zeroapp.report import Confusion

OTHERS = "all other kinds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A confusion table to show. counts[i][j]: truly labels[i], answered labels[j].

    others: how many kinds the last row and column stand for, 0 for none.
    others_right: rows of those kinds that were answered rightly.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    others: int = 0
    others_right: int = 0

    def right(self, index: int) -> int:
        """Right answers in a row of the table."""
        folded = self.others and index == len(self.labels) - 1
        return self.others_right if folded else self.counts[index][index]

    def row_total(self, index: int) -> int:
        """Rows that truly are of this kind."""
        return sum(self.counts[index])


def fold(table: Confusion, *, keep: int) -> Folded:
    """The `keep` kinds with most mistakes to or from them, worst first; the rest as one.

    Nothing is folded when that would hide only one kind. All counts stay in the table.
    """
    n = len(table.labels)
    if n <= keep + 1:
        return Folded(labels=table.labels, counts=table.counts)
    weight = [_mistakes(table.counts, i) for i in range(n)]
    kept = sorted(range(n), key=lambda i: (-weight[i], i))[:keep]
    rest = [i for i in range(n) if i not in kept]
    groups = [[i] for i in kept] + [rest]
    counts = tuple(tuple(_sum(table.counts, a, b) for b in groups) for a in groups)
    names = tuple(table.labels[i] for i in kept)
    return Folded(
        labels=(*names, OTHERS),
        counts=counts,
        others=len(rest),
        others_right=sum(table.counts[i][i] for i in rest),
    )


def _mistakes(counts: Sequence[Sequence[int]], index: int) -> int:
    given = sum(row[index] for row in counts)
    return sum(counts[index]) + given - 2 * counts[index][index]


def _sum(counts: Sequence[Sequence[int]], rows: Sequence[int], columns: Sequence[int]) -> int:
    return sum(counts[i][j] for i in rows for j in columns)


def worst_pairs(table: Confusion, *, limit: int) -> list[tuple[str, str, int]]:
    """(truth, answer, how often) of the commonest mistakes, most first."""
    found = [
        (truth, answer, table.counts[i][j])
        for i, truth in enumerate(table.labels)
        for j, answer in enumerate(table.labels)
        if i != j and table.counts[i][j]
    ]
    return sorted(found, key=lambda pair: -pair[2])[:limit]
