"""The project's SQLite file: rows, where they came from, settings, splits. No folders, no rules."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Protocol, TypeVar

import msgspec

from zeroapp.data.faults import keeping
from zeroapp.data.schema import migrate
from zeroapp.dataset import (
    Cells,
    DatasetProfile,
    Part,
    Repair,
    Roles,
    Row,
    SetAside,
    SourceFile,
)
from zeroapp.errors import Place, Problem
from zeroapp.report import ExportRecord

_BUSY_SECONDS = 20.0
_PAGE = 5000
_CELLS = msgspec.json.Decoder(Cells)
_T = TypeVar("_T")


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


class Store:
    """An open project.db. Window and worker may each have one open at the same time (WAL).

    Every method may be called from any thread. Trouble with the file is a ResourceError.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, which must exist, and bring it to the newest version."""
        self.path = path
        self._lock = RLock()
        with keeping(path):
            self._connection = _connect(path)
            try:
                migrate(self._connection, path=path)
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=NORMAL")
            except BaseException:
                self._connection.close()
                raise

    @classmethod
    def create(cls, path: Path, *, settings: Mapping[str, object]) -> "Store":
        """Make the file whole or not at all, and open it."""
        part = path.with_name(f"{path.name}.part")
        with keeping(path):
            part.unlink(missing_ok=True)
            connection = _connect(part, mode="rwc")
            try:
                migrate(connection, path=path)
                connection.executemany(
                    "INSERT INTO settings VALUES (?, ?)",
                    [(key, _json(value)) for key, value in settings.items()],
                )
            finally:
                connection.close()
            part.replace(path)
        return cls(path)

    def again(self) -> "Store":
        """The same file opened once more: its transactions do not show here before they end."""
        return Store(self.path)

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made inside are kept together, or none when an exception leaves it."""
        with self._lock, keeping(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself; then there is nothing to undo.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def settle(self) -> None:
        """Move what is in the write-ahead log into the file: after a large import it is as big.

        When somebody is reading just then, or the disk is full, a later opener does it.
        """
        with self._lock, suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # --- settings ------------------------------------------------------------------------------

    def setting(self, key: str, *, kind: type[_T]) -> _T | None:
        """The value kept under `key`, or None. kind is the type it was put in as."""
        found = self._read("SELECT value FROM settings WHERE key = ?", (key,))
        return msgspec.json.decode(found[0][0], type=kind) if found else None

    def put_setting(self, key: str, *, value: object) -> None:
        """Keep `value` (anything msgspec can write as JSON) under `key`."""
        self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, _json(value)))

    def revision(self) -> int:
        """Counts the changes of rows and roles; what was derived from an older one is stale."""
        return self.setting("revision", kind=int) or 0

    def changed(self) -> None:
        """Say that rows or roles are others now."""
        self.put_setting("revision", value=self.revision() + 1)

    # --- files and rows ------------------------------------------------------------------------

    def add_file(self, file: SourceFile, *, columns: Sequence[str]) -> int:
        """Enter a file and return its number; `complete` it once its rows are in."""
        values = msgspec.structs.astuple(file)
        marks = ", ".join("?" * (len(values) + 1))
        with self._lock, keeping(self.path):
            cursor = self._connection.execute(
                f"INSERT INTO files ({', '.join(SourceFile.__struct_fields__)}, columns)"  # noqa: S608 - names of our own struct
                f" VALUES ({marks})",
                (*values, _json(list(columns))),
            )
        return int(cursor.lastrowid or 0)

    def complete(self, file: int, *, columns: Sequence[str]) -> SourceFile:
        """Set a file's columns, and its counts from what is really stored."""
        self._write(
            "UPDATE files SET columns = ?,"
            " rows_stored = (SELECT COUNT(*) FROM rows WHERE file_id = files.id),"
            " rows_set_aside = (SELECT COUNT(*) FROM set_aside WHERE file_id = files.id)"
            " WHERE id = ?",
            (_json(list(columns)), file),
        )
        self._write("UPDATE files SET rows_in = rows_stored + rows_set_aside WHERE id = ?", (file,))
        return self._files("WHERE id = ?", (file,))[0]

    def add_rows(self, file: int, *, rows: Iterable[tuple[int, Cells]]) -> None:
        """Keep rows of a file: line (1 is the first) and cells."""
        encode = msgspec.json.encode
        self._write_many(
            "INSERT INTO rows (file_id, line, cells) VALUES (?, ?, ?)",
            ((file, line, encode(cells).decode()) for line, cells in rows),
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
            "INSERT INTO repairs (file_id, kind, sentence, count) VALUES (?, ?, ?, ?)",
            ((file, item.kind, item.sentence, item.count) for item in repairs),
        )

    def has_hash(self, sha256: str) -> bool:
        """Whether a file of this content was imported before."""
        return bool(self._read("SELECT 1 FROM files WHERE sha256 = ?", (sha256,)))

    def files(self) -> list[SourceFile]:
        """The imported files, oldest first."""
        return self._files("ORDER BY id", ())

    def columns(self) -> list[str]:
        """Every column of every file, in the order of first appearance."""
        found = self._read("SELECT columns FROM files ORDER BY id")
        names = (name for (text,) in found for name in msgspec.json.decode(text))
        return list(dict.fromkeys(names))

    def columns_by_file(self) -> dict[str, list[str]]:
        """File name -> the columns of the imported files of that name."""
        found: dict[str, list[str]] = {}
        for name, text in self._read("SELECT name, columns FROM files ORDER BY id"):
            found.setdefault(name, []).extend(msgspec.json.decode(text))
        return found

    def place(self, row: int) -> Place:
        """Where a stored row came from."""
        found = self._rows("WHERE rows.id = ?", (row,))
        return Place(file=found[0].file, line=found[0].line) if found else Place()

    def count(self) -> int:
        """How many rows are stored."""
        return int(self._read("SELECT COUNT(*) FROM rows")[0][0])

    def count_set_aside(self) -> int:
        """How many rows were set aside."""
        return int(self._read("SELECT COUNT(*) FROM set_aside")[0][0])

    def preview(self, *, limit: int, offset: int = 0) -> list[Row]:
        """`limit` rows from the `offset`-th on, in the order they were read."""
        return self._rows("ORDER BY rows.id LIMIT ? OFFSET ?", (limit, offset))

    def rows(self) -> Iterator[Row]:
        """Every row in the order it was read; holds a page at a time in memory."""
        last = 0
        while page := self._rows("WHERE rows.id > ? ORDER BY rows.id LIMIT ?", (last, _PAGE)):
            yield from page
            last = page[-1].id

    def every(self, step: int) -> list[Row]:
        """Each `step`-th row, for a look at the whole without reading all of it."""
        return self._rows("WHERE rows.id % ? = 0 ORDER BY rows.id", (step,))

    def set_aside(self, *, limit: int) -> list[SetAside]:
        """The first `limit` rows that could not be read."""
        found = self._read(
            "SELECT files.name, line, reason, raw FROM set_aside"
            " JOIN files ON files.id = file_id ORDER BY set_aside.id LIMIT ?",
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
            "SELECT files.name, kind, sentence, count FROM repairs"
            " JOIN files ON files.id = file_id ORDER BY repairs.id"
        )
        return [Repair(file=f, kind=kind, sentence=s, count=n) for f, kind, s, n in found]

    def _files(self, tail: str, values: tuple[object, ...]) -> list[SourceFile]:
        names = SourceFile.__struct_fields__
        found = self._read(f"SELECT {', '.join(names)} FROM files {tail}", values)  # noqa: S608 - written above
        return [msgspec.convert(dict(zip(names, row, strict=True)), SourceFile) for row in found]

    def _rows(self, tail: str, values: tuple[object, ...]) -> list[Row]:
        found = self._read(
            "SELECT rows.id, files.name, line, cells FROM rows"  # noqa: S608 - tail is written above, never from outside
            f" JOIN files ON files.id = file_id {tail}",
            values,
        )
        decode = _CELLS.decode
        return [Row(id=i, file=f, line=line, cells=decode(cells)) for i, f, line, cells in found]

    # --- splits and exports --------------------------------------------------------------------

    def split(self, version: str, *, seed: int) -> tuple[Roles, dict[int, Part]] | None:
        """The roles and parts of a split by row id, or None when it was never made."""
        found = self._read(
            "SELECT id, roles FROM splits WHERE version = ? AND seed = ?", (version, seed)
        )
        if not found:
            return None
        number, roles = found[0]
        parts = self._read("SELECT row_id, part FROM split_rows WHERE split_id = ?", (number,))
        named = {part.value: part for part in Part}
        return msgspec.json.decode(roles, type=Roles), {row: named[part] for row, part in parts}

    def add_split(
        self, version: str, *, seed: int, roles: Roles, parts: Mapping[int, Part]
    ) -> None:
        """Keep a split for ever; one that is already kept stays as it is."""
        with self.transaction():
            if self._read("SELECT 1 FROM splits WHERE version = ? AND seed = ?", (version, seed)):
                return
            cursor = self._connection.execute(
                "INSERT INTO splits (version, seed, roles) VALUES (?, ?, ?)",
                (version, seed, _json(roles)),
            )
            number = cursor.lastrowid
            self._write_many(
                "INSERT INTO split_rows VALUES (?, ?, ?)",
                ((number, row, part.value) for row, part in parts.items()),
            )

    def exports(self) -> list[ExportRecord]:
        """The finished exports, oldest first."""
        found = self._read("SELECT record FROM exports ORDER BY id")
        return [msgspec.json.decode(text, type=ExportRecord) for (text,) in found]

    def add_export(self, record: ExportRecord) -> None:
        """Enter a finished export."""
        self._write("INSERT INTO exports (record) VALUES (?)", (_json(record),))

    # --- SQLite --------------------------------------------------------------------------------

    def _read(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._lock, keeping(self.path):
            return self._connection.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        with self._lock, keeping(self.path):
            self._connection.execute(sql, values)

    def _write_many(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        with self._lock, keeping(self.path):
            self._connection.executemany(sql, values)


def _connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Autocommit: transactions are begun by hand. Threads are kept apart by the store's lock."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
