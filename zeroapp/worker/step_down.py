"""Steps a training run down the ladder when memory is short, and says so. Loads no torch."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from zeroapp import ladder
from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.worker.memory_guard import MemoryGuard
from zeroapp.worker.sink import Sink, disk_full
from zeroapp.writing import write_whole

_WHY: Final = {
    "out-of-memory": "The memory ran out.",
    "killed": "The system ended the training because memory ran out.",
    "pressure": "This computer was about to run out of memory.",
    "limit": "More memory was used than you allow.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A gang ended for want of memory. reason: see `protocol.PlanChanged`; detail: for the log."""

    reason: str
    detail: str = ""


def pressure(watch: MemoryGuard) -> str | None:
    """Why a gang had better stop before the system ends it; None while all is well."""
    if watch.running_out:
        return "pressure"
    return "limit" if watch.over_limit else None


def step_down(job: p.Train, short: Short, *, folder: RunFolder, sink: Sink) -> p.Train:
    """The same job with the next smaller plan, written into job.json and told.

    Raises ResourceError at the foot of the ladder, or when job.json cannot be written.
    """
    rung = ladder.next_down(job.plan)
    if rung is None:
        raise ladder.nothing_left(job.plan, detail=short.detail)
    smaller = replace(job, plan=rung.plan)
    try:
        write_whole(folder.job, p.encode(smaller))
    except OSError as error:
        raise disk_full() from error
    text = f"{_WHY[short.reason]} Training goes on from the last save. {rung.did}"
    sink.say(p.PlanChanged(plan=rung.plan, reason=short.reason, text=text))
    sink.say(p.Noted(level="warning", code="plan-changed", text=text))
    return smaller


def no_smaller(reason: str) -> p.Noted:
    """What is said, once, when memory is short and nothing smaller is left to change to."""
    return p.Noted(
        level="warning",
        code="memory-tight",
        text=f"{_WHY[reason]} It trains as sparingly as it can already and goes on. "
        "Closing other programs helps.",
    )
