"""What an opened table is, whatever its format. Only shapes, no reading."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from zeroapp.dataset import Cells, Repair, SetAside

MAX_FIELD = 1 << 20
"""Characters of one cell; a row with a longer one is set aside."""

_SHOWN = 200
_T = TypeVar("_T")


class TableRow(NamedTuple):
    """A row that was read: the line it starts on (1 is the first of the file) and its cells."""

    line: int
    cells: Cells


Item = TableRow | SetAside


class Block(NamedTuple):
    """Rows in order: one on each line from `line` on, each with a cell for each column.

    text: the lines as they stand in the file.
    """

    line: int
    columns: tuple[str, ...]
    rows: list[list[str]]
    text: str

    def each(self) -> Iterator[TableRow]:
        """The rows one by one."""
        for line, cells in enumerate(self.rows, self.line):
            yield TableRow(line, dict(zip(self.columns, cells, strict=True)))


class Table(Protocol):
    """A table that can be read once.

    columns: complete after `read`; before it, those of the first rows. delimiter is "" where
    there is none. bytes and sha256 are of the file as it was when opened.
    """

    path: Path
    name: str
    encoding: str
    delimiter: str
    bytes: int
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""

    def read(self) -> Generator[Item, None, None]:
        """Every row of the file in order, read or set aside; closing it closes the file."""

    def position(self) -> int:
        """How many bytes of the file have been read."""

    def repairs(self) -> list[Repair]:
        """What was put right so far; complete once `read` has ended."""


@runtime_checkable
class Wholesale(Protocol):
    """A table that gives rows in order in blocks, to whoever has no use for each by itself."""

    def blocks(self) -> Generator[Block | Item, None, None]:
        """What `Table.read` gives, in blocks where that can be."""


def wholesale(table: Table) -> Generator[Block | Item, None, None]:
    """A table's rows in blocks where it has such, else one by one."""
    return table.blocks() if isinstance(table, Wholesale) else table.read()


def one_by_one(table: Wholesale) -> Generator[Item, None, None]:
    """What such a table gives, row by row; closing it closes the file."""
    with closing(table.blocks()) as items:
        yield from singly(items)


def portions(items: Iterable[Block | Item], *, size: int) -> Iterator[Block | list[Item]]:
    """Each block, and what comes between them in lists of up to `size`."""
    some: list[Item] = []
    for item in items:
        if not isinstance(item, Block):
            some.append(item)
            if len(some) < size:
                continue
        if some:
            yield some
            some = []
        if isinstance(item, Block):
            yield item
    if some:
        yield some


def ahead(items: Iterator[_T]) -> Generator[_T, None, None]:
    """The same items, the next of which a second thread reads while one is in use.

    Closing it waits for that thread: only then may what gives the items be closed.
    """
    with ThreadPoolExecutor(1) as second:
        coming = second.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = second.submit(next, items, None)
            yield item


def singly(items: Iterable[Block | Item]) -> Iterator[Item]:
    """What `wholesale` gives, one by one."""
    for item in items:
        if isinstance(item, Block):
            yield from item.each()
        else:
            yield item


def aside(file: str, *, line: int, reason: str, raw: str) -> SetAside:
    """A row set aside: broken bytes are shown by their numbers, zero bytes as a visible sign."""
    shown = raw[:_SHOWN].rstrip("\n").encode("utf-8", "backslashreplace").decode()
    return SetAside(
        file=file, line=line, reason=reason, raw=shown.replace("\0", "\N{SYMBOL FOR NULL}")[:_SHOWN]
    )
