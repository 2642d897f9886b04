"""A table whose rows come from a function, for formats that are not lines of cells."""

from collections.abc import Callable, Generator, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from zeroapp.checksum import sha256_of
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned
from zeroapp.data.table import MAX_FIELD, TableRow, aside
from zeroapp.dataset import Repair, SetAside

Rows = Callable[[Notes], Iterator[TableRow | SetAside]]
"""Gives every row in order and notes what it puts right."""

_LONG = "A cell has more than a million characters."


class ListedTable:
    """See `Table`. about: rows to expect, for the progress; 0 when nobody knows."""

    delimiter = ""

    def __init__(
        self, path: Path, *, scanned: Scanned, columns: Sequence[str], rows: Rows, notes: Notes
    ) -> None:
        self.path = path
        self.name = notes.file
        self.encoding = scanned.encoding
        self.bytes = scanned.size
        self.sha256 = scanned.sha256
        self.columns = tuple(columns)
        self.about = 0
        self._rows = rows
        self._notes = notes
        self._done = 0

    def read(self) -> Generator[TableRow | SetAside, None, None]:
        """Every row in order, read or set aside; a cell without end sets its row aside."""
        known = set(self.columns)
        for item in self._rows(self._notes):
            self._done += 1
            if isinstance(item, SetAside):
                yield item
                continue
            if any(len(cell) > MAX_FIELD for cell in item.cells.values()):
                start = next(iter(item.cells.values()), "")
                yield aside(self.name, line=item.line, reason=_LONG, raw=start)
                continue
            if not known.issuperset(item.cells):
                known.update(item.cells)
                self.columns = (*self.columns, *(c for c in item.cells if c not in self.columns))
            yield item

    def position(self) -> int:
        """How many bytes of the file have been read, as far as one can tell."""
        if not self.about:
            return self.bytes if self._done else 0
        return min(self.bytes, self.bytes * self._done // self.about)

    def told(self, kind: str) -> None:
        """Note something about the file as a whole."""
        self._notes.add(kind)

    def repairs(self) -> list[Repair]:
        """What was put right so far."""
        return self._notes.repairs()


def refused(path: Path, *, reason: str) -> ListedTable:
    """What cannot be read, a file or a folder, as a table of one row, which is set aside.

    Where even its bytes cannot be read, the hash is that of its place, to know it again by.
    """
    try:
        size, checksum = path.stat().st_size, sha256_of(path)
    except OSError:
        size, checksum = 0, sha256(f"unreadable\0{path.resolve()}".encode()).hexdigest()
    scanned = Scanned(size=size, sha256=checksum, encoding="", head=b"")

    def rows(_: Notes) -> Iterator[TableRow | SetAside]:
        yield aside(path.name, line=1, reason=reason, raw="")

    return ListedTable(path, scanned=scanned, columns=(), rows=rows, notes=Notes(path.name))
