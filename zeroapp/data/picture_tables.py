"""Tables whose cells name picture files: they become the names of the pictures that are kept."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from zeroapp.data.doctor import Notes
from zeroapp.data.faults import reading
from zeroapp.data.picture_keeper import Keeper
from zeroapp.data.readers import open_table
from zeroapp.data.table import Table, TableRow, aside
from zeroapp.dataset import Cells, Repair, SetAside
from zeroapp.errors import DataError
from zeroapp.pictures import is_picture

_LOOKED_AT = 50
_MOST = 0.6
"""Share of the first cells of a column that must name pictures; some may be missing."""

_FRAMES = "first-frame"


def names_pictures(table: Path, *, below: Path) -> bool:
    """Whether a column of the table names pictures that lie below a folder."""
    try:
        opened = open_table(table)
        with closing(opened.read()) as items:
            rows = [i.cells for i in islice(items, _LOOKED_AT) if isinstance(i, TableRow)]
    except DataError:
        return False
    return naming_column(rows, places=Places(below)) is not None


class Places:
    """Finds files that cells name, below one folder and never outside of it."""

    def __init__(self, below: Path) -> None:
        self._below = below.resolve()
        self._by_name: dict[str, list[Path]] | None = None

    def find(self, cell: str) -> Path | None:
        """The picture that a cell names: by its place, or by its name when only one has it."""
        said = Path(cell.strip().replace("\\", "/"))
        if not is_picture(said):
            return None
        place = (self._below / said).resolve()
        if place.is_relative_to(self._below) and place.is_file():
            return place
        if self._by_name is None:
            self._by_name = {}
            for path in self._below.rglob("*"):
                if is_picture(path) and path.is_file():
                    self._by_name.setdefault(path.name, []).append(path)
        found = self._by_name.get(said.name, [])
        return found[0] if len(found) == 1 else None


class PictureTable:
    """See `Table`: another table, with pictures in place of their names in one column.

    A row whose picture is missing or cannot be read is set aside with its reason.
    """

    def __init__(self, table: Table, *, below: Path, keeper: Keeper) -> None:
        self._table = table
        self._places = Places(below)
        self._keeper = keeper
        self._notes = Notes(table.name)
        self.path: Path = table.path
        self.name: str = table.name
        self.encoding: str = table.encoding
        self.delimiter: str = table.delimiter
        self.bytes: int = table.bytes
        self.sha256: str = table.sha256

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; a last one holds the pictures' own names."""
        return (*self._table.columns, *(("file",) if "file" not in self._table.columns else ()))

    def read(self) -> Generator[TableRow | SetAside, None, None]:
        """Every row of the table in order."""
        with closing(self._table.read()) as items:
            first = list(islice(items, _LOOKED_AT))
            rows = [item.cells for item in first if isinstance(item, TableRow)]
            column = naming_column(rows, places=self._places)
            yield from self._shown(first, column=column)
            yield from self._shown(items, column=column)

    def position(self) -> int:
        """How many bytes of the file have been read."""
        return self._table.position()

    def repairs(self) -> list[Repair]:
        """What was put right so far."""
        return [*self._table.repairs(), *self._notes.repairs()]

    def _shown(
        self,
        items: Iterator[TableRow | SetAside] | Sequence[TableRow | SetAside],
        column: str | None,
    ) -> Iterator[TableRow | SetAside]:
        for item in items:
            if isinstance(item, SetAside) or column is None:
                yield item
            else:
                yield self._row(item, column=column)

    def _row(self, row: TableRow, *, column: str) -> TableRow | SetAside:
        said = row.cells.get(column, "")
        place = self._places.find(said)
        if place is None:
            reason = (
                "There is no such picture beside the table." if said else "No picture is named."
            )
            return aside(self.name, line=row.line, reason=reason, raw=said)
        try:
            cells = kept_cells(place, keeper=self._keeper, notes=self._notes)
        except DataError as error:
            return aside(self.name, line=row.line, reason=error.title, raw=said)
        return TableRow(row.line, {"file": said, **row.cells, column: cells})


def kept_cells(path: Path, *, keeper: Keeper, notes: Notes) -> str:
    """The name of the stored picture. Raises DataError, ResourceError."""
    before = keeper.animated
    with reading(path):
        name = keeper.keep(path)
    if keeper.animated > before:
        notes.add(_FRAMES, change=(path.name, "its first picture"))
    return name


def naming_column(rows: Sequence[Cells], *, places: Places) -> str | None:
    """The column most of whose cells name pictures that are there."""
    counts: dict[str, int] = {}
    for cells in rows:
        for name, cell in cells.items():
            if places.find(cell) is not None:
                counts[name] = counts.get(name, 0) + 1
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] >= _MOST * len(rows) else None
