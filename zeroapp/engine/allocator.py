"""What becomes of memory that training frees: what each plan's processes are told of it."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from functools import cache

from zeroapp.estimate import texts_in_half
from zeroapp.plan import Device, Offload, TrainPlan

AT_ONCE = {
    # glibc, and read by nothing else: what is freed goes back to the system at once, so that a run
    # takes what was foretold. As it comes, glibc keeps up to half more, each time another amount;
    # docs/decisions/048 has what this costs (huge pages take part of that back).
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 18),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 24),
}

_SOON = "narenas:1,dirty_decay_ms:30,muzzy_decay_ms:0"
"""jemalloc: what is freed and not taken again at once goes back to the system."""

_NEVER = "narenas:2,oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:0"
"""jemalloc: all that is freed is kept for what comes, large tensors among the rest; the second
arena is for `apart`."""


def told(plan: TrainPlan) -> dict[str, str]:
    """What a rank's environment says of freed memory.

    It goes back at once, so that no more is held than is needed, but in one process without a
    limit that has jemalloc, where mapping pages anew took half of the time (docs/decisions/048,
    050). Below a limit of address space it takes too much of that; where ranks share the
    processor, each would keep what it freed while it waits for the others.
    """
    if keeps_all(plan):
        return _jemalloc(_NEVER)
    if texts_in_half(plan) and _free(plan) and _name():
        return _jemalloc(_SOON)
    return AT_ONCE


def keeps_all(plan: TrainPlan) -> bool:
    """Whether a rank of this plan, on this computer, keeps all memory that it ever had.

    Pictures do: their tensors are large and few, and what is kept can be foretold
    (engine/kept_memory.py). Not those that recompute, which is what saves memory for time.
    """
    return bool(plan.side) and not plan.recompute and _free(plan) and bool(_name())


def keeping() -> dict[str, str]:
    """The environment of a process that frees as `keeps_all` says. Only where there is jemalloc."""
    return _jemalloc(_NEVER)


@contextmanager
def apart(plan: TrainPlan) -> Iterator[None]:
    """What is made within lies in an arena of its own, where all is kept.

    Training's tensors then find the same room in every step. Pictures being read between them, of
    any size, took from that room and left holes: 77 MiB more after twelve steps, and no end.
    """
    if not keeps_all(plan):
        yield
        return
    before = _arena(1)
    try:
        yield
    finally:
        _arena(before)


def _arena(number: int) -> int:
    """Let this thread take memory from the arena of that number; the one it took from."""
    before, size = ctypes.c_uint(), ctypes.c_size_t(ctypes.sizeof(ctypes.c_uint))
    wanted = ctypes.c_uint(number)
    with contextlib.suppress(AttributeError):  # a process that was not started with jemalloc
        ctypes.CDLL(None).mallctl(
            b"thread.arena", ctypes.byref(before), ctypes.byref(size), ctypes.byref(wanted), size
        )
    return before.value


def _free(plan: TrainPlan) -> bool:
    alone = plan.device is Device.cpu and plan.ranks == 1
    return alone and plan.offload is Offload.none and not plan.memory_limit


def _jemalloc(conf: str) -> dict[str, str]:
    return {"LD_PRELOAD": _name(), "MALLOC_CONF": conf}


@cache
def _name() -> str:
    """The system's jemalloc by the name that its loader finds, "" where there is none."""
    return (find_library("jemalloc") or "") if sys.platform == "linux" else ""
