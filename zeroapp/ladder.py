"""The ladder a run steps down when memory runs out: each rung trains the same, in less of it. Pure.

What would change what is learned (LoRA, a smaller base) is only offered: the user decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from zeroapp import catalogue
from zeroapp.errors import ResourceError
from zeroapp.plan import Device, Method, Offload, TrainPlan, ZeroStage

SMALLEST: Final = 256
"""Tokens of the smallest micro-batch worth trying: below, the states are what is large."""

_SHRINK: Final = 4
"""A micro-batch shrinks by this at once: each try costs a start, half would cost twice as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """The next smaller plan, and in one sentence what is done differently from now on."""

    plan: TrainPlan
    did: str


def next_down(plan: TrainPlan) -> Rung | None:
    """The next rung below a plan; None when only asking is left (see `nothing_left`).

    Every rung keeps the effective batch and all else that decides what is learned.
    """
    for step in _STEPS:
        rung = step(plan)
        if rung is not None:
            return rung
    return None


def _fewer_tokens(plan: TrainPlan) -> Rung | None:
    if plan.micro_tokens <= SMALLEST:
        return None
    tokens = max(SMALLEST, plan.micro_tokens // _SHRINK)
    return Rung(
        plan=replace(plan, micro_tokens=tokens),
        did=f"It now reads at most {tokens:,} word pieces at a time, as many a step as before.",
    )


def _recompute(plan: TrainPlan) -> Rung | None:
    if plan.recompute:
        return None
    return Rung(
        plan=replace(plan, recompute=True),
        did="It now works out again what it cannot keep in mind, which takes about a third longer.",
    )


def _higher_stage(plan: TrainPlan) -> Rung | None:
    if plan.ranks == 1 or plan.zero_stage is ZeroStage.parameters:
        return None
    return Rung(
        plan=replace(plan, zero_stage=ZeroStage.parameters),
        did=f"Its {plan.ranks} processes now share the whole model, each holds only its part.",
    )


def _offload(plan: TrainPlan) -> Rung | None:
    if plan.device is Device.cuda and plan.offload is Offload.none and plan.ranks == 1:
        return Rung(
            plan=replace(plan, offload=Offload.optimizer),
            did="What its optimizer keeps is now in main memory instead of on the graphics card.",
        )
    if plan.device is Device.cuda and plan.offload in (Offload.none, Offload.optimizer):
        return Rung(
            plan=replace(plan, offload=Offload.cpu),
            did="Much of the model now waits in main memory instead of on the graphics card.",
        )
    if plan.device is not Device.cpu or plan.offload is Offload.disk or plan.method is Method.lora:
        return None
    # files are kept by one process; several on one computer hold more than one in any case
    return Rung(
        plan=replace(plan, offload=Offload.disk, ranks=1, zero_stage=ZeroStage.none),
        did="The model now waits in files on the disk while it learns, which is slower.",
    )


_STEPS: Final[tuple[Callable[[TrainPlan], Rung | None], ...]] = (
    _fewer_tokens,
    _recompute,
    _higher_stage,
    _offload,
)


ASK_LORA: Final = "memory-short-full"
"""Failure code: every weight cannot learn here; LoRA is offered."""

ASK_SMALLER: Final = "memory-short"
"""Failure code: not even LoRA fits; a smaller base is offered."""


def nothing_left(plan: TrainPlan, *, detail: str = "") -> ResourceError:
    """The error at the foot of the ladder; its hint offers what would change what is learned."""
    if plan.method is Method.full:
        return ResourceError(
            ASK_LORA,
            title="This computer's memory is too small to teach the whole model, however "
            "sparingly. What was saved is safe.",
            hint="Teach only small parts added to it instead (LoRA; on the command line, "
            "--set method=lora).",
            detail=detail,
        )
    smaller = smaller_base(plan.base)
    hint = "Close other programs, or train on a computer with more memory."
    if smaller is not None:
        hint = f"Start from a smaller model instead (on the command line, --base {smaller})."
    return ResourceError(
        ASK_SMALLER,
        title="This computer's memory is too small for this model, however sparingly it is "
        "taught. What was saved is safe.",
        hint=hint,
        detail=detail,
    )


def smaller_base(base: str) -> str | None:
    """The largest starter that is smaller than `base`; None when there is none."""
    starters = {one.key: one.parameters for one in catalogue.starters()}
    limit = starters.get(base)
    smaller = {k: n for k, n in starters.items() if k != base and (limit is None or n < limit)}
    return max(smaller, key=lambda key: smaller[key]) if smaller else None
