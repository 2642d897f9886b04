"""The most memory this process has held, stretch by stretch, as the system counted it."""

import contextlib
import ctypes
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
from torch import nn

from zeroapp import memory_record
from zeroapp.engine.run_parts import Run
from zeroapp.plan import Offload
from zeroapp.protocol import MemorySeen

Made = TypeVar("Made")

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")
_PURGE = b"arena.4096.purge"
"""jemalloc's name for giving back what all arenas hold (MALLCTL_ARENAS_ALL)."""


def peak_bytes() -> int:
    """The largest resident size since the start, or since `forget_peak` where that works."""
    if sys.platform == "linux":
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024  # kilobytes but on macOS


def libraries_bytes() -> int:
    """What this process takes once it has imported all that training imports; called before it
    did anything else. Libraries of the system's cache count as far as it brings them in.
    """
    importlib.import_module("zeroapp.engine.training_run")
    return int(psutil.Process().memory_info().rss)


def forget_peak() -> None:
    """Let the largest size begin anew at what is held now. Only Linux can."""
    if sys.platform == "linux":
        try:
            _FORGET.write_text("5")
        except OSError:
            return  # a locked-down system; the peak then is that of the whole process


def give_back() -> None:
    """Return to the system all that earlier work has freed and the C library still holds."""
    close_holes()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # jemalloc alone has it (engine/allocator.py)
            ctypes.CDLL(None).mallctl(_PURGE, None, None, None, ctypes.c_size_t(0))


def close_holes() -> None:
    """Return what glibc holds between tensors in use; what is kept on purpose stays."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def give_back_before_loss(units: Sequence[nn.Module]) -> None:
    """Give back where a step is fullest: when all layers are through and the scores not yet made.

    Passing tensors have filled the holes between those that are kept: 59 MiB in 30 layers
    (docs/decisions/048). units: a model's layers in the order in which they work.
    """
    for last in units[-1:]:
        last.register_forward_hook(lambda *_: close_holes())


class MemoryWatch:
    """Keeps the peak of training apart from that of everything else in the process."""

    def __init__(self) -> None:
        self.training = 0
        self.whole = peak_bytes()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around steps of training."""
        self._note()
        give_back()
        forget_peak()
        try:
            yield
        finally:
            self.training = max(self.training, peak_bytes())
            self._note()

    def aside(self, work: Callable[[], Made]) -> Made:
        """Within `watching`: do what is not training."""
        self.training = max(self.training, peak_bytes())
        close_holes()  # what the last step left in holes is not the work's
        try:
            return work()
        finally:
            self._note()
            give_back()
            forget_peak()

    def _note(self) -> None:
        self.whole = max(self.whole, peak_bytes())


def say_memory(run: Run, watch: MemoryWatch) -> None:
    """Tell what this rank took; the first rank also keeps it, for better forecasts here."""
    predicted = 0
    if run.gang.first and run.plan.offload is Offload.none:
        with contextlib.suppress(OSError):  # a record that cannot be written costs no training
            predicted = memory_record.learn(run.plan, peak=watch.training)
    run.work.say(
        MemorySeen(
            rank=run.gang.rank,
            ranks=run.gang.ranks,
            predicted=predicted,
            peak=watch.training,
            whole=watch.whole,
        )
    )
