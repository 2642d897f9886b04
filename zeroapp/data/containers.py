"""Looks at a zip container before anything unpacks it: bombs, locks, macros, strange names."""

import errno
import lzma
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from zeroapp.data.code_pages import legacy
from zeroapp.data.faults import reading
from zeroapp.data.gate import damaged, locked, unsafe

MAX_MEMBERS = 10_000
MAX_UNPACKED = 1 << 30
BROKEN = (
    *(zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, KeyError),
    *(zlib.error, lzma.LZMAError),
)
"""What the zip module raises for a damaged archive; for a damaged bz2 member it is an OSError."""

_RATIO = 200
_SMALL = 10 << 20
_XML = (".xml", ".rels")
_DRIVE = re.compile(r"[A-Za-z]:")
_LOCKED = 0x1
_UNICODE = 0x800
_LINK = 0o120000
_KIND = 0o170000


def members_of(path: Path, *, kind: str) -> Sequence[zipfile.ZipInfo]:
    """The members of a container that may be unpacked without harm, folders left out.

    Raises DataError("not-a-table", "locked-file", "unsafe-file"). Reads names and sizes only.
    """
    with reading(path):
        try:
            with zipfile.ZipFile(path) as file:
                found = [info for info in file.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, NotImplementedError, ValueError, IndexError) as error:
            # IndexError: a member without a name
            raise damaged(path, kind=kind, detail=str(error)) from error
        except OSError as error:
            raise_when_damaged(path, error, kind=kind)
            raise
    if any(info.flag_bits & _LOCKED for info in found):
        raise locked(path)
    if len(found) > MAX_MEMBERS:
        raise unsafe(path, why=f"holds {len(found):,} files; up to {MAX_MEMBERS:,} are taken")
    if why := next(filter(None, map(_odd, found)), ""):
        raise unsafe(path, why=why)
    size = sum(info.file_size for info in found)
    packed = sum(info.compress_size for info in found)
    if size > MAX_UNPACKED or (size > _SMALL and size > _RATIO * packed):
        raise unsafe(path, why=f"would unpack to {size / 2**20:,.0f} MB from far less (a zip bomb)")
    return found


def page_of_names(members: Sequence[zipfile.ZipInfo]) -> str:
    """The encoding of names that do not say theirs, as old programs write them; "" where they are
    as `zipfile` reads them, in cp437.
    """
    names = {_bytes(member) for member in members if not member.filename.isascii()}
    together = b"\n".join(sorted(filter(None, names)))
    if not together:
        return ""
    try:
        together.decode()
    except UnicodeDecodeError:
        page = legacy(together)
        return "" if page in ("cp1252", "cp437") else page
    return "utf-8"


def name_of(member: zipfile.ZipInfo, *, page: str) -> str:
    """A member's name, read in this encoding where it does not say its own."""
    data = _bytes(member)
    name = data.decode(page, "replace") if page and data else member.filename
    inside = not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
    return name if inside else member.filename


def _bytes(member: zipfile.ZipInfo) -> bytes:
    """A name as it stands in the archive, b"" when that is Unicode."""
    if member.flag_bits & _UNICODE:
        return b""
    try:
        return member.filename.encode("cp437")
    except UnicodeEncodeError:  # from a field of its own
        return b""


def raise_when_damaged(path: Path, error: OSError, *, kind: str) -> None:
    """Tell an error that is the archive's own: a place before its start, or bz2's word for it."""
    if error.errno in (None, errno.EINVAL):
        raise damaged(path, kind=kind, detail=str(error)) from error


def _odd(info: zipfile.ZipInfo) -> str:
    """Why a member is not unpacked: its name points out of the folder, or it is a link."""
    name = info.filename.replace("\\", "/")
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or _DRIVE.match(name) or "\0" in name:
        return f"holds a file that would land outside its folder ({info.filename[:80]!r})"
    if (info.external_attr >> 16) & _KIND == _LINK:
        return f"holds a link to another file ({info.filename[:80]!r})"
    return ""


def admit_office(path: Path, *, kind: str) -> bool:
    """Let an Office file pass or raise as `members_of` does. Returns whether it has macros.

    XML in Office files never defines entities of its own; one that does is refused, because those
    can read other files or fill the memory.
    """
    found = members_of(path, kind=kind)
    with reading(path), zipfile.ZipFile(path) as file:
        try:
            for info in found:
                if not info.filename.lower().endswith(_XML):
                    continue
                with file.open(info) as part:
                    if b"<!DOCTYPE" in (head := part.read(1 << 12)) or b"<!ENTITY" in head:
                        raise unsafe(path, why="defines XML entities, which can read other files")
        except (*BROKEN, OSError) as error:
            raise damaged(path, kind=kind, detail=str(error)) from error
    return any(info.filename.lower().endswith("vbaproject.bin") for info in found)
