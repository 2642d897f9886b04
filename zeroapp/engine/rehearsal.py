"""A rehearsal: real first steps of a plan, measured, and what they foretell of the whole run.

Either on their own, thrown away afterwards, or as the first steps of a run that goes on.
"""

import time
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from zeroapp import estimate
from zeroapp.dataset import Part
from zeroapp.engine.device import remember_speed, use_threads
from zeroapp.engine.few_steps import Measured, few_steps
from zeroapp.engine.fine_tune import learner
from zeroapp.engine.gang import Gang
from zeroapp.engine.kinds import kind_of
from zeroapp.engine.memory_seen import forget_peak, give_back, peak_bytes
from zeroapp.engine.run_parts import Run
from zeroapp.engine.training_run import prepared
from zeroapp.estimate import Amount, Speed
from zeroapp.plan import Device, Method, Offload, TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import (
    Continued,
    Event,
    PhaseEntered,
    Rehearse,
    Rehearsed,
    StepLogged,
    TriedRow,
)
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work

ROWS_SHOWN: Final = 6
"""Rows kept aside whose answers are shown before and after."""

_QUICK: Final = 300
"""Rows the quick result of a rehearsal is made from: a few seconds."""

_SETTLED: Final = 30.0
"""Seconds of training after which its speed is believed."""

_LEAST: Final = 8
"""Steps that a speed needs at least."""


def rehearse(job: Rehearse, folder: RunFolder, *, work: Work, gang: Gang) -> Rehearsed | None:
    """About job.seconds of real steps, thrown away; the first rank returns what was measured.

    Raises Stopped, DataError, ModelError, ResourceError, WorkError.
    """
    plan = job.plan
    use_threads(plan, gang)
    if gang.first:
        work.say(PhaseEntered(phase="loading", title="Reading your examples"))
    with Project.open(Path(job.project)) as project:
        run = prepared(plan, folder, work=work, gang=gang, project=project)
    began = time.monotonic()
    small = changed(run, train=run.train[:_QUICK], validation=run.validation[:_QUICK])
    kind_of(small).begin()
    kind = kind_of(run)
    tokens = sum(len(row.ids) for row in [*small.train, *small.validation])
    forward = tokens / max(1e-3, time.monotonic() - began)
    made = learner(run, kind)
    try:
        before = kind.answered(made.model, rows=ROWS_SHOWN)
        run.enter("rehearsing", "Rehearsing: real steps that are not kept")
        give_back()
        forget_peak()
        measured = few_steps(run, made, steps=_total(run), seconds=job.seconds)
        after = kind.answered(made.model, rows=ROWS_SHOWN)
    finally:
        if made.files is not None:
            made.files.remove()
    gang.leave()
    if not gang.first:
        return None
    _remember(plan, forward=forward, training=measured.tokens_per_second)
    return _told(run, measured, forward=forward, rows=_tried(before, after))


def _total(run: Run) -> int:
    return -(-len(run.train) // run.plan.batch_size) * run.plan.epochs


def _told(run: Run, measured: Measured, *, forward: float, rows: tuple[TriedRow, ...]) -> Rehearsed:
    total = _total(run)
    amount = _amount(run)
    speed = Speed(forward=forward, training=measured.tokens_per_second)
    besides = estimate.seconds(replace(run.plan, fine_tune=False), amount, speed)
    judged = amount.validation * amount.mean_tokens * run.plan.epochs / forward
    return Rehearsed(
        steps=measured.steps,
        total=total,
        seconds_per_step=measured.seconds_per_step,
        tokens_per_second=measured.tokens_per_second,
        peak=measured.peak,
        seconds=besides + judged + total * measured.seconds_per_step,
        rows=rows,
    )


def _amount(run: Run) -> Amount:
    lengths = [len(row.ids) for row in run.train]
    return Amount(
        train=len(run.train),
        validation=len(run.validation),
        test=len(run.parts[Part.test]),
        mean_tokens=sum(lengths) / len(lengths),
        longest=max(lengths),
    )


def _tried(before: Sequence[TriedRow], after: Sequence[TriedRow]) -> tuple[TriedRow, ...]:
    return tuple(replace(was, after=now.before) for was, now in zip(before, after, strict=True))


def _remember(plan: TrainPlan, *, forward: float | None, training: float) -> None:
    """Later forecasts use real speed; only that of plain training says something of others."""
    plain = plan.ranks == 1 and plan.method is Method.full and plan.offload is Offload.none
    if plain and not plan.recompute and plan.device is not Device.cuda:
        remember_speed(plan.base, plan.precision, forward=forward, training=training)


class FirstSteps:
    """The work of a training run; measures its first steps as they pass and tells once.

    What it learned of this computer's speed is remembered for later forecasts.
    """

    def __init__(self, work: Work, *, plan: TrainPlan) -> None:
        self._work = work
        self._plan = plan
        self._started = time.monotonic()
        self._first: StepLogged | None = None
        self._told = False

    def say(self, event: Event) -> None:
        """Pass the event on; after half a minute of steps, say what they foretell."""
        self._work.say(event)
        if isinstance(event, Continued):
            self._first = None
        if isinstance(event, StepLogged) and not self._told:
            self._first = self._first or event
            self._measure(event, since=self._first)

    def stop_wanted(self) -> bool:
        """As the user wants."""
        return self._work.stop_wanted()

    def pause_wanted(self) -> bool:
        """As the user wants."""
        return self._work.pause_wanted()

    def _measure(self, event: StepLogged, *, since: StepLogged) -> None:
        seconds, steps = event.at - since.at, event.step - since.step
        if seconds < _SETTLED or steps < _LEAST:
            return
        self._told = True
        self._work.say(
            Rehearsed(
                steps=steps,
                total=event.total,
                seconds_per_step=seconds / steps,
                tokens_per_second=event.tokens_per_second,
                peak=peak_bytes(),
                seconds=time.monotonic() - self._started + event.seconds_left,
            )
        )
        _remember(self._plan, forward=None, training=event.tokens_per_second)
