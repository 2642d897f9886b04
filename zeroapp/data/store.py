"""The project's SQLite file: rows, where they came from, settings, splits. No folders, no rules."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, starmap
from typing import Any, NamedTuple, Protocol

import msgspec

from zeroapp.data.database import as_json
from zeroapp.data.edit_log import Line
from zeroapp.data.faults import keeping
from zeroapp.data.finding_store import FindingStore
from zeroapp.data.records import Records
from zeroapp.data.table import Block
from zeroapp.dataset import (
    Cells,
    Change,
    DatasetProfile,
    Repair,
    Row,
    SetAside,
    SourceFile,
)
from zeroapp.errors import Place, Problem

_PAGE, _FIRST_PAGE = 5000, 100
_AT_ONCE = 200
_CELLS = msgspec.json.Decoder(Cells)
_INSERT = "INSERT INTO rows (file_id, line, cells) VALUES "


class Packed(NamedTuple):
    """A block as it is stored: rows, one on each line from `line` on, as a list in JSON."""

    line: int
    rows: str


class Holder(Protocol):
    """Whatever holds a store and knows its task; `zeroapp.project.Project` does."""

    @property
    def store(self) -> "Store":
        """The rows and settings."""

    @property
    def task(self) -> str:
        """The task's key."""

    def store_check(self, profile: DatasetProfile, problems: Sequence[Problem]) -> None:
        """Keep the result of a check, unless the data has changed meanwhile."""


class Store(FindingStore, Records):
    """An open project.db. Window and worker may each have one open at the same time (WAL).

    Every method may be called from any thread. Trouble with the file is a ResourceError.
    """

    # --- files and rows ------------------------------------------------------------------------

    def add_file(self, file: SourceFile, *, columns: Sequence[str]) -> int:
        """Enter a file and return its number; `complete` it once its rows are in, and before
        the next is entered.
        """
        values = msgspec.structs.astuple(file)
        marks = ", ".join("?" * (len(values) + 1))
        with self._lock, keeping(self.path):
            cursor = self._connection.execute(
                f"INSERT INTO files ({', '.join(SourceFile.__struct_fields__)}, columns, first_row)"  # noqa: S608 - names of our own struct
                f" VALUES ({marks}, (SELECT COALESCE(MAX(id), 0) + 1 FROM rows))",
                (*values, as_json(list(columns))),
            )
        return int(cursor.lastrowid or 0)

    def complete(self, file: int, *, columns: Sequence[str]) -> SourceFile:
        """Set a file's columns, and its counts from what is really stored."""
        self._write(
            "UPDATE files SET columns = ?,"
            " rows_stored = (SELECT COALESCE(MAX(id), 0) + 1 FROM rows) - first_row,"
            " rows_set_aside = (SELECT COUNT(*) FROM set_aside WHERE file_id = files.id)"
            " WHERE id = ?",
            (as_json(list(columns)), file),
        )
        self._write("UPDATE files SET rows_in = rows_stored + rows_set_aside WHERE id = ?", (file,))
        return self._files("WHERE id = ?", (file,))[0]

    def add_rows(self, file: int, *, rows: Iterable[tuple[int, Cells]]) -> None:
        """Keep rows of a file: line (1 is the first) and cells."""
        values = ((line, as_json(cells)) for line, cells in rows)
        with self._lock, keeping(self.path):
            # one statement for many rows takes two thirds of the time of `executemany`
            while some := tuple(chain.from_iterable(islice(values, _AT_ONCE))):
                marks = ", ".join(["(?1, ?, ?)"] * (len(some) // 2))
                self._connection.execute(_INSERT + marks, (file, *some))

    def add_block(self, file: int, *, block: Packed) -> None:
        """Keep a block of rows of a file."""
        # In one statement, Python's lock is free all the while: the next block is read meanwhile.
        self._write(
            "INSERT INTO rows (file_id, line, cells) SELECT ?, ? + key, value FROM json_each(?)",
            (file, block.line, block.rows),
        )

    def add_set_aside(self, file: int, *, items: Iterable[SetAside]) -> None:
        """Keep what could not be read of a file."""
        self._write_many(
            "INSERT INTO set_aside (file_id, line, reason, raw) VALUES (?, ?, ?, ?)",
            ((file, item.line, item.reason, item.raw) for item in items),
        )

    def add_repairs(self, file: int, *, repairs: Iterable[Repair]) -> None:
        """Keep what was put right while reading a file."""
        self._write_many(
            "INSERT INTO repairs (file_id, kind, sentence, count, shown, lasting, undone)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (file, r.kind, r.sentence, r.count, as_json(r.shown), r.lasting, r.undone)
                for r in repairs
            ),
        )

    def respell(self, file: int, *, column: str, words: Mapping[str, str]) -> int:
        """Replace whole cells of a column in a file's rows; gives how many rows changed.

        For rows that were stored in the same transaction only: what runs may know stays as it is.
        """
        count = 0
        begin, end = self.span(file)
        page = "SELECT id, cells FROM rows WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        while rows := self._read(page, (begin, end, _PAGE)):
            begin = rows[-1][0] + 1
            changed = []
            for number, text in rows:
                cells = _CELLS.decode(text)
                if (now := words.get(cells.get(column, ""))) is not None:
                    changed.append((as_json({**cells, column: now}), number))
            self._write_many("UPDATE rows SET cells = ? WHERE id = ?", changed)
            count += len(changed)
        return count

    def values_of(self, column: str, *, file: int) -> dict[str, int]:
        """How often each value comes in a column of a file's rows."""
        value = _value_of(column)
        page = "SELECT cells FROM rows WHERE id BETWEEN ? AND ?"
        with self._lock, keeping(self.path):
            found = self._connection.execute(page, self.span(file))
            return Counter(value(text) for (text,) in found)

    def has_hash(self, sha256: str) -> bool:
        """Whether a file of this content was imported before."""
        return bool(self._read("SELECT 1 FROM files WHERE sha256 = ?", (sha256,)))

    def replace_file(self, old: int, *, new: int) -> None:
        """Let one reading of a file give way to another; the rows of both stay, edits hold on."""
        self._write("UPDATE files SET replaced = 1 WHERE id = ?", (old,))
        self._write("UPDATE files SET replaced = 0 WHERE id = ?", (new,))
        self.carry(old, new=new)

    def without(self, file: int, *, kinds: Sequence[str]) -> None:
        """Enter which repairs a file was read without."""
        self._write("UPDATE files SET without = ? WHERE id = ?", (as_json(sorted(kinds)), file))

    def reading_of(self, file: int) -> tuple[SourceFile, tuple[str, ...]] | None:
        """A file that is in use and the repairs it was read without."""
        found = self._read("SELECT without FROM files WHERE id = ? AND NOT replaced", (file,))
        if not found:
            return None
        without = tuple(msgspec.json.decode(found[0][0], type=list[str]))
        return self._files("WHERE id = ?", (file,))[0], without

    def earlier_reading(
        self, sha256: str, *, without: Sequence[str], encoding: str = ""
    ) -> int | None:
        """The last replaced reading of the same content without exactly these repairs."""
        found = self._read(
            "SELECT id FROM files WHERE sha256 = ? AND without = ? AND replaced"
            " AND ? IN ('', encoding) ORDER BY id DESC",
            (sha256, as_json(sorted(without)), encoding),
        )
        return int(found[0][0]) if found else None

    def numbers(self) -> dict[str, int]:
        """The hash of each file in use -> its number."""
        found = self._read("SELECT sha256, id FROM files WHERE NOT replaced ORDER BY id")
        return {sha256: int(number) for sha256, number in found}

    def hashes(self, numbers: Sequence[int]) -> dict[str, int]:
        """The hash of each of these files -> its number."""
        found = self._read(
            "SELECT sha256, id FROM files WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (as_json(list(numbers)),),
        )
        return {sha256: int(number) for sha256, number in found}

    def files(self) -> list[SourceFile]:
        """The imported files, oldest first."""
        return self._files("WHERE NOT replaced ORDER BY id", ())

    def columns(self) -> list[str]:
        """Every column of every file, in the order of first appearance."""
        found = self._read("SELECT columns FROM files WHERE NOT replaced ORDER BY id")
        names = [name for (text,) in found for name in msgspec.json.decode(text)]
        return list(dict.fromkeys([*names, *self.line().columns]))

    def columns_by_file(self) -> dict[str, list[str]]:
        """File name -> the columns of the imported files of that name."""
        found: dict[str, list[str]] = {}
        for name, text in self._read(
            "SELECT name, columns FROM files WHERE NOT replaced ORDER BY id"
        ):
            found.setdefault(name, []).extend(msgspec.json.decode(text))
        return {name: [*columns, *self.line().columns] for name, columns in found.items()}

    def place(self, row: int) -> Place:
        """Where a stored row came from."""
        found = self._rows("WHERE rows.id = ?", (row,), replaced=True)
        return Place(file=found[0].file, line=found[0].line) if found else Place()

    def count(self) -> int:
        """How many rows there are; those in the bin do not count."""
        return self._count_stored() - len(self.binned_now())

    def _count_stored(self) -> int:
        found = self._read("SELECT TOTAL(rows_stored) FROM files WHERE NOT replaced")
        return int(found[0][0])

    def binned_now(self) -> list[int]:
        """The ids of the rows in the bin whose file is in use."""
        gone = self.binned(self.line())
        if not gone:
            return []
        found = self._read(
            "SELECT rows.id FROM rows JOIN files ON files.id = file_id AND NOT replaced"
            " WHERE rows.id IN (SELECT value FROM json_each(?)) ORDER BY rows.id",
            (as_json(gone),),
        )
        return [row for (row,) in found]

    def row_ids(self) -> list[int]:
        """The ids of all rows that are not in the bin, in the order they were read."""
        found = self._read(
            "SELECT first_row, first_row + rows_stored FROM files WHERE NOT replaced"
            " ORDER BY first_row"
        )
        gone = set(self.binned(self.line()))
        return [row for first, end in found for row in range(first, end) if row not in gone]

    def count_set_aside(self) -> int:
        """How many rows were set aside."""
        found = self._read(
            "SELECT COUNT(*) FROM set_aside JOIN files ON files.id = file_id WHERE NOT replaced"
        )
        return int(found[0][0])

    def preview(self, *, limit: int, offset: int = 0) -> list[Row]:
        """`limit` rows from the `offset`-th on, in the order they were read."""
        return list(islice(self.rows(), offset, offset + limit))

    def rows(self, *, replaced: bool = False, line: Line | None = None) -> Iterator[Row]:
        """Every row as it is now, in the order it was read; holds a page at a time in memory.

        replaced: also those of readings that gave way, which older runs learned from. line: as
        the rows were under other edits (see `EditLog.line`).
        """
        line = line or self.line()
        last, size = 0, _FIRST_PAGE
        tail = "WHERE rows.id > ? ORDER BY rows.id LIMIT ?"
        while page := self._rows(tail, (last, size), replaced=replaced):
            yield from self.overlaid(page, line=line)
            last, size = page[-1].id, _PAGE

    def rows_of(self, ids: Sequence[int]) -> list[Row]:
        """These rows as they are now, in the order of their ids; also when they are in the bin."""
        found = self._rows(
            "WHERE rows.id IN (SELECT value FROM json_each(?)) ORDER BY rows.id",
            (as_json(list(ids)),),
            replaced=True,
        )
        return self.overlaid(found, line=self.line(), bin_too=True)

    def pages(self, file: int, *, only: Sequence[int] | None = None) -> Iterator[list[Row]]:
        """The rows of a reading as they were read, page by page; only: no others than these ids."""
        begin, end = self.span(file)
        tail = "WHERE rows.id BETWEEN ? AND ?"
        values: tuple[object, ...] = ()
        if only is not None:
            tail += " AND rows.id IN (SELECT value FROM json_each(?))"
            values = (as_json(list(only)),)
        tail += " ORDER BY rows.id LIMIT ?"
        while page := self._rows(tail, (begin, end, *values, _PAGE), replaced=True):
            yield page
            begin = page[-1].id + 1

    def every(self, step: int) -> list[Row]:
        """Each `step`-th row, for a look at the whole without reading all of it."""
        (last,) = self._read("SELECT MAX(id) FROM rows")[0]
        found = self._rows(
            "WHERE rows.id IN (SELECT value FROM json_each(?)) ORDER BY rows.id",
            (as_json(list(range(step, (last or 0) + 1, step))),),
        )
        return self.overlaid(found, line=self.line())

    def set_aside(self, *, limit: int) -> list[SetAside]:
        """The first `limit` rows that could not be read."""
        found = self._read(
            "SELECT files.name, line, reason, raw FROM set_aside"
            " JOIN files ON files.id = file_id WHERE NOT replaced ORDER BY set_aside.id LIMIT ?",
            (limit,),
        )
        return [SetAside(file=f, line=line, reason=why, raw=raw) for f, line, why, raw in found]

    def first_set_aside(self, file: int) -> str:
        """Why the first row of a file was set aside."""
        found = self._read(
            "SELECT reason FROM set_aside WHERE file_id = ? ORDER BY id LIMIT 1", (file,)
        )
        return str(found[0][0]) if found else ""

    def repairs(self) -> list[Repair]:
        """What was put right while reading, file by file."""
        found = self._read(
            "SELECT files.name AS file, kind, sentence, count, shown, file_id AS number, lasting,"
            " undone FROM repairs JOIN files ON files.id = file_id WHERE NOT replaced"
            " ORDER BY repairs.id"
        )
        return [_repair(row) for row in found]

    def _files(self, tail: str, values: tuple[object, ...]) -> list[SourceFile]:
        names = SourceFile.__struct_fields__
        found = self._read(f"SELECT {', '.join(names)} FROM files {tail}", values)  # noqa: S608 - written above
        return [msgspec.convert(dict(zip(names, row, strict=True)), SourceFile) for row in found]

    def _rows(self, tail: str, values: tuple[object, ...], *, replaced: bool = False) -> list[Row]:
        # CROSS JOIN keeps SQLite walking along the rows, not along the files.
        only = "" if replaced else " AND NOT files.replaced"
        found = self._read(
            "SELECT rows.id, files.name, line, cells FROM rows"  # noqa: S608 - tail is written above, never from outside
            f" CROSS JOIN files ON files.id = file_id{only} {tail}",
            values,
        )
        decode = _CELLS.decode
        return [Row(id=i, file=f, line=line, cells=decode(cells)) for i, f, line, cells in found]


def _value_of(column: str) -> Callable[[str], str]:
    """What reads the cell of a column from a row's JSON, past the others where that can be."""
    try:
        one = msgspec.defstruct("One", [("value", str, "")], rename={"value": column})
    except ValueError:  # a name with quotation marks, backslashes or controls
        return lambda text: _CELLS.decode(text).get(column, "")
    decode: Callable[[str], Any] = msgspec.json.Decoder(one).decode
    return lambda text: str(decode(text).value)


def packed(block: Block) -> Packed:
    """A block as it is stored."""
    shape = _shape_of(tuple(block.columns))
    rows: list[object] = (
        list(starmap(shape, block.rows)) if shape else [row.cells for row in block.each()]
    )
    return Packed(block.line, as_json(rows))


@lru_cache(maxsize=8)
def _shape_of(columns: tuple[str, ...]) -> type[msgspec.Struct] | None:
    """A row of such columns, written in a third of the time that a dict takes."""
    names = {f"c{number}": name for number, name in enumerate(columns)}
    try:
        return msgspec.defstruct("Row", [(key, str) for key in names], rename=names, gc=False)
    except ValueError:  # a name with quotation marks, backslashes or controls; two that are alike
        return None


def _repair(row: tuple[Any, ...]) -> Repair:
    file, kind, sentence, count, shown, number, lasting, undone = row
    return Repair(
        file=file,
        kind=kind,
        sentence=sentence,
        count=count,
        shown=msgspec.json.decode(shown, type=tuple[Change, ...]),
        number=number,
        lasting=bool(lasting),
        undone=bool(undone),
    )
