"""Finds the row with the column names in a grid of cells that may begin with titles."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from zeroapp.data.dialect import is_header
from zeroapp.data.doctor import Notes, mend_header

_LOOK_AT = 200
_TITLES = 12
_WIDE_ENOUGH = 0.6

Grid = Sequence[Sequence[str]]


def first_row(grid: Grid) -> int:
    """Which row the table begins with: the first about as wide as most; those above are titles."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in grid[:_LOOK_AT]]
    wide = Counter(count for count in filled if count > 1)
    if not wide:
        return next((at for at, count in enumerate(filled) if count), 0)
    (usual, _), *_ = wide.most_common(1)
    for at, count in enumerate(filled[: _TITLES + 1]):
        if count >= max(2, _WIDE_ENOUGH * usual):
            return at
    return 0


class Head:
    """What was found at the top of a grid: the columns, and the number of rows before the data."""

    def __init__(self, grid: Grid, *, notes: Notes) -> None:
        start = next((at for at, row in enumerate(grid) if any(map(str.strip, row))), 0)
        if notes.wants("title-rows"):
            titles = first_row(grid)
            shown = [" | ".join(filter(None, map(str.strip, row))) for row in grid[start:titles]]
            for title in filter(None, shown):
                notes.add("title-rows", change=(title, ""))
            start = titles
        first = grid[start]
        filled = [row for row in grid[start:] if any(row)]
        used = [n for n, _ in enumerate(first) if any(row[n].strip() for row in filled)]
        self.kept = range(used[0], used[-1] + 1) if used else range(0)
        top = [first[n] for n in self.kept]
        below = [[row[n] for n in self.kept] for row in islice(grid, start + 1, start + _LOOK_AT)]
        named = is_header(top, rows=below) if notes.wants("no-header") else True
        if named:
            self.columns = mend_header(top, notes=notes)
        else:
            self.columns = tuple(f"column {n}" for n, _ in enumerate(top, start=1))
            notes.add("no-header", change=(" | ".join(top), " | ".join(self.columns)))
        self.skip = start + named
        again = named and len(top) > 1 and notes.wants("header-again")
        self._names = top if again else None

    def rows(self, grid: Grid, *, notes: Notes) -> Iterator[tuple[int, dict[str, str]]]:
        """Line (1 is the first of the grid) and cells of every row that is not blank."""
        for line, row in enumerate(islice(grid, self.skip, None), start=self.skip + 1):
            cells = [row[n] for n in self.kept]
            if cells == self._names:
                notes.add("header-again", change=(" | ".join(cells), ""))
            elif any(map(str.strip, cells)) or not notes.wants("empty-rows"):
                yield line, dict(zip(self.columns, cells, strict=True))
            else:
                notes.add("empty-rows")
