"""The system's and SQLite's errors in the user's words. Knows paths, nothing of tables."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zeroapp.errors import DataError, ResourceError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_ROOM = 1 << 20
"""Bytes that an open project needs beside its file: the index of SQLite's log is 32 kB."""
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Inside, an OSError about the user's file at `path` becomes a DataError.

    Codes: no-permission, file-missing, file-unreadable.
    """
    try:
        yield
    except OSError as error:
        raise _read_error(path, error) from error


def _read_error(path: Path, error: OSError) -> DataError:
    name = path.name or str(path)
    if error.errno in _FORBIDDEN:
        return DataError(
            "no-permission",
            title=f"“{name}” cannot be opened: this user has no permission to read it.",
            hint="Copy it to a folder of your own, or ask its owner for permission.",
            detail=str(error),
        )
    if error.errno in _ABSENT:
        return DataError(
            "file-missing",
            title=f"“{name}” is not there any more.",
            hint="Look whether it was moved or renamed, and choose it again.",
            detail=str(error),
        )
    return DataError(
        "file-unreadable",
        title=f"“{name}” could not be read to its end. Nothing of it was added.",
        hint="Copy the file to this computer's own disk and add it again.",
        detail=str(error),
    )


def refuse_name(path: Path) -> None:
    """Raise DataError("file-name") for a path that is no text: on Linux any bytes make a name."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise name_error(path, error) from error


def name_error(path: Path, error: UnicodeEncodeError) -> DataError:
    """The error for a path that can be written into no file of ours."""
    return DataError(
        "file-name",
        title=f"The name “{written(path.name)}” holds signs that are no letters. "
        "Nothing was changed.",
        hint="Rename it, or the folder that is written so, then try again.",
        detail=f"{written(str(path))}: {error.reason}",
    )


def written(name: str) -> str:
    """A name as it can be shown: with a question mark where it holds no letter."""
    return name.encode(errors="replace").decode()


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """Inside, trouble with the project file at `path` becomes a ResourceError.

    Codes: disk-full, no-permission, project-busy, project-damaged, disk-error.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _store_error(path, error) from error
    except OSError as error:
        raise write_error(path, error) from error


def is_full(error: OSError) -> bool:
    """Whether it says that there is no room left."""
    return error.errno in _FULL


def write_error(path: Path, error: OSError) -> ResourceError:
    """An OSError met while writing at `path`, as a ResourceError."""
    if is_full(error):
        return _disk_full(path, str(error))
    if error.errno in _FORBIDDEN:
        return _no_permission(path, str(error))
    return _disk_error(path, str(error))


def _store_error(path: Path, error: sqlite3.DatabaseError) -> ResourceError:
    words = str(error).lower()
    if "full" in words:
        return _disk_full(path, words)
    if "readonly" in words or "read-only" in words or "unable to open" in words:
        return _no_permission(path, words)
    if "locked" in words or "busy" in words:
        return ResourceError(
            "project-busy",
            title="Another part of the app is writing to this project. Nothing was lost.",
            hint="Wait until its work is done, then try again.",
            detail=words,
        )
    if "disk i/o" in words:
        # So SQLite says, too, when even its small file beside the project finds no room.
        return (_disk_full if _has_no_room(path) else _disk_error)(path, words)
    return ResourceError(
        "project-damaged",
        title=f"The project file “{path}” is damaged and cannot be read.",
        hint=(
            "Your own files were never changed: make a new project and add them again, "
            "or put back a copy of the project folder. Finished models are still in its "
            "folder “runs”."
        ),
        detail=words,
    )


def _has_no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


def _disk_full(path: Path, detail: str) -> ResourceError:
    return ResourceError(
        "disk-full",
        title="The disk is full. What was there before is safe; what is new was not kept.",
        hint=f"Free some space on the disk that holds “{path.parent}”, then try again.",
        detail=detail,
    )


def _no_permission(path: Path, detail: str) -> ResourceError:
    return ResourceError(
        "no-permission",
        title=f"This user may not write in “{path.parent}”.",
        hint="Choose another folder, for example one in your home folder.",
        detail=detail,
    )


def _disk_error(path: Path, detail: str) -> ResourceError:
    return ResourceError(
        "disk-error",
        title=f"The disk that holds “{path.parent}” did not answer as it should.",
        hint="Check that the disk is connected and healthy, then try again.",
        detail=detail,
    )
