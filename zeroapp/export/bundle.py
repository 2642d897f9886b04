"""Makes a folder beside its place and renames it when it is whole. Knows files, no models."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from zeroapp.errors import ResourceError, UsageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PARTIAL = ".partial"


def free_name(parent: Path, *, name: str) -> Path:
    """parent/name, or the first of name-2, name-3, ... that is not there yet."""
    for number in count(1):
        path = parent / (name if number == 1 else f"{name}-{number}")
        if not path.exists():
            return path
    raise AssertionError  # count() never ends


def refuse_taken(folder: Path) -> None:
    """Raise UsageError("export-exists") when something is there already; an empty folder may be."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        raise UsageError(
            "export-exists",
            title=f"There is already something at “{folder}”. It was left as it is.",
            hint="Choose a name that is not taken.",
        )


def require_room(parent: Path, *, needed: int) -> None:
    """Raise ResourceError("disk-full") when the disk has less than `needed` bytes free."""
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise _disk_full(parent, f"{needed:,} bytes needed, {free:,} free")


@contextmanager
def whole_or_nothing(target: Path) -> Iterator[Path]:
    """A new folder that becomes `target` when the block ends well, and is gone when it does not.

    Its files can then be read by everyone. Raises ResourceError("disk-full", "no-permission",
    "disk-error") for what the system says while it is filled.
    """
    parent = target.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=_PARTIAL, dir=parent))
    except OSError as error:
        raise write_error(parent, error) from error
    try:
        yield partial
        _settle(partial)
        if target.is_dir():
            target.rmdir()
        partial.rename(target)
    except OSError as error:
        raise write_error(parent, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def clear_partial(parent: Path) -> None:
    """Remove what an export that was killed left behind; call it only where nobody else exports."""
    for path in parent.glob(f".*{_PARTIAL}"):
        shutil.rmtree(path, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Safe on disk, and readable by a service: temporary folders and safetensors are private."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def write_error(parent: Path, error: OSError) -> ResourceError:
    """An OSError met while writing below `parent`, in the user's words."""
    if error.errno in _FULL:
        return _disk_full(parent, str(error))
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return ResourceError(
            "no-permission",
            title=f"This user may not write in “{parent}”.",
            hint="Choose another folder, for example one in your home folder.",
            detail=str(error),
        )
    return ResourceError(
        "disk-error",
        title=f"“{parent}” could not be written. Your model is safe.",
        hint="Check that the disk is connected and healthy, or choose another folder.",
        detail=str(error),
    )


def _disk_full(parent: Path, detail: str) -> ResourceError:
    return ResourceError(
        "disk-full",
        title="There is not enough room on the disk. Your model is safe; nothing half was left.",
        hint=f"Free some space on the disk that holds “{parent}”, then try again.",
        detail=detail,
    )
