"""Which texts share a row, so that few tokens are padding. Arithmetic: no tensors, no tokens."""

from collections.abc import Sequence

STRIDE = 8
"""Rows are as long as a multiple of this. Libraries make code and buffers for every new shape of a
step and keep them: with a few lengths instead of all, a run holds what its first steps held."""


def rounded(length: int) -> int:
    """The next multiple of STRIDE."""
    return -(-length // STRIDE) * STRIDE


def plan_rows(lengths: Sequence[int], *, row_length: int) -> list[list[int]]:
    """First-fit decreasing: which texts share a row, so that few tokens are padding."""
    rows: list[list[int]] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        need = lengths[index]
        row = next((r for r, left in enumerate(room) if left >= need), None)
        if row is None:
            rows.append([index])
            room.append(row_length - need)
        else:
            rows[row].append(index)
            room[row] -= need
    return rows


def layout(lengths: Sequence[int], *, usual: int, packing: bool) -> tuple[list[list[int]], int]:
    """Rows of about the usual length, and the rounded length at which little is padding; without
    packing a row for each text, as long as the longest.
    """
    total, longest = sum(lengths), max(lengths)
    if not packing:
        return [[index] for index in range(len(lengths))], rounded(longest)
    usual = max(usual, longest)
    count = -(-total // usual)
    length = rounded(max(longest, -(-total // count)))
    while True:
        rows = plan_rows(lengths, row_length=length)
        if len(rows) <= count:
            return rows, length
        length = rounded(length + 1 + length // 64)
        if length > usual * 5 // 4:
            count += 1
            length = rounded(max(longest, -(-total // count)))
