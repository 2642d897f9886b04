"""The planner's sentences: what it chose and why, and what it did not take."""

from collections.abc import Iterator

from zeroapp.catalogue import Base
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device, PlanOptions, Precision, Rejected, TrainPlan, ZeroStage

_STAGES = {
    ZeroStage.none: "every process holds the whole model",
    ZeroStage.optimizer: "the optimizer's memory is shared out (ZeRO stage 1)",
    ZeroStage.gradients: "gradients and optimizer are shared out (ZeRO stage 2)",
    ZeroStage.parameters: "the model itself is shared out (ZeRO stage 3)",
}


def gigabytes(size: int) -> str:
    """Bytes in the unit people know: 1.5 GB."""
    return f"{size / 1e9:.1f} GB"


def method(plan: TrainPlan) -> str:
    """How the model will be taught, in one sentence."""
    if not plan.fine_tune:
        return "A quick model on top of the base, which stays as it is."
    return (
        "First a quick model on top of the base, then the base itself is taught, starting from "
        "there. The better of the two is kept."
    )


def why(plan: TrainPlan, base: Base, hardware: HardwareProfile) -> str:
    """Two sentences: the model and the place, then how memory is shared."""
    place = {
        Device.cuda: f"the graphics card ({hardware.gpus[0].name})" if hardware.gpus else "",
        Device.mps: "the Apple graphics card",
        Device.cpu: f"the processor ({hardware.cores} cores)",
    }[plan.device]
    format_ = (
        " in half precision, which is faster here," if plan.precision is Precision.bf16 else ""
    )
    first = f"{base.title} is taught on {place}{format_} and nothing leaves this computer."
    if plan.ranks == 1:
        return f"{first} One process with all of it is the fastest way here."
    spread = f"{plan.ranks} processes work together; {_STAGES[plan.zero_stage]}."
    if plan.device is Device.cpu and plan.zero_stage is not ZeroStage.none:
        spread += " They share this computer's one memory, so this saves none of it here."
    return f"{first} {spread}"


def not_taken(
    plan: TrainPlan, hardware: HardwareProfile, options: PlanOptions
) -> Iterator[Rejected]:
    """What a knowing person might ask about."""
    if plan.device is Device.cpu and options.ranks is None:
        yield Rejected(
            choice="Several processes with ZeRO stages 1 to 3",
            why="They divide memory between separate memories. This computer has one, so they "
            "would be slower (about two thirds of the speed) and save nothing.",
        )
    if plan.device is Device.cpu and plan.precision is Precision.fp32:
        reason = (
            "It was timed here and was not faster."
            if hardware.bf16_hardware
            else "This processor has no hardware for it."
        )
        yield Rejected(choice="Half precision (bf16)", why=reason)
    if plan.device is Device.cpu and not hardware.gpus:
        yield Rejected(choice="A graphics card", why="None was found that torch can use.")


def too_big(plan: TrainPlan, *, need: int, have: int) -> Rejected:
    """A plan that does not fit."""
    return Rejected(
        choice=f"{plan.micro_tokens} tokens at a time, stage {int(plan.zero_stage)}",
        why=f"It needs {gigabytes(need)}; {gigabytes(have)} may be used.",
    )
