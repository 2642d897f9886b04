"""From data, computer and wishes to a `TrainPlan` with its forecast. Imports no torch itself."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from zeroapp import catalogue, estimate, models
from zeroapp.catalogue import Base
from zeroapp.dataset import DatasetProfile, Part
from zeroapp.engine import device, planner_words
from zeroapp.errors import DataError, ResourceError, UsageError
from zeroapp.estimate import Amount, Shape, Speed
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import (
    Device,
    Forecast,
    Planned,
    PlanOptions,
    Pooling,
    Precision,
    TrainPlan,
    ZeroStage,
)
from zeroapp.project import Project
from zeroapp.work import Work

MARGIN = 0.85
"""Share of the free memory a plan may use: the rest of the computer goes on living."""

UNMEASURED = Speed(forward=6000.0, training=2000.0)
"""Tokens a second of the starter on two slow cores; used when nothing was measured."""


def make_plan(project: Project, options: PlanOptions, work: Work) -> Planned:
    """The plan and its forecast.

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
    situation = Situation(
        task=project.task,
        profile=profile,
        base=_base(options, profile),
        hardware=device.remembered() or device.probe(work, measure=True),
        amount=_amount(project, profile),
    )
    return choose(situation, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan depends on besides wishes."""

    task: str
    profile: DatasetProfile
    base: Base
    hardware: HardwareProfile
    amount: Amount


def choose(situation: Situation, options: PlanOptions) -> Planned:
    """The first plan down the ladder that fits; pure. Raises as `make_plan` does."""
    plan = _wished(_first_plan(situation), options)
    _possible(plan, situation.hardware)
    available = _available(plan, situation.hardware)
    rejected = list(planner_words.not_taken(plan, situation.hardware, options))
    need = 0
    for candidate in _ladder(plan, options):
        need = _need(candidate, situation)
        if need <= available:
            forecast = _forecast(candidate, situation, available=available)
            return Planned(plan=candidate, forecast=replace(forecast, rejected=tuple(rejected)))
        rejected.append(planner_words.too_big(candidate, need=need, have=available))
    raise ResourceError(
        "memory-limit-too-small",
        title=f"Training needs at least {planner_words.gigabytes(need)} of memory; "
        f"{planner_words.gigabytes(available)} may be used.",
        hint="Raise the memory limit, close other programs, or choose a smaller base model.",
    )


def _need(plan: TrainPlan, situation: Situation) -> int:
    """Bytes at the peak, of all ranks that share one memory."""
    shape = _shape(situation.base, labels=len(plan.labels))
    parts = estimate.memory(shape, plan, situation.amount)
    return estimate.total(parts) * _copies(plan)


def _base(options: PlanOptions, profile: DatasetProfile) -> Base:
    if options.base:
        return models.describe(options.base)
    return catalogue.starter_for(profile.language)


def _amount(project: Project, profile: DatasetProfile) -> Amount:
    parts = project.parts(version=profile.version, seed=_DEFAULTS.seed)
    lengths = profile.lengths
    return Amount(
        train=len(parts[Part.train]),
        validation=len(parts[Part.validation]),
        test=len(parts[Part.test]),
        mean_tokens=lengths.mean if lengths else 32.0,
        longest=lengths.longest if lengths else 128,
    )


_DEFAULTS = TrainPlan(task="", base="", data_version="", labels=())


def _first_plan(situation: Situation) -> TrainPlan:
    """What we would do if memory were no matter."""
    profile, base, hardware = situation.profile, situation.base, situation.hardware
    rows = situation.amount.train
    gpus = len(hardware.gpus)
    batch = 32 if rows >= 1000 else 16  # noqa: PLR2004 - small data needs more steps
    return TrainPlan(
        task=situation.task,
        base=base.key,
        data_version=profile.version,
        labels=tuple(sorted(count.label for count in profile.labels)),
        epochs=_epochs(rows, batch),
        batch_size=batch,
        max_length=_max_length(profile, base),
        pooling=Pooling(base.pooling),
        prefix=base.prefix,
        packing=base.pooling == "mean",
        precision=Precision.bf16 if hardware.bf16_faster else Precision.fp32,
        device=hardware.device,
        ranks=max(1, gpus),
        zero_stage=ZeroStage.gradients if gpus > 1 else ZeroStage.none,
    )


def _epochs(rows: int, batch: int) -> int:
    """Enough steps to learn from little, few passes over much."""
    steps = max(1, rows // batch)
    return max(2, min(10, round(240 / steps)))


def _max_length(profile: DatasetProfile, base: Base) -> int:
    """Room for all but the longest twentieth, within what the base can read."""
    wanted = 128 if profile.lengths is None else profile.lengths.p95
    rounded = -(-max(32, wanted) // 32) * 32
    return min(max(rounded, 128), base.max_length, 512)


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


def _ladder(plan: TrainPlan, options: PlanOptions) -> Iterator[TrainPlan]:
    """Ever smaller plans that train the same: smaller micro-batches, then a higher stage."""
    yield plan
    tokens = min(plan.micro_tokens, 4096)
    while tokens > 256:  # noqa: PLR2004 - below, the states are what is large
        tokens //= 2
        yield replace(plan, micro_tokens=max(128, tokens))
    if plan.ranks > 1 and options.zero_stage is None:
        yield replace(plan, micro_tokens=256, zero_stage=ZeroStage.parameters)


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


def _possible(plan: TrainPlan, hardware: HardwareProfile) -> None:
    """Raises UsageError for what this computer cannot do."""
    if plan.device is Device.cuda and plan.ranks > len(hardware.gpus):
        raise UsageError(
            "too-many-ranks",
            title=f"{plan.ranks} training processes need as many graphics cards; "
            f"this computer has {len(hardware.gpus)}.",
            hint="Ask for fewer, or set device=cpu.",
        )
    if plan.device is Device.cpu and plan.ranks > 4 * hardware.cores:
        raise UsageError(
            "too-many-ranks",
            title=f"{plan.ranks} training processes are too many for {hardware.cores} cores.",
            hint=f"Ask for at most {4 * hardware.cores}; one is the fastest on this computer.",
        )
    if plan.device is Device.mps and plan.ranks > 1:
        raise UsageError(
            "too-many-ranks",
            title="An Apple graphics card trains with one process only.",
            hint="Ask for one, or set device=cpu.",
        )


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
    timed = [s for s in hardware.speeds if s.base == starter.key and s.precision == plan.precision]
    at = (
        Speed(forward=timed[0].forward_tokens, training=timed[0].training_tokens)
        if timed
        else UNMEASURED
    )
    speed = estimate.speed_of(_shape(base, labels=1), _shape(starter, labels=1), at)
    if plan.device is Device.cpu and plan.ranks > 1:
        # ranks on one computer share its cores and copy between each other (measured: .63 to .72)
        speed = Speed(forward=speed.forward / plan.ranks, training=speed.training * 0.65)
    if plan.device is Device.cuda:
        speed = Speed(forward=speed.forward, training=speed.training * plan.ranks)
    return speed, bool(timed)


def _forecast(plan: TrainPlan, situation: Situation, *, available: int) -> Forecast:
    base, hardware, amount = situation.base, situation.hardware, situation.amount
    speed, measured = _speed(base, plan, hardware)
    seconds = estimate.seconds(plan, amount, speed)
    return Forecast(
        model_title=base.title,
        method=planner_words.method(plan),
        why=planner_words.why(plan, base, hardware),
        memory=estimate.memory(_shape(base, labels=len(plan.labels)), plan, amount),
        peak_bytes=_need(plan, situation),
        available_bytes=available,
        steps=estimate.steps(plan, amount) if plan.fine_tune else 0,
        seconds=seconds,
        seconds_low=seconds * 0.6,
        seconds_high=seconds * (1.8 if measured else 4.0),
        measured=measured,
    )
