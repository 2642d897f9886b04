"""Makes folders that exist only when they are whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it holds either the old or the new content, never a part."""
    beside = path.with_name(f"{path.name}.tmp")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
