"""Brings files into a project, whole or not at all. Knows readers and the store."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

from zeroapp import tasks
from zeroapp.data import joining
from zeroapp.data.code_pages import named
from zeroapp.data.faults import reading
from zeroapp.data.finding import Kind, Source, find, find_all, unpacking
from zeroapp.data.finding_store import user_name
from zeroapp.data.folders import open_folder
from zeroapp.data.gate import all_set_aside, no_tables, nothing_read, reason_of
from zeroapp.data.goal import guess_goal
from zeroapp.data.listed import refused
from zeroapp.data.picture_keeper import Keeper
from zeroapp.data.picture_rows import open_pictures
from zeroapp.data.picture_tables import PictureTable
from zeroapp.data.readers import Table, TableRow, open_tables
from zeroapp.data.roles import columns_of, guess_roles
from zeroapp.data.spelling import Kinds
from zeroapp.data.store import Holder, Packed, Store
from zeroapp.data.table import Block, Item, ahead, portions, singly, wholesale
from zeroapp.data.voices import told_by_files
from zeroapp.dataset import Answers, Reads, Repair, Roles, SetAside, SourceFile
from zeroapp.errors import DataError, UsageError
from zeroapp.protocol import Imported, Noted, PhaseEntered, Progressed
from zeroapp.work import Stopped, Work

_CHUNK = 500
_FIRST = 4
"""Portions of rows that are looked at to find out what the columns are."""

_PICTURES = 20
"""Pictures between two looks at the wish to stop."""

_LOOK_AT = 5000
_SAY_EVERY = 0.2
_SCAN_SHARE = 0.1
"""Finding hash and encoding takes about a tenth of the time that reading the rows takes."""

_NAMED = 5


def import_paths(
    project: Holder, paths: Sequence[Path], work: Work, *, encoding: str = ""
) -> Imported:
    """Read files, folders and archives into the project; guess the roles that are not set.

    Of several files one that cannot be read is set aside whole, with its reason. All or nothing
    otherwise: an error (see `open_tables` and `find`; ResourceError "disk-full",
    "project-busy") or a stop, which raises Stopped, leaves the project as it was. A file whose
    content is there already is noted and skipped. For every file rows in = rows stored + rows set
    aside. encoding: how the letters of all of them are read, where it is not to be guessed.
    Other writers to the project wait until the import ends.
    """
    store = project.store.again()
    try:
        with store.transaction(), unpacking(store.path.parent) as folder:
            chosen = store.setting("task", kind=str)
            wanted = chosen is None or tasks.get(chosen).reads is Reads.picture
            sources = find_all(paths, unpack_to=folder, pictures=wanted)
            task = chosen or guess_goal(sources)
            total = sum(source.size for source in sources)
            one = Import(store, work=work, total=total, task=task, encoding=encoding)
            imported = one.run(sources, task=task)
        store.settle()
        return imported
    finally:
        store.close()


def read_again(
    project: Holder, number: int, *, without: Collection[str], work: Work, encoding: str = ""
) -> Imported:
    """Read a file of the project once more, without these kinds of repairs. All or nothing.

    encoding: how its letters are read from now on; else as before, unless just that is taken back
    or made again.

    The earlier reading gives way; its rows stay for the runs that learned from them, and when the
    same reading is wanted again it comes back without a look at the file. Raises
    UsageError("no-file"), DataError("file-changed") when the file is not what it was, and what
    `import_paths` raises.
    """
    store = project.store.again()
    try:
        with store.transaction(), unpacking(store.path.parent) as folder:
            found = store.reading_of(number)
            if found is None:
                raise _no_file(number)
            file, _ = found
            read_in = encoding or _as_before(store, file, number, without=without)
            again = store.earlier_reading(file.sha256, without=tuple(without), encoding=read_in)
            if again is None:
                one = Import(
                    store, work=work, total=file.bytes, task=project.task, encoding=read_in
                )
                again = one.anew(file, number=number, without=without, task=project.task, to=folder)
            store.replace_file(number, new=again)
            store.changed()
            now = store.reading_of(again)
        store.settle()
        stored, aside = (now[0].rows_stored, now[0].rows_set_aside) if now else (0, 0)
        return Imported(rows_stored=stored, rows_set_aside=aside, files=1)
    finally:
        store.close()


class Import:
    """One import call inside one transaction."""

    def __init__(
        self, store: Store, *, work: Work, total: int, task: str, encoding: str = ""
    ) -> None:
        self._store = store
        self._encoding = encoding
        self._reads = tasks.get(task).reads
        self._work = work
        self._total = total
        self._keeper = Keeper(store.path.parent)
        self._kinds: dict[int, Kinds] = {}
        self._before = 0
        self._refused = 0
        self._began = time.monotonic()
        self._said = 0.0

    def run(self, sources: Sequence[Source], *, task: str) -> Imported:
        """Import all sources. A bad one ends the import, unless there are others beside it."""
        try:
            return self._run(sources, task=task)
        except BaseException:
            self._keeper.take_back()
            raise

    def _run(self, sources: Sequence[Source], *, task: str) -> Imported:
        added: list[tuple[int, SourceFile]] = []
        bad: list[DataError] = []
        for source in sources:
            title = f"Reading {source.prefix}{_called(source)}"
            self._work.say(PhaseEntered(phase="importing", title=title))
            bad += self._source(source, added=added, task=task)
            self._note_passed(source)
            self._before += source.size
        if sources and len(bad) == len(sources):
            raise bad[0] if sources[0].path == sources[0].origin else no_tables(sources[0].origin)
        if added and not any(file.rows_stored for _, file in added):
            first = self._store.first_set_aside(added[0][0])
            raise nothing_read(sources[0].origin, first=first)
        if added:
            self._store.put_setting("task", value=task)
            self._guess_roles(task)
            files = {number: file.name for number, file in added}
            self._respell(files, task=task, without=())
            self._store.changed()
        self._advance(0, last=True)
        return Imported(
            rows_stored=sum(file.rows_stored for _, file in added),
            rows_set_aside=sum(file.rows_set_aside for _, file in added) + self._refused,
            files=len(added),
        )

    def anew(
        self, file: SourceFile, *, number: int, without: Collection[str], task: str, to: Path
    ) -> int:
        """Read a stored file once more without some repairs; gives the new reading's number."""
        path = Path(file.path)
        self._work.say(PhaseEntered(phase="importing", title=f"Reading {file.name} again"))
        with reading(path):
            sources = find(path, unpack_to=to)
        for source in sources:
            for table in self._tables(source, off=without):
                if table.sha256 != file.sha256:
                    continue
                undone = [r for r in self._store.repairs() if r.number == number]
                new, _ = self._add(table, source=source, task=task, off=without)
                self._respell({new: file.name}, task=task, without=without)
                self._store.without(new, kinds=tuple(without))
                self._store.add_repairs(new, repairs=_taken_back(undone, without=without))
                return new
        raise _changed(file)

    def _source(
        self, source: Source, *, added: list[tuple[int, SourceFile]], task: str
    ) -> list[DataError]:
        """Import every table of a source; what is wrong with it when it may be passed over."""
        try:
            if source.refused is not None:
                raise source.refused
            for table in self._tables(source, off=()):
                if self._is_new(table, source=source):
                    with self._store.savepoint():
                        made = self._add(table, source=source, task=task, off=())
                    added.append(made)
        except DataError as error:
            if not source.passable:
                raise
            self._refuse(source, error=error, task=task)
            return [error]
        return []

    def _refuse(self, source: Source, *, error: DataError, task: str) -> None:
        """Set aside a file that cannot be read as one thing, and say so."""
        reason = reason_of(error)
        self._note("warning", text=f"{reason} It was set aside. {error.hint}", code=error.code)
        if source.kind is Kind.file:
            table = refused(source.path, reason=reason)
            if not self._store.has_hash(table.sha256):
                self._add(table, source=source, task=task, off=())
                self._refused += 1

    def _tables(self, source: Source, *, off: Collection[str]) -> Iterator[Table]:
        if source.kind is Kind.pictures:
            pictures = open_pictures(source, keeper=self._keeper, off=frozenset(off))
            return joining.mended(pictures, off=off)
        if source.kind is not Kind.file:
            folder = open_folder(source, off=frozenset(off), encoding=self._encoding)
            return joining.mended(folder, off=off)
        tables = open_tables(
            source.path,
            watch=lambda read: self._advance(int(read * _SCAN_SHARE)),
            off=off,
            encoding=self._encoding,
        )
        if self._reads is Reads.text:
            return tables
        below = source.below or source.path.parent
        return (PictureTable(table, below=below, keeper=self._keeper) for table in tables)

    def _is_new(self, table: Table, *, source: Source) -> bool:
        name = source.prefix + table.name
        if self._store.has_hash(table.sha256):
            text = f"“{name}” was added before. It was not added a second time."
            self._note("info", text=text, code="already-imported")
            return False
        if any(file.name == name and file.rows_stored for file in self._store.files()):
            text = f"Another “{name}” was added before. The rows of both are in the project now."
            self._note("warning", text=text, code="same-name")
        return True

    def _add(
        self, table: Table, *, source: Source, task: str, off: Collection[str]
    ) -> tuple[int, SourceFile]:
        """Store a table's rows and what was set aside and put right; its number and entry."""
        number = self._store.add_file(_entry(table, source=source), columns=())
        with closing(wholesale(table)) as items:
            join = self._rows(number, items, table=table, task=task, off=off)
        file = self._store.complete(number, columns=join.columns(table.columns))
        self._store.add_repairs(number, repairs=[*table.repairs(), *join.repairs()])
        if not file.rows_stored and not source.passable:
            refusal = all_set_aside if source.kind is Kind.file else nothing_read
            raise refusal(table.path, first=self._store.first_set_aside(number))
        return number, file

    def _rows(
        self,
        number: int,
        items: Iterator[Block | Item],
        *,
        table: Table,
        task: str,
        off: Collection[str],
    ) -> joining.Join:
        """Store what a table says, in portions; how its columns met those of the project."""
        texts = self._reads is Reads.text
        come = portions(items, size=_CHUNK if texts else _PICTURES)
        first = list(islice(come, _FIRST if texts else 1))
        rows = [row for p in first for row in singly([p] if isinstance(p, Block) else p)]
        join = joining.join(self._store, table=table, first=rows, task=task, off=off)
        # of the file in hand alone: those of a thousand files would fill the memory
        self._kinds = {number: Kinds()}
        ready = (
            (join.ready(portion, kinds=self._kinds[number]), table.position())
            for portion in chain(first, come)
        )
        with closing(ahead(ready)) as more:
            for portion, position in more:
                self._keep(number, portion)
                self._advance(int(position * (1 - _SCAN_SHARE) + table.bytes * _SCAN_SHARE))
        return join

    def _keep(self, number: int, portion: Packed | tuple[list[TableRow], list[SetAside]]) -> None:
        if isinstance(portion, Packed):
            self._store.add_block(number, block=portion)
            return
        rows, aside = portion
        self._store.add_rows(number, rows=rows)
        self._store.add_set_aside(number, items=aside)

    def _guess_roles(self, task: str) -> None:
        roles = self._store.setting("roles", kind=Roles) or {}
        kind = tasks.get(task)
        if not all(role.key in roles for role in kind.roles if role.required):
            stored = sum(file.rows_stored for file in self._store.files())
            rows = self._store.every(max(1, stored // _LOOK_AT))
            cells = [row.cells for row in rows]
            columns = columns_of(cells, names=self._store.columns())
            guess = guess_roles(kind, columns=columns, rows=cells)
            new = {key: name for key, name in guess.items() if name not in roles.values()}
            roles = {**new, **roles}
        roles = told_by_files(self._store, task=kind, roles=roles)
        self._store.put_setting("roles", value=roles)

    def _respell(self, files: Mapping[int, str], *, task: str, without: Collection[str]) -> None:
        """Write the kinds in new files (number -> name) as they are written elsewhere."""
        label = (self._store.setting("roles", kind=Roles) or {}).get("label")
        if tasks.get(task).answers is Answers.text or label is None or joining.SPELLING in without:
            return
        found = joining.respell(self._store, files, column=label, kinds=self._kinds)
        for number, repair in found.items():
            self._store.add_repairs(number, repairs=[repair])

    def _note_passed(self, source: Source) -> None:
        if source.names_in:
            text = f"Names in “{source.origin.name}” were read as {named(source.names_in)}."
            self._note("warning", text=f"{text} See whether they are right.", code="names-guessed")
        if source.passed:
            names = ", ".join(source.passed[:_NAMED])
            more = len(source.passed) - _NAMED
            text = f"Passed over, because it is no table or text to learn from: {names}"
            text += f" and {more:,} more." if more > 0 else "."
            self._note("info", text=text, code="passed-over")

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


def _called(source: Source) -> str:
    return source.path.name if source.kind is Kind.file else source.origin.name


def _entry(table: Table, *, source: Source) -> SourceFile:
    return SourceFile(
        name=source.prefix + table.name if source.kind is Kind.file else table.name,
        path=str(source.origin.resolve()) if source.prefix else str(table.path.resolve()),
        sha256=table.sha256,
        bytes=table.bytes,
        rows_in=0,
        rows_stored=0,
        rows_set_aside=0,
        encoding=table.encoding,
        delimiter=table.delimiter,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
        added_by=user_name(),
    )


def _as_before(store: Store, file: SourceFile, number: int, *, without: Collection[str]) -> str:
    """The encoding that was guessed or chosen for a file; "" where none was, or is wanted now."""
    told = any(r.number == number and r.kind == "encoding" for r in store.repairs() if not r.undone)
    return file.encoding if told and "encoding" not in without else ""


def _taken_back(repairs: Sequence[Repair], *, without: Collection[str]) -> list[Repair]:
    """The repairs of the earlier reading that were not made this time."""
    return [joining.taken_back(r) for r in repairs if r.kind in without]


def _no_file(number: int) -> UsageError:
    return UsageError(
        "no-file",
        title=f"There is no file with the number {number} in this project.",
        hint="Look at the list of files; nothing was changed.",
    )


def _changed(file: SourceFile) -> DataError:
    return DataError(
        "file-changed",
        title=f"“{file.name}” has changed since it was added, so it was not read again.",
        hint="Nothing was changed in your project. Add the file as it is now as a new one.",
    )
