"""The cache folder of ready models: one writer at a time, space checked, whole or not there.

Knows nothing of where models come from.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zeroapp.errors import ResourceError
from zeroapp.paths import cache_dir
from zeroapp.protocol import Progressed
from zeroapp.work import Stopped, Work

# Left free for the checkpoints and logs of whatever runs beside us.
_MARGIN = 200 * 2**20
_EVERY = 0.2
_MEGABYTE = 1_000_000


def models_dir() -> Path:
    """Where converted and downloaded models lie; each is whole if its folder is there."""
    return cache_dir() / "models"


class Meter:
    """Counts bytes as they come; says Progressed a few times a second; heeds stop."""

    def __init__(self, work: Work, *, total: int, done: int = 0) -> None:
        """`done` bytes were there before this attempt and do not count for the speed."""
        self._work = work
        self._total = total
        self._before = self._done = done
        self._began = time.monotonic()
        self._said = float("-inf")

    def add(self, count: int) -> None:
        """`count` more bytes; raises Stopped when the user asked to stop."""
        self._done += count
        now = time.monotonic()
        if now - self._said >= _EVERY or self._done >= self._total:
            self._said = now
            self._work.say(self._progress(now - self._began))
        if self._work.stop_wanted():
            raise Stopped

    def _progress(self, seconds: float) -> Progressed:
        come = self._done - self._before
        left = seconds * max(self._total - self._done, 0) / come if come > 0 else None
        return Progressed(done=self._done, total=self._total, unit="bytes", seconds_left=left)


@contextmanager
def alone(name: str, work: Work) -> Iterator[None]:
    """Inside, no other process prepares the model `name`. Waits for it; raises Stopped."""
    with writing(models_dir()):
        models_dir().mkdir(parents=True, exist_ok=True)
        lock = FileLock(models_dir() / f".{name}.lock")
        while not lock.is_locked:
            try:
                lock.acquire(timeout=_EVERY)
            except Timeout:
                if work.stop_wanted():
                    raise Stopped from None
    try:
        yield
    finally:
        lock.release()


def room_of(key: str) -> Path:
    """The folder that a downloaded model's commits lie in."""
    return models_dir() / f"hub--{key.replace('/', '--')}"


def remove_stored(key: str) -> bool:
    """Remove what was made or downloaded of a model, halves included; False when there was nothing.

    It is had anew the next time. Raises ResourceError when the files cannot be removed.
    """
    found = [path for path in (models_dir() / key, room_of(key)) if path.is_dir()]
    with writing(models_dir()):
        for path in found:
            shutil.rmtree(path)
    return bool(found)


def need_space(count: int, *, folder: Path) -> None:
    """Raises ResourceError "disk-full" unless `count` bytes and some more fit beside `folder`."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < count + _MARGIN:
        raise ResourceError(
            "disk-full",
            title=(
                f"There is not enough space for the model: it needs {_size(count + _MARGIN)} "
                f"and {_size(free)} are free. Your data is safe."
            ),
            hint=f"Free some space on the disk that holds {there}, then try again.",
        )


def _size(count: int) -> str:
    return f"{max(count, 0) / _MEGABYTE:,.0f} MB"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Inside, an OSError becomes ResourceError "disk-full", "no-permission" or "disk-error"."""
    try:
        yield
    except OSError as error:
        raise _trouble(folder, error) from error


def _trouble(folder: Path, error: OSError) -> ResourceError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ResourceError(
            "disk-full",
            title="The disk is full, so the model could not be stored. Your data is safe.",
            hint=f"Free some space on the disk that holds {folder}, then try again.",
            detail=str(error),
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return ResourceError(
            "no-permission",
            title=f"The model could not be stored: {folder} may not be written to.",
            hint="Give yourself permission for that folder, then try again.",
            detail=str(error),
        )
    return ResourceError(
        "disk-error",
        title=f"The model could not be stored: the disk that holds {folder} has a fault.",
        hint="Check the disk, then try again. Your data was not touched.",
        detail=str(error),
    )


def put_in_place(stage: Path, folder: Path) -> None:
    """Rename the finished `stage` to `folder`; what lay there before goes away."""
    for path in stage.iterdir():
        if path.is_file():
            _sync(path)
    if folder.exists():
        shutil.rmtree(folder)
    stage.replace(folder)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
