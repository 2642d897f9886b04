"""The planner's sentences: what it chose and why, and what it did not take."""

from collections.abc import Iterator

from zeroapp.catalogue import Base
from zeroapp.dataset import Answers, Reads
from zeroapp.errors import ResourceError, UsageError
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import (
    Device,
    Method,
    Offload,
    PlanOptions,
    Precision,
    Rejected,
    TrainPlan,
    ZeroStage,
)

_STAGES = {
    ZeroStage.none: "every process holds the whole model",
    ZeroStage.optimizer: "the optimizer's memory is shared out (ZeRO stage 1)",
    ZeroStage.gradients: "gradients and optimizer are shared out (ZeRO stage 2)",
    ZeroStage.parameters: "the model itself is shared out (ZeRO stage 3)",
}


def gigabytes(size: int) -> str:
    """Bytes in the unit people know: 1.5 GB."""
    return f"{size / 1e9:.1f} GB"


def reads_otherwise(base: Base, *, reads: Reads) -> UsageError:
    """The error for a base that reads texts where there are pictures, or the other way round."""
    return UsageError(
        "base-reads-otherwise",
        title=f"{base.title} reads {base.reads.several}, but these examples are {reads.several}.",
        hint=f"Choose a model that reads {reads.several}, or leave the choice to zeroapp.",
    )


def answers_otherwise(base: Base) -> UsageError:
    """The error for a base that sorts where texts are to be written, or the other way round."""
    other = "sort" if base.answers is Answers.labels else "write"
    return UsageError(
        "base-answers-otherwise",
        title=f"{base.title} was made to {other} texts, which is not what this project is about.",
        hint="Leave the base out to let zeroapp choose, or name another one.",
    )


def method(plan: TrainPlan, answers: Answers) -> str:
    """How the model will be taught, in one sentence."""
    if answers is Answers.text:
        learns = (
            "Small additions beside the base learn how you write; the base itself stays as it is."
            if plan.method is Method.lora
            else "The base itself learns how you write."
        )
        return f"{learns} What it is like when it knows your texts best is kept."
    if not plan.fine_tune:
        return "A quick model on top of the base, which stays as it is."
    return (
        "First a quick model on top of the base, then the base itself is taught, starting from "
        "there. The better of the two is kept."
    )


def why(plan: TrainPlan, base: Base, hardware: HardwareProfile) -> str:
    """The model and the place, how memory is shared, and what its licence may not allow."""
    place = {
        Device.cuda: f"the graphics card ({hardware.gpus[0].name})" if hardware.gpus else "",
        Device.mps: "the Apple graphics card",
        Device.cpu: f"the processor ({hardware.cores} cores)",
    }[plan.device]
    faster = ", which is faster here," if hardware.bf16_faster else ""
    format_ = f" in half precision{faster}" if plan.precision is Precision.bf16 else ""
    first = f"{base.title} is taught on {place}{format_} and nothing leaves this computer."
    sold = "" if base.may_sell else f" {_not_for_sale(base)}"
    return f"{first} {_spread(plan)}{sold}"


def _not_for_sale(base: Base) -> str:
    terms = f"licence ({base.licence})" if base.licence else "unknown licence"
    return f"Its {terms} may not allow what is made with it to be sold: ask its makers first."


def _spread(plan: TrainPlan) -> str:
    """How memory is shared."""
    saved = _saved(plan)
    if saved:
        return f"To need less memory, {saved}."
    if plan.ranks == 1:
        return "One process with all of it is the fastest way here."
    spread = f"{plan.ranks} processes work together; {_STAGES[plan.zero_stage]}."
    if plan.device is Device.cpu and plan.zero_stage is not ZeroStage.none:
        spread += " They share this computer's one memory, so this saves none of it here."
    return spread


def _saved(plan: TrainPlan) -> str:
    """What is done to need less memory, and its price."""
    said = []
    if plan.offload is Offload.disk:
        said.append("the model's states wait in files on the disk, which is much slower")
    if plan.offload is Offload.optimizer:
        said.append("the optimizer works in main memory, which is a little slower")
    if plan.offload is Offload.cpu:
        said.append("the model's states wait in main memory, which is slower")
    if plan.recompute:
        said.append("it computes parts again instead of keeping them, which takes a third longer")
    if plan.micro_tokens < _USUAL_TOKENS:
        said.append(f"it reads {plan.micro_tokens:,} word pieces at a time")
    if plan.ranks > 1 and said and plan.zero_stage is not ZeroStage.none:
        said.append(_STAGES[plan.zero_stage])
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


_USUAL_TOKENS = 4096


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
        why = "This processor has no hardware for it."
        if hardware.bf16_hardware:
            timed = "It was timed here and was not faster."
            why = timed if hardware.bf16_timed else "It was not timed here yet."
        yield Rejected(choice="Half precision (bf16)", why=why)
    if plan.device is Device.cpu and not hardware.gpus:
        yield Rejected(choice="A graphics card", why="None was found that torch can use.")


def means(plan: TrainPlan) -> tuple[object, ...]:
    """What tells ways to train apart, besides how much is read at a time."""
    return plan.offload, plan.recompute, plan.zero_stage, plan.precision, plan.ranks


def _named(plan: TrainPlan) -> str:
    """A way to train in a few words."""
    said = []
    if plan.offload is Offload.disk:
        said.append("states on disk")
    if plan.offload is Offload.optimizer:
        said.append("optimizer in main memory")
    if plan.offload is Offload.cpu:
        said.append("states in main memory")
    if plan.recompute:
        said.append("computing parts again")
    if plan.precision is Precision.bf16:
        said.append("half precision")
    if plan.ranks > 1:
        said.append(f"ZeRO stage {int(plan.zero_stage)} on {plan.ranks} processes")
    return ", ".join(said) or "everything in memory"


def too_big(plan: TrainPlan, *, need: int, have: int) -> Rejected:
    """A faster plan that does not fit, at its smallest."""
    name = _named(plan)
    return Rejected(
        choice=f"{name[0].upper()}{name[1:]}, {plan.micro_tokens:,} word pieces at a time",
        why=f"It would be faster but needs {gigabytes(need)}; {gigabytes(have)} may be used.",
    )


def slower(plan: TrainPlan, *, need: int, times: float) -> Rejected:
    """A plan that saves memory nobody needs."""
    name = _named(plan)
    return Rejected(
        choice=f"{name[0].upper()}{name[1:]}",
        why=f"It would need only {gigabytes(need)} but take {times:.1f} times as long, "
        "and there is enough memory.",
    )


def lora(*, need: int, times: float) -> Rejected:
    """Small matrices beside the base instead of the base itself."""
    return Rejected(
        choice="Teaching small additions instead of the whole model (LoRA)",
        why=f"It would need {gigabytes(need)} and take {times:.2f} times as long, but it learns "
        "something else and often a little less. Ask for it with method=lora.",
    )


def nothing_fits(plan: TrainPlan, *, need: int, have: int) -> ResourceError:
    """The smallest plan there is, is too large."""
    smaller = "" if plan.method is Method.lora else " method=lora needs less, too."
    return ResourceError(
        "memory-limit-too-small",
        title=f"Training needs at least {gigabytes(need)} of memory; "
        f"{gigabytes(have)} may be used.",
        hint="Raise the memory limit, close other programs, or choose a smaller base model."
        + smaller,
    )


def no_card() -> UsageError:
    """A graphics card was asked for where there is none."""
    return UsageError(
        "no-graphics-card",
        title="This computer has no graphics card that torch can use.",
        hint="Leave the device out; the processor does it, too.",
    )


def more_ranks_than_rows(ranks: int, *, rows: int) -> UsageError:
    """Some process would never have anything to read."""
    return UsageError(
        "more-ranks-than-rows",
        title=f"{ranks} training processes are more than the {rows} examples to learn from.",
        hint="Ask for fewer; one is the fastest for little data.",
    )


def too_many_ranks(plan: TrainPlan, *, most: int, cores: int) -> UsageError:
    """More processes than the device can serve."""
    if plan.device is Device.mps:
        title, hint = "An Apple graphics card trains with one process only.", "Ask for one"
    elif plan.device is Device.cuda:
        title = (
            f"{plan.ranks} training processes need as many graphics cards; "
            f"this computer has {most}."
        )
        hint = "Ask for fewer"
    else:
        title = f"{plan.ranks} training processes are too many for {cores} cores."
        return UsageError(
            "too-many-ranks",
            title=title,
            hint=f"Ask for at most {most}; one is the fastest on this computer.",
        )
    return UsageError("too-many-ranks", title=title, hint=f"{hint}, or set device=cpu.")


def stage_not_possible(stage: ZeroStage) -> UsageError:
    """A stage on a device that cannot share."""
    return UsageError(
        "stage-not-possible",
        title=f"An Apple graphics card cannot share anything out (ZeRO stage {int(stage)}).",
        hint="Leave the stage out, or set device=cpu.",
    )


def offload_not_possible(title: str, *, hint: str) -> UsageError:
    """Offload that this device does not have."""
    return UsageError("offload-not-possible", title=title, hint=hint)


def deepspeed_not_possible(title: str, *, hint: str) -> UsageError:
    """DeepSpeed where it is not, or where it would have nothing to share out."""
    return UsageError("deepspeed-not-possible", title=title, hint=hint)
