"""Brings files into a project, whole or not at all. Knows readers and the store."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from zeroapp import tasks
from zeroapp.data.doctor import Notes
from zeroapp.data.faults import reading
from zeroapp.data.gate import TABLES, all_set_aside, no_tables
from zeroapp.data.readers import Table, TableRow, open_table
from zeroapp.data.roles import columns_of, guess_roles
from zeroapp.data.store import Holder, Store
from zeroapp.dataset import Repair, Roles, SetAside, SourceFile
from zeroapp.errors import DataError
from zeroapp.protocol import Imported, Noted, PhaseEntered, Progressed
from zeroapp.work import Stopped, Work

_CHUNK = 2000
_LOOK_AT = 5000
_SAY_EVERY = 0.2
_SCAN_SHARE = 0.1
"""Finding hash and encoding takes about a tenth of the time that reading the rows takes."""


def import_paths(project: Holder, paths: Sequence[Path], work: Work) -> Imported:
    """Read files, and all tables in folders, into the project; guess the roles that are not set.

    All or nothing: an error (see `open_table`; DataError "no-tables" for a folder without any;
    ResourceError "disk-full", "project-busy") or a stop, which raises Stopped, leaves the project
    as it was. A file whose content is there already is noted and skipped. For every file rows in
    = rows stored + rows set aside. Other writers to the project wait until the import ends.
    """
    files = [file for path in paths for file in _expand(path)]
    store = project.store.again()
    try:
        with store.transaction():
            imported = _Import(store, work=work, total=sum(size for _, size, _ in files)).run(
                files, task=project.task
            )
        store.settle()
        return imported
    finally:
        store.close()


_Found = tuple[Path, int, bool]
"""A file, its size, and whether it was found in a folder (then it may be passed over)."""


def _expand(path: Path) -> list[_Found]:
    """The file itself, or the tables below a folder in alphabetical order."""
    with reading(path):
        if not path.is_dir():
            return [(path, path.stat().st_size, False)]
        next(path.iterdir(), None)  # says when a permission is missing; rglob keeps silent
        found = [
            (file, file.stat().st_size, True)
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in TABLES and file.is_file() and not _hidden(file, below=path)
        ]
    if not found:
        raise no_tables(path)
    return found


def _hidden(file: Path, *, below: Path) -> bool:
    return any(part.startswith((".", "~")) for part in file.relative_to(below).parts)


class _Import:
    """One import call inside one transaction."""

    def __init__(self, store: Store, *, work: Work, total: int) -> None:
        self._store = store
        self._work = work
        self._total = total
        self._before = 0
        self._began = time.monotonic()
        self._said = 0.0

    def run(self, files: Sequence[_Found], *, task: str) -> Imported:
        """Import all files. A bad one ends the import, unless it lies in a folder with others."""
        added: list[SourceFile] = []
        bad = 0
        for path, size, in_folder in files:
            self._work.say(PhaseEntered(phase="importing", title=f"Reading {path.name}"))
            table = self._open(path, in_folder=in_folder)
            if table is None:
                bad += 1
            elif self._is_new(table):
                added.append(self._add(table, in_folder=in_folder))
            self._before += size
        if files and bad == len(files):
            raise no_tables(files[0][0].parent)
        if added:
            self._guess_roles(task)
            self._store.changed()
        self._advance(0, last=True)
        return Imported(
            rows_stored=sum(file.rows_stored for file in added),
            rows_set_aside=sum(file.rows_set_aside for file in added),
            files=len(added),
        )

    def _open(self, path: Path, *, in_folder: bool) -> Table | None:
        try:
            return open_table(path, watch=lambda read: self._advance(int(read * _SCAN_SHARE)))
        except DataError as error:
            if not in_folder:
                raise
            self._note("warning", text=f"{error.title} {error.hint}", code=error.code)
            return None

    def _is_new(self, table: Table) -> bool:
        if self._store.has_hash(table.sha256):
            text = f"“{table.name}” was added before. It was not added a second time."
            self._note("info", text=text, code="already-imported")
            return False
        if any(file.name == table.name for file in self._store.files()):
            text = (
                f"Another “{table.name}” was added before. The rows of both are in the project now."
            )
            self._note("warning", text=text, code="same-name")
        return True

    def _add(self, table: Table, *, in_folder: bool) -> SourceFile:
        renamed = self._renamed(table)
        number = self._store.add_file(_entry(table), columns=())
        items = table.read()
        while chunk := list(islice(items, _CHUNK)):
            rows = (item for item in chunk if isinstance(item, TableRow))
            self._store.add_rows(number, rows=_rename(rows, names=renamed))
            aside = (item for item in chunk if isinstance(item, SetAside))
            self._store.add_set_aside(number, items=aside)
            read = table.position() * (1 - _SCAN_SHARE) + table.bytes * _SCAN_SHARE
            self._advance(int(read))
        columns = [renamed.get(name, name) for name in table.columns]
        file = self._store.complete(number, columns=columns)
        self._store.add_repairs(number, repairs=[*table.repairs(), *_told(table.name, renamed)])
        if not file.rows_stored and not in_folder:
            raise all_set_aside(table.path, first=self._store.first_set_aside(number))
        return file

    def _renamed(self, table: Table) -> dict[str, str]:
        """Columns of this file that differ from earlier ones only in case: old name -> name."""
        earlier = {name.casefold(): name for name in reversed(self._store.columns())}
        taken = set(table.columns)
        return {
            name: known
            for name in table.columns
            if (known := earlier.get(name.casefold())) and known != name and known not in taken
        }

    def _guess_roles(self, task: str) -> None:
        roles = self._store.setting("roles", kind=Roles) or {}
        kind = tasks.get(task)
        if all(role.key in roles for role in kind.roles if role.required):
            return
        rows = self._store.every(max(1, self._store.count() // _LOOK_AT))
        columns = columns_of([row.cells for row in rows], names=self._store.columns())
        guess = guess_roles(kind, columns=columns)
        new = {key: name for key, name in guess.items() if name not in roles.values()}
        self._store.put_setting("roles", value={**new, **roles})

    def _note(self, level: str, *, text: str, code: str) -> None:
        self._work.say(Noted(level=level, text=text, code=code))

    def _advance(self, read: int, *, last: bool = False) -> None:
        """Say how far it is (read: bytes of the file in hand) and stop when that is wanted."""
        if self._work.stop_wanted():
            raise Stopped
        passed = time.monotonic() - self._began
        if not last and passed - self._said < _SAY_EVERY:
            return
        self._said = passed
        done = min(self._before + read, self._total)
        left = passed * (self._total - done) / done if done else None
        self._work.say(Progressed(done=done, total=self._total, unit="bytes", seconds_left=left))


def _rename(rows: Iterable[TableRow], *, names: Mapping[str, str]) -> Iterable[TableRow]:
    if not names:
        return rows
    return (
        TableRow(line, {names.get(name, name): cell for name, cell in cells.items()})
        for line, cells in rows
    )


def _entry(table: Table) -> SourceFile:
    return SourceFile(
        name=table.name,
        path=str(table.path.resolve()),
        sha256=table.sha256,
        bytes=table.bytes,
        rows_in=0,
        rows_stored=0,
        rows_set_aside=0,
        encoding=table.encoding,
        delimiter=table.delimiter,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _told(file: str, renamed: dict[str, str]) -> list[Repair]:
    notes = Notes(file)
    for _ in renamed:
        notes.add("column-renamed")
    return notes.repairs()
