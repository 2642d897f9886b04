"""From the paths a person names to what is read: files, folders of texts, chats, unpacked zips."""

import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from zeroapp.data.containers import BROKEN, members_of, name_of, page_of_names, raise_when_damaged
from zeroapp.data.faults import keeping, reading, refuse_name, written
from zeroapp.data.gate import (
    ARCHIVES,
    DOCUMENTS,
    MAX_BYTES,
    TABLES,
    damaged,
    no_tables,
    unsafe,
)
from zeroapp.data.messengers import days_of, is_slack
from zeroapp.data.picture_tables import names_pictures
from zeroapp.errors import DataError
from zeroapp.pictures import is_picture

_TEXTS = DOCUMENTS | {".txt", ".text", ".eml"}
_BLOCK = 1 << 20
_NESTED = "holds another archive ({}), which is not unpacked; unpack it and add what is inside"
_UNWRITTEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_LONGEST = 200
"""Bytes of a name; systems take 255, and a number may come behind it."""

_UNPACKED = ".unpacked-"
_OTHER_ARCHIVES = frozenset({".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz"})


class Kind(StrEnum):
    """How a source is read: by itself, a row for each text or picture in it, or as Slack's."""

    file = "file"
    texts = "texts"
    slack = "slack"
    pictures = "pictures"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Something to read. origin: the path the person named; prefix: goes before its name.

    passable: there are others beside it, so a bad one does not end the import. below: the folder
    in which pictures that its cells name lie. names_in: the encoding in which names in an archive
    were read, where that is a guess. refused: why nothing can be read here at all.
    """

    path: Path
    size: int
    origin: Path
    kind: Kind = Kind.file
    prefix: str = ""
    passable: bool = False
    members: tuple[Path, ...] = ()
    below: Path | None = None
    passed: tuple[str, ...] = ()
    names_in: str = ""
    refused: DataError | None = None


def find_all(paths: Sequence[Path], *, unpack_to: Path, pictures: bool) -> list[Source]:
    """What there is to read at all these paths, see `find`.

    Of several, one that cannot be read comes as a source that says why; one that is not there
    raises, since nothing could be set aside. A single one raises.
    """
    found: list[Source] = []
    for path in paths:
        try:
            found += find(path, unpack_to=unpack_to, pictures=pictures)
        except DataError as error:
            if len(paths) == 1 or error.code == "file-missing":
                raise
            found.append(Source(path=path, size=0, origin=path, refused=error))
    return [replace(source, passable=True) for source in found] if len(found) > 1 else found


def find(path: Path, *, unpack_to: Path, pictures: bool = True) -> list[Source]:
    """What there is to read at `path`; archives are unpacked below `unpack_to`.

    pictures: whether those are wanted; then a folder that holds mostly pictures is one of them.
    Of a folder: a Slack export as one source; else every table by itself, and the texts together
    when there are no tables, or when they lie in folders of their own. Raises
    DataError("no-tables", "unsafe-file", "locked-file", "not-a-table") and what `reading` raises.
    """
    with reading(path):
        if path.is_dir():
            return _in_folder(path, origin=path, prefix="", pictures=pictures)
        if path.suffix.lower() in ARCHIVES and path.is_file():
            folder, page = unpack(path, into=unpack_to)
            prefix = f"{path.name} › "
            found = _in_folder(folder, origin=path, prefix=prefix, pictures=pictures)
            return [*found[:-1], replace(found[-1], names_in=page)]
        if pictures and is_picture(path) and path.is_file():
            return [_pictures(path.parent.parent, [path], origin=path)]
        return [Source(path=path, size=path.stat().st_size, origin=path)]


def unpack(path: Path, *, into: Path) -> tuple[Path, str]:
    """Unpack a zip file into a fresh folder below `into`, in bounded space. See `members_of`.

    Gives the folder, and the encoding of the members' names where that had to be guessed.
    """
    members = members_of(path, kind="a ZIP file")
    inner = next((m for m in members if Path(m.filename).suffix.lower() in _OTHER_ARCHIVES), None)
    if inner is not None:
        raise unsafe(path, why=_NESTED.format(inner.filename[:80]))
    folder = into / f"{len(list(into.iterdir()))}"
    folder.mkdir()
    room, page = MAX_BYTES, page_of_names(members)
    taken: set[str] = set()
    try:
        with zipfile.ZipFile(path) as file:
            for member in members:
                place = _free(folder / _fitting(name_of(member, page=page)), taken=taken)
                place.parent.mkdir(parents=True, exist_ok=True)
                room -= _write(file, member, place=place, room=room)
    except (*BROKEN, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise damaged(path, kind="a ZIP file", detail=str(error)) from error
    except OSError as error:
        raise_when_damaged(path, error, kind="a ZIP file")
        raise
    if room < 0:
        raise unsafe(path, why="unpacks to more than it says (a zip bomb)")
    return folder, page


def _fitting(name: str) -> str:
    """A member's name as this system can write it: not too long, without signs Windows lacks."""
    plain = name.replace("\\", "/")
    if os.name == "nt":
        plain = _UNWRITTEN.sub("_", plain)
    return "/".join(_short(p) if len(p.encode()) > _LONGEST else p for p in plain.split("/"))


def _short(name: str) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix
    room = _LONGEST - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


def _free(place: Path, *, taken: set[str]) -> Path:
    """The place, or one with a number when a member of this name, or but for capitals, has it."""
    number, free = 1, place
    while str(free).casefold() in taken:
        number += 1
        free = place.with_name(f"{place.stem} ({number}){place.suffix}")
    taken.add(str(free).casefold())
    return free


def _write(file: zipfile.ZipFile, member: zipfile.ZipInfo, *, place: Path, room: int) -> int:
    """Unpack one member, and no more than `room`; gives its size, what was left out included."""
    written = 0
    with file.open(member) as source, place.open("wb") as target:
        while written <= room and (block := source.read(_BLOCK)):
            written += len(block)
            with keeping(place):
                target.write(block)
    return written


def _in_folder(folder: Path, *, origin: Path, prefix: str, pictures: bool) -> list[Source]:
    next(folder.iterdir(), None)  # says when a permission is missing; rglob keeps silent
    slack = _slack(folder, origin=origin, prefix=prefix)
    if slack is not None:
        return [slack]
    named, odd = _by_name(folder)
    files = [f for f in named if f.is_file() and not _hidden(f, below=folder)]
    tables = [file for file in files if file.suffix.lower() in TABLES]
    shown = [file for file in files if is_picture(file)]
    if pictures and len(shown) > len(files) // 2:
        found = _with_pictures(folder, shown, tables=tables, files=files, origin=origin)
        return _passing(found, over=odd, below=folder)
    texts = [file for file in files if file.suffix.lower() in _TEXTS]
    if tables and len({file.parent for file in texts if file.parent != folder}) <= 1:
        texts = []
    found = [
        Source(
            path=file,
            size=file.stat().st_size,
            origin=origin,
            prefix=_prefix(file, below=folder, start=prefix),
            passable=True,
        )
        for file in tables
    ]
    taken = {*tables, *texts}
    passed = tuple(str(file.relative_to(folder)) for file in files if file not in taken)
    if texts:
        found.append(_together(folder, texts, origin=origin))
    if not found:
        for file in odd:
            refuse_name(file)
        raise no_tables(origin)
    found[-1] = replace(found[-1], passed=passed)
    return _passing(found, over=odd, below=folder)


def _by_name(folder: Path) -> tuple[list[Path], list[Path]]:
    """Everything below a folder; and apart the files whose names are no text, see `refuse_name`."""
    found = sorted(folder.rglob("*"))
    named = [path for path in found if written(str(path)) == str(path)]
    return named, [path for path in found if written(str(path)) != str(path) and path.is_file()]


def _passing(found: list[Source], *, over: Sequence[Path], below: Path) -> list[Source]:
    """The sources, the last of which tells that these files were passed over as well."""
    told = tuple(written(str(file.relative_to(below))) for file in over)
    return [*found[:-1], replace(found[-1], passed=(*told, *found[-1].passed))]


def _with_pictures(
    folder: Path,
    shown: Sequence[Path],
    *,
    tables: Sequence[Path],
    files: Sequence[Path],
    origin: Path,
) -> list[Source]:
    """The tables when one of them names the pictures, else the pictures by their folders."""
    naming = [table for table in tables if names_pictures(table, below=folder)]
    taken = {*naming, *shown}
    passed = tuple(str(file.relative_to(folder)) for file in files if file not in taken)
    if not naming:
        return [replace(_pictures(folder, shown, origin=origin), passed=passed)]
    found = [
        Source(path=table, size=table.stat().st_size, origin=origin, passable=True, below=folder)
        for table in naming
    ]
    return [*found[:-1], replace(found[-1], passed=passed)]


def _pictures(folder: Path, members: Sequence[Path], *, origin: Path) -> Source:
    return replace(
        _together(folder, members, origin=origin), kind=Kind.pictures, passable=origin.is_dir()
    )


def _together(folder: Path, texts: Sequence[Path], *, origin: Path) -> Source:
    return Source(
        path=folder,
        size=sum(file.stat().st_size for file in texts),
        origin=origin,
        kind=Kind.texts,
        members=tuple(texts),
        passable=True,
    )


def _prefix(file: Path, *, below: Path, start: str) -> str:
    """In an archive a file is called by its whole place; in a folder by its name."""
    inner = file.parent.relative_to(below).as_posix()
    return f"{start}{'' if inner == '.' else f'{inner}/'}" if start else ""


def _slack(folder: Path, *, origin: Path, prefix: str) -> Source | None:
    """The folder, or the only folder in it, as a Slack export."""
    inside = [inner for inner in folder.iterdir() if not inner.name.startswith((".", "_"))]
    for place in (folder, *(inside if len(inside) == 1 else ())):
        if place.is_dir() and is_slack(place):
            days = tuple(days_of(place))
            size = sum(day.stat().st_size for day in days)
            return Source(
                path=place, size=size, origin=origin, kind=Kind.slack, prefix=prefix, members=days
            )
    return None


def _hidden(file: Path, *, below: Path) -> bool:
    """Hidden files, locks of open documents, and what macOS adds to archives."""
    parts = file.relative_to(below).parts
    return any(part.startswith((".", "~", "__MACOSX")) for part in parts)


@contextmanager
def unpacking(place: Path) -> Iterator[Path]:
    """A folder in `place` for what comes out of archives; gone afterwards, and with it what an
    import that was killed had left.
    """
    for left in place.glob(f"{_UNPACKED}*"):
        shutil.rmtree(left, ignore_errors=True)
    with keeping(place):
        folder = TemporaryDirectory(prefix=_UNPACKED, dir=place)
    with folder as made:
        yield Path(made)


def spread_out(members: Sequence[Path], *, below: Path) -> Iterator[tuple[str, ...]]:
    """The folders each member lies in, from the top."""
    return (member.parent.relative_to(below).parts for member in members)
