"""An open SQLite file: transactions, settings, errors in the user's words. Knows no rows."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar

import msgspec

from zeroapp.data.faults import keeping
from zeroapp.data.schema import migrate

_BUSY_SECONDS = 20.0
_T = TypeVar("_T")


class Database:
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
    def create(cls, path: Path, *, settings: Mapping[str, object]) -> Self:
        """Make the file whole or not at all, and open it."""
        part = path.with_name(f"{path.name}.part")
        with keeping(path):
            part.unlink(missing_ok=True)
            connection = _connect(part, mode="rwc")
            try:
                # of some 100 rows each: an import takes a tenth more time with SQLite's 4096
                connection.execute("PRAGMA page_size=16384")
                migrate(connection, path=path)
                connection.executemany(
                    "INSERT INTO settings VALUES (?, ?)",
                    [(key, as_json(value)) for key, value in settings.items()],
                )
            finally:
                connection.close()
            part.replace(path)
        return cls(path)

    def again(self) -> Self:
        """The same file opened once more: its transactions do not show here before they end."""
        return type(self)(self.path)

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

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside a transaction: the changes made inside are dropped when an exception leaves it."""
        with self._lock, keeping(self.path):
            self._connection.execute("SAVEPOINT part")
            try:
                yield
                self._connection.execute("RELEASE part")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
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
        self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, as_json(value)))

    def revision(self) -> int:
        """Counts the changes of rows and roles; what was derived from an older one is stale."""
        return self.setting("revision", kind=int) or 0

    def changed(self) -> None:
        """Say that rows or roles are others now."""
        self.put_setting("revision", value=self.revision() + 1)

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


def as_json(value: object) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(value).decode()
