"""A few real training steps, measured and thrown away: nothing is saved, nothing judged."""

import math
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from zeroapp.engine import sharding
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.fine_tune import Learner
from zeroapp.engine.loop import Loop
from zeroapp.engine.memory_seen import peak_bytes
from zeroapp.engine.run_parts import Run
from zeroapp.plan import Device
from zeroapp.protocol import Event, Progressed
from zeroapp.work import Stopped, Work

_WARM_UP: Final = 2
"""Steps that do not count: memory is asked for the first time, kernels are chosen."""

_EXCHANGES: Final = ("gloo:", "ncclDevKernel", "ncclKernel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What this rank saw. Bytes it held of each kind, the peak of its process or card; seconds.

    tokens_per_second: without padding, all ranks together.
    """

    steps: int
    seconds_per_step: float
    tokens_per_second: float
    held: sharding.StateBytes
    peak: int


def few_steps(run: Run, learner: Learner, *, steps: int, seconds: float = math.inf) -> Measured:
    """The first steps of the plan, at most `steps`, and no new one after `seconds`.

    Every rank calls it; the first one decides when it is enough. Raises Stopped, Diverged.
    """
    seen = _Seen(model=learner.model, optimizer=learner.optimizer)
    until = _Until(run.work, seen=seen, steps=steps, ends=time.monotonic() + seconds)
    loop = Loop(
        plan=run.plan,
        training=run.training,
        model=learner.model,
        optimizer=learner.optimizer,
        examples=run.train,
        gang=run.gang,
        checkpoints=_Unsaved(run.folder.checkpoints, gang=run.gang),
        work=until,
        on_epoch=lambda reached: reached,
    )
    with seen.watching():
        try:
            loop.run(Progress(step=0, run_key=""))
        except Stopped:
            if run.work.stop_wanted():
                raise
    per_step = seen.seconds_per_step()
    tokens = sum(len(example.ids) for example in run.train) / loop.steps_per_epoch
    return Measured(
        steps=len(seen.ends),
        seconds_per_step=per_step,
        tokens_per_second=tokens / max(1e-9, per_step),
        held=sharding.StateBytes(
            parameters=sharding.state_bytes(learner.model, None).parameters,
            gradients=seen.gradients,
            optimizer=sharding.state_bytes(learner.model, learner.optimizer).optimizer,
        ),
        peak=_peak(run),
    )


def communication(run: Run, learner: Learner, *, steps: int) -> float:
    """Seconds of a step during which this rank exchanged with the others or waited for them.

    Where an exchange and arithmetic overlap, the time counts once. Every rank calls it.
    """
    with profile(activities=_activities(run)) as seen:
        measured = few_steps(run, learner, steps=steps)
    spans = sorted(
        (event.time_range.start, event.time_range.end)
        for event in seen.events()
        if event.name.startswith(_EXCHANGES)
    )
    return _covered(spans) / 1e6 / max(1, measured.steps)


def _activities(run: Run) -> list[ProfilerActivity]:
    if run.plan.device is Device.cuda:
        return [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    return [ProfilerActivity.CPU]


def _covered(spans: list[tuple[float, float]]) -> float:
    """Length of the union of intervals that are sorted by their starts."""
    covered, reached = 0.0, -math.inf
    for start, end in spans:
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _peak(run: Run) -> int:
    if run.plan.device is Device.cuda:
        return int(torch.cuda.max_memory_allocated())
    return peak_bytes()


@dataclass(slots=True, kw_only=True)
class _Seen:
    """Watches an optimizer: when its steps end, and what the gradients weigh just before."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    gradients: int = 0
    ends: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        hooks = [
            self.optimizer.register_step_pre_hook(self._before),
            self.optimizer.register_step_post_hook(self._after),
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _before(self, *_: Any) -> None:
        if not self.gradients:
            self.gradients = sharding.state_bytes(self.model, None).gradients

    def _after(self, *_: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.ends.append(time.perf_counter())

    def seconds_per_step(self) -> float:
        """The median from the end of one step to the end of the next, once warm."""
        gaps = [after - before for before, after in zip(self.ends, self.ends[1:], strict=False)]
        warm = gaps[_WARM_UP - 1 :] or gaps
        return statistics.median(warm) if warm else 0.0


class _Until:
    """The work behind it, but what the loop says is only counted, and enough is enough."""

    def __init__(self, work: Work, *, seen: _Seen, steps: int, ends: float) -> None:
        self._work = work
        self._seen = seen
        self._steps = steps
        self._ends = ends

    def say(self, _event: Event) -> None:
        """Tell how far we are."""
        done = min(len(self._seen.ends), self._steps)
        self._work.say(Progressed(done=done, total=self._steps, unit="steps"))

    def stop_wanted(self) -> bool:
        """Asked by the user, or enough steps, or enough time."""
        done = len(self._seen.ends)
        late = time.monotonic() > self._ends and done > _WARM_UP
        return self._work.stop_wanted() or done >= self._steps or late

    def pause_wanted(self) -> bool:
        """A few steps are over soon."""
        return False


class _Unsaved(Checkpoints):
    """Saves nothing."""

    def save(self, *_: Any, **_more: Any) -> tuple[float, int]:
        """Nothing is kept."""
        return 0.0, 0
