"""The plan one would make if memory were no matter: how long, how much at once, how large. Pure."""

from msgspec.structs import replace

from zeroapp import estimate
from zeroapp.catalogue import Base
from zeroapp.dataset import Answers, DatasetProfile, Reads
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device, Method, PlanOptions, Pooling, Precision, TrainPlan, ZeroStage

TEXT_EPOCHS = 4
"""Passes over texts that are learned to be written."""

SIGNS = 64
"""Tokens that a chat template may put around a question and its answer."""

LONGEST = 512
"""Tokens of an example that are read, where the base could read more: memory and time grow."""

PICTURE_RATE = 2e-4
"""What sees pictures is small and sturdy: it learns at a higher rate than what reads texts."""


def seen(base: Base, options: PlanOptions, hardware: HardwareProfile) -> Base:
    """The base with the side of its pictures as it will look at them here."""
    usual = base.side if hardware.gpus else base.quick_side or base.side
    asked = options.overrides.get("side", 0)
    return replace(base, side=int(asked) if isinstance(asked, int | str) and asked else usual)


def first_plan(
    task: str, profile: DatasetProfile, base: Base, *, hardware: HardwareProfile, rows: int
) -> TrainPlan:
    """What we would do if memory were no matter; rows: those to learn from."""
    gpus = len(hardware.gpus)
    batch = 32 if rows >= 1000 else 16  # noqa: PLR2004 - small data needs more steps
    labels = sorted(profile.labels, key=lambda counted: counted.label)
    plan = TrainPlan(
        task=task,
        base=base.key,
        data_version=profile.version,
        masked=profile.masked,
        labels=tuple(counted.label for counted in labels),
        label_counts=tuple(counted.count for counted in labels),
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
    if base.answers is Answers.text:
        return _for_writing(plan, profile, base, hardware=hardware)
    return _for_pictures(plan, base) if base.reads is Reads.picture else plan


def _for_writing(
    plan: TrainPlan, profile: DatasetProfile, base: Base, *, hardware: HardwareProfile
) -> TrainPlan:
    """Small matrices beside the base, and few passes: a model soon knows texts by heart."""
    # before anything was timed: such large matrices gain by it wherever there is hardware for it
    untimed = hardware.bf16_hardware and not hardware.bf16_timed
    return replace(
        plan,
        method=Method.lora,
        precision=Precision.bf16 if untimed else plan.precision,
        epochs=min(plan.epochs, TEXT_EPOCHS),
        max_length=_max_length(profile, base, more=SIGNS),
        packing=True,
        freeze_embeddings=False,
    )


def _for_pictures(plan: TrainPlan, base: Base) -> TrainPlan:
    """On a processor always fp32: convolutions in half precision hardly get on there."""
    return replace(
        plan,
        side=base.side,
        max_length=max(8, estimate.picture_tokens(base.side)),
        packing=True,
        freeze_embeddings=False,
        precision=Precision.fp32 if plan.device is Device.cpu else plan.precision,
        learning_rate=PICTURE_RATE,
        head_learning_rate=PICTURE_RATE,
    )


def _epochs(rows: int, batch: int) -> int:
    """Enough steps to learn from little, few passes over much."""
    steps = max(1, rows // batch)
    return max(2, min(10, round(240 / steps)))


def _max_length(profile: DatasetProfile, base: Base, *, more: int = 0) -> int:
    """Room for all but the longest twentieth and `more`, within what the base can read."""
    wanted = 128 if profile.lengths is None else profile.lengths.p95
    rounded = -(-max(32, wanted + more) // 32) * 32
    return min(max(rounded, 128), base.max_length, LONGEST)
