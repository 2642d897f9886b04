"""Keeps the computer from falling asleep while it works, where the system lets us; best effort."""

import contextlib
import ctypes
import shutil
import subprocess
import sys
from collections.abc import Iterator

_ES_CONTINUOUS = 0x80000000
_ES_SYSTEM_REQUIRED = 0x00000001


@contextlib.contextmanager
def kept_awake(why: str) -> Iterator[None]:
    """The screen may go dark, the computer does not sleep. `why` is shown by some desktops."""
    if sys.platform == "win32":
        state = ctypes.windll.kernel32.SetThreadExecutionState
        state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)
        try:
            yield
        finally:
            state(_ES_CONTINUOUS)
        return
    with _inhibitor(why):
        yield


@contextlib.contextmanager
def _inhibitor(why: str) -> Iterator[None]:
    """A small program that holds the lock while its stdin is open, so it never outlives us."""
    holder = _started(_command(why))
    if holder is None:
        yield
        return
    with holder:
        try:
            yield
        finally:
            holder.terminate()


def _started(command: list[str]) -> subprocess.Popen[bytes] | None:
    """The program at work; None without one, and where it is there but may not be run."""
    if not command:
        return None
    quiet = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
    return None


def _command(why: str) -> list[str]:
    if sys.platform == "darwin" and (program := shutil.which("caffeinate")):
        return [program, "-i", "cat"]
    program = shutil.which("systemd-inhibit")
    if program is None:
        return []
    return [program, "--what=idle:sleep", "--who=zeroapp", f"--why={why}", "--mode=block", "cat"]
