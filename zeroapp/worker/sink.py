"""The one writer of events.jsonl: whole lines only, mends a torn end, survives a full disk."""

import contextlib
import errno
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from zeroapp import protocol as p
from zeroapp.errors import ResourceError

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_RESERVE = 128 * 1024
"""Bytes kept on disk while working and given back to make room for the last words."""

_STARTED = b'"type":"Started"'
_TRIES = 5
_BETWEEN_TRIES = 0.2


def disk_full() -> ResourceError:
    """The error for a disk without room."""
    return ResourceError(
        "disk-full",
        title="The disk is full. What was saved before is safe.",
        hint="Make some room on the disk, then go on.",
    )


class Sink:
    """Appends events; opening it mends what a killed writer left. Use as a context manager.

    attempts: how many attempts the log holds already.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reserve = path.with_name("events.reserve")
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        self.attempts, self._size = _mend(self._fd)
        self._ended = False
        with contextlib.suppress(OSError):
            self._reserve.write_bytes(bytes(_RESERVE))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reserve.unlink(missing_ok=True)
        os.close(self._fd)

    def say(self, event: p.Event) -> None:
        """Append an event. Raises ResourceError("disk-full"); the log then holds whole lines."""
        self.write(p.encode(event))

    def write(self, line: bytes) -> None:
        """Append an encoded event without its line end. Raises as `say` does."""
        if self._ended:
            return
        try:
            self._append(line + b"\n")
        except OSError as error:
            self._cut_back()
            if error.errno in _FULL:
                raise disk_full() from error
            raise

    def end(self, event: p.Finished | p.Failed) -> bool:
        """Append the terminal event, once, with the reserve if need be; False when it could not."""
        for _ in range(_TRIES):
            try:
                self.say(event)
            except ResourceError:
                self._reserve.unlink(missing_ok=True)
                time.sleep(_BETWEEN_TRIES)
            else:
                self._ended = True
                with contextlib.suppress(OSError):
                    os.fsync(self._fd)
                return True
        return False

    def _append(self, data: bytes) -> None:
        os.lseek(self._fd, self._size, os.SEEK_SET)
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]
        self._size += len(data)

    def _cut_back(self) -> None:
        """Drop a half-written line, so that the next one does not stick to it."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, self._size)


def _mend(fd: int) -> tuple[int, int]:
    """Attempts found and the size after mending.

    A torn last line is ended when it is whole but for its line end, else dropped: nobody has
    read it, readers take whole lines only.
    """
    data = _read_all(fd)
    end = data.rfind(b"\n") + 1
    torn = data[end:]
    if torn and _whole(torn):
        os.lseek(fd, len(data), os.SEEK_SET)
        os.write(fd, b"\n")
        data += b"\n"
    elif torn:
        os.ftruncate(fd, end)
        data = data[:end]
    return data.count(_STARTED), len(data)


def _read_all(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    parts = []
    while part := os.read(fd, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _whole(line: bytes) -> bool:
    try:
        p.decode_event(line)
    except msgspec.DecodeError:
        return False
    return True
