"""Writes files and folders that are whole or not there: made beside, then renamed."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPLACE_TRIES = 20
"""Windows refuses to replace a file while another process reads it; readers are quick."""


@contextmanager
def made_beside(target: Path) -> Iterator[Path]:
    """A folder to fill; renamed to `target` on success, gone after a failure.

    An older `target` is replaced only at the very end.
    """
    beside = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file that holds either the old or the new content, never a part.

    durable: also after a power cut; leave it out for what is written every second. Raises OSError;
    then the old file is as it was.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        _replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _replace(beside: Path, path: Path) -> None:
    for left in reversed(range(_REPLACE_TRIES)):
        try:
            beside.replace(path)
        except PermissionError:
            if not left:
                raise
            time.sleep(0.01)
        else:
            return
