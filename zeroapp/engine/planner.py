"""From data, computer and wishes to a `TrainPlan` with its forecast. Imports no torch itself."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from zeroapp import catalogue, estimate, memory_record, models, tasks
from zeroapp.catalogue import Base
from zeroapp.dataset import DatasetProfile, Part
from zeroapp.engine import device, plan_choices, planner_words
from zeroapp.engine.first_plan import first_plan, seen
from zeroapp.engine.plan_limits import possible
from zeroapp.errors import DataError, UsageError
from zeroapp.estimate import Amount, Shape, Speed
from zeroapp.hardware import HardwareProfile
from zeroapp.memory_record import Record
from zeroapp.plan import (
    Device,
    Forecast,
    MemoryPart,
    Method,
    Offload,
    Planned,
    PlanOptions,
    Rejected,
    TrainPlan,
    ZeroStage,
)
from zeroapp.project import Project
from zeroapp.task import Task
from zeroapp.work import Work

NO_RECORD = Record()

MARGIN = 0.85
"""Share of the free memory a plan may use: the rest of the computer goes on living."""

DOUBT = 0.75
"""The quick arithmetic may say this much too much; what needs more than it allows is not tried."""

TRIES = 8
"""Dry runs before the quick arithmetic has to do; each takes seconds."""

LORA_RATE = 2e-4
"""Small matrices that begin at nothing learn faster than a whole model may (decision 022)."""

UNMEASURED = Speed(forward=6000.0, training=2000.0)
"""Tokens a second of the starter on two slow cores; used when nothing was measured."""


def make_plan(
    project: Project, options: PlanOptions, work: Work, *, libraries: int = estimate.LIBRARIES
) -> Planned:
    """The plan and its forecast. libraries: bytes these take here once they are imported.

    Raises DataError("not-checked") before the data was checked, UsageError for wishes that
    cannot be met, ResourceError("memory-limit-too-small") when nothing fits.
    """
    profile = project.profile()
    if profile is None:
        raise DataError(
            "not-checked",
            title="The examples have not been checked yet.",
            hint="Check them first; it takes a few seconds.",
        )
    hardware = device.remembered() or device.probe(work, measure=True)
    base = seen(_base(options, profile, task=tasks.get(project.task)), options, hardware)
    situation = Situation(
        task=project.task,
        profile=profile,
        base=base,
        hardware=hardware,
        amount=_amount(project, profile, base=base),
        record=memory_record.load(),
        libraries=libraries,
    )
    from zeroapp.engine.dry_run import DryRun

    return choose(situation, options, exact=DryRun(project, work, libraries=libraries).parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan depends on besides wishes. record: what runs here really took; libraries:
    bytes these take here once they are imported.
    """

    task: str
    profile: DatasetProfile
    base: Base
    hardware: HardwareProfile
    amount: Amount
    record: Record = NO_RECORD
    libraries: int = estimate.LIBRARIES


Exact = Callable[[TrainPlan], tuple[MemoryPart, ...] | None]
"""What one rank of a plan takes, counted; None where that cannot be done."""


def choose(situation: Situation, options: PlanOptions, *, exact: Exact | None = None) -> Planned:
    """The fastest plan that fits; pure but for `exact`. Raises as `make_plan` does.

    The quick arithmetic leads the search; with `exact` the plan taken is one that fits by it.
    """
    plan = first_plan(
        situation.task,
        situation.profile,
        situation.base,
        hardware=situation.hardware,
        rows=situation.amount.train,
    )
    plan = _wished(plan, options)
    possible(plan, options, situation.hardware, rows=situation.amount.train)
    available = _available(plan, situation.hardware)
    looks = _looked_at(plan, situation, options)
    too_big: list[_Look] = []
    for look in looks:
        counted = look
        if exact is not None and look.need * DOUBT <= available and _counted(too_big) < TRIES:
            counted = _count(look, situation, exact)
        if counted.need <= available:
            rejected = _rejected(counted, looks, too_big, situation=situation, options=options)
            forecast = _forecast(counted, situation, available=available)
            return Planned(plan=counted.plan, forecast=replace(forecast, rejected=rejected))
        too_big.append(counted)
    least = min(too_big, key=lambda look: look.need)
    raise planner_words.nothing_fits(least.plan, need=least.need, have=available)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A plan and what it takes: seconds, and one rank's memory."""

    plan: TrainPlan
    seconds: float
    parts: tuple[MemoryPart, ...]
    exact: bool = False

    @property
    def need(self) -> int:
        """Bytes at the peak, of all ranks that share one memory."""
        return estimate.total(self.parts) * _copies(self.plan)


def _looked_at(plan: TrainPlan, situation: Situation, options: PlanOptions) -> list[_Look]:
    """Every way to train it, the fastest first; of equals the one nearest to the first plan."""
    looks = [
        _look(one, situation) for one in plan_choices.candidates(plan, options, situation.hardware)
    ]
    return sorted(looks, key=lambda look: look.seconds)


def _look(plan: TrainPlan, situation: Situation) -> _Look:
    shape = _shape(situation.base, labels=len(plan.labels))
    speed, _ = _speed(situation.base, plan, situation.hardware)
    parts = estimate.memory(shape, plan, situation.amount, libraries=situation.libraries)
    seconds = plan_choices.seconds(plan, situation.amount, shape=shape, speed=speed)
    return _Look(plan=plan, seconds=seconds, parts=_corrected(parts, situation))


def _corrected(parts: tuple[MemoryPart, ...], situation: Situation) -> tuple[MemoryPart, ...]:
    """With what this computer was seen to take beyond the arithmetic."""
    more = situation.record.correction
    return tuple(
        replace(part, bytes=max(0, part.bytes + more)) if part.name == "runtime" else part
        for part in parts
    )


def _count(look: _Look, situation: Situation, exact: Exact) -> _Look:
    parts = exact(look.plan)
    if parts is None:
        return look
    return _Look(
        plan=look.plan, seconds=look.seconds, parts=_corrected(parts, situation), exact=True
    )


def _counted(looks: list[_Look]) -> int:
    return sum(look.exact for look in looks)


def _rejected(
    taken: _Look,
    looks: list[_Look],
    too_big: list[_Look],
    *,
    situation: Situation,
    options: PlanOptions,
) -> tuple[Rejected, ...]:
    """What a knowing person might ask about; then what is faster and too big, by its means; then
    what is there in need and was not taken.
    """
    plan, hardware = taken.plan, situation.hardware
    said = list(planner_words.not_taken(plan, hardware, options))
    smallest: dict[tuple[object, ...], _Look] = {}
    for look in too_big:
        means = planner_words.means(look.plan)
        if means not in smallest or look.need < smallest[means].need:
            smallest[means] = look
    said += [
        planner_words.too_big(look.plan, need=look.need, have=_available(plan, hardware))
        for look in smallest.values()
    ]
    slower = _cheaper_in_memory(taken, looks)
    said += [
        planner_words.slower(look.plan, need=look.need, times=look.seconds / taken.seconds)
        for look in slower
    ]
    if plan.method is Method.full and plan.fine_tune and not plan.side:
        lora = _look(replace(plan, method=Method.lora, offload=Offload.none), situation)
        times = lora.seconds / taken.seconds
        said.append(planner_words.lora(need=lora.need, times=times))
    return tuple(said)


def _cheaper_in_memory(taken: _Look, looks: list[_Look]) -> list[_Look]:
    """One for recomputing and one for each place to offload to, where they would save memory."""
    plan = taken.plan
    others = [replace(plan, recompute=True), *(replace(plan, offload=o) for o in Offload)]
    known = {look.plan: look for look in looks}
    return [
        known[other]
        for other in others
        if other in known and other != plan and known[other].need < taken.need
    ]


def _base(options: PlanOptions, profile: DatasetProfile, *, task: Task) -> Base:
    if not options.base:
        starter = catalogue.starter_for
        return starter(profile.language, reads=task.reads, answers=task.answers)
    base = models.describe(options.base)
    if base.reads is not task.reads:
        raise planner_words.reads_otherwise(base, reads=task.reads)
    if base.answers is not task.answers:
        raise planner_words.answers_otherwise(base)
    return base


def _amount(project: Project, profile: DatasetProfile, *, base: Base) -> Amount:
    parts = project.parts(version=profile.version, seed=_DEFAULTS.seed)
    lengths = profile.lengths
    weight = estimate.picture_tokens(base.side)
    return Amount(
        train=len(parts[Part.train]),
        validation=len(parts[Part.validation]),
        test=len(parts[Part.test]),
        mean_tokens=lengths.mean if lengths else weight or 32.0,
        longest=lengths.longest if lengths else weight or 128,
    )


_DEFAULTS = TrainPlan(task="", base="", data_version="", labels=())


def _wished(plan: TrainPlan, options: PlanOptions) -> TrainPlan:
    """The plan with what the person asked for; checks every field."""
    asked: dict[str, Any] = {
        "ranks": options.ranks,
        "zero_stage": options.zero_stage,
        "offload": options.offload,
        "memory_limit": options.memory_limit,
    }
    changes = {name: value for name, value in asked.items() if value is not None}
    changes |= dict(options.overrides)
    changed = with_fields(plan, changes)
    if changed.ranks == 1 and changed.zero_stage is not ZeroStage.none and not options.zero_stage:
        changed = replace(changed, zero_stage=ZeroStage.none)
    if changed.method is Method.lora and "learning_rate" not in options.overrides:
        changed = replace(changed, learning_rate=LORA_RATE)
    return changed


def with_fields(plan: TrainPlan, changes: dict[str, Any]) -> TrainPlan:
    """The plan with some fields changed. Raises UsageError for an unknown field or a bad value."""
    known = TrainPlan.__struct_fields__
    for name in changes:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3)
            meant = (
                f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
            )
            raise UsageError(
                "unknown-plan-field",
                title=f"The plan has no field called “{name}”.",
                hint=meant,
            )
    try:
        return msgspec.convert(msgspec.to_builtins(plan) | changes, type=TrainPlan, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            "bad-plan-value",
            title=f"A value in the plan is not possible: {error}.",
            hint="Change that value, or leave it out to let zeroapp choose.",
        ) from error


def _copies(plan: TrainPlan) -> int:
    """Ranks that share one memory: all of them on a CPU, one a card on GPUs."""
    return plan.ranks if plan.device is Device.cpu else 1


def _available(plan: TrainPlan, hardware: HardwareProfile) -> int:
    if plan.device is Device.cuda:
        free = min(gpu.free for gpu in hardware.gpus)
    else:
        free = hardware.memory_available
    usable = int(free * MARGIN)
    return min(usable, plan.memory_limit) if plan.memory_limit else usable


def _shape(base: Base, *, labels: int) -> Shape:
    return Shape(
        parameters=base.parameters,
        embedding_parameters=base.embedding_parameters,
        layers=base.layers,
        hidden=base.hidden,
        labels=labels,
    )


def _speed(base: Base, plan: TrainPlan, hardware: HardwareProfile) -> tuple[Speed, bool]:
    """Tokens a second, and whether that rests on a measurement."""
    starter = catalogue.starters()[0]
    # what a run of this very base has shown is worth more than the starter's measurement
    timed = _timed(base, plan, hardware) or _timed(starter, plan, hardware)
    by = base if _timed(base, plan, hardware) else starter
    at = timed or UNMEASURED
    speed = estimate.speed_of(_shape(base, labels=1), _shape(by, labels=1), at)
    if plan.device is Device.cpu and plan.ranks > 1:
        # ranks on one computer share its cores and copy between each other (measured: .63 to .72)
        speed = Speed(forward=speed.forward / plan.ranks, training=speed.training * 0.65)
    if plan.device is Device.cuda:
        speed = Speed(forward=speed.forward, training=speed.training * plan.ranks)
    return speed, timed is not None


def _timed(base: Base, plan: TrainPlan, hardware: HardwareProfile) -> Speed | None:
    """What was measured here of a base: by a probe, a rehearsal or the first steps of a run."""
    for one in hardware.speeds:
        if one.base == base.key and one.precision == plan.precision:
            return Speed(forward=one.forward_tokens, training=one.training_tokens)
    return None


def _forecast(look: _Look, situation: Situation, *, available: int) -> Forecast:
    base, hardware, plan = situation.base, situation.hardware, look.plan
    _, measured = _speed(base, plan, hardware)
    return Forecast(
        model_title=base.title,
        method=planner_words.method(plan, tasks.get(situation.task).answers),
        why=planner_words.why(plan, base, hardware),
        memory=look.parts,
        peak_bytes=look.need,
        available_bytes=available,
        steps=estimate.steps(plan, situation.amount) if plan.fine_tune else 0,
        seconds=look.seconds,
        seconds_low=look.seconds * 0.6,
        seconds_high=look.seconds * (1.8 if measured else 4.0),
        measured=measured,
        exact=look.exact,
        seen_runs=len(situation.record.seen),
        seen_error=situation.record.error,
    )
