"""A folder of pictures as one table: a row for each, its kind from the folders it lies in."""

from collections.abc import Iterator

from zeroapp.data.doctor import Notes
from zeroapp.data.finding import Source, spread_out
from zeroapp.data.folders import kinds_of, scanned_whole
from zeroapp.data.listed import ListedTable
from zeroapp.data.picture_keeper import Keeper
from zeroapp.data.picture_tables import kept_cells
from zeroapp.data.table import TableRow, aside
from zeroapp.dataset import SetAside
from zeroapp.errors import DataError


def open_pictures(source: Source, *, keeper: Keeper, off: frozenset[str]) -> ListedTable:
    """The pictures of a folder. A row's line is its number, in order of names.

    A picture that cannot be read is set aside with its reason. Raises what `reading` raises.
    """
    notes = Notes(source.origin.name, off=off)
    kinds = kinds_of(list(spread_out(source.members, below=source.path)), notes=notes)
    columns = ("picture", *dict.fromkeys(name for kind in kinds for name in kind), "file")

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, (file, kind) in enumerate(zip(source.members, kinds, strict=True), start=1):
            shown = file.relative_to(source.path).as_posix()
            try:
                name = kept_cells(file, keeper=keeper, notes=notes)
            except DataError as error:
                yield aside(notes.file, line=line, reason=error.title, raw=shown)
            else:
                yield TableRow(line, {"picture": name, **kind, "file": shown})

    table = ListedTable(
        source.origin, scanned=scanned_whole(source), columns=columns, rows=rows, notes=notes
    )
    table.about = len(source.members)
    return table
