"""The plans that train the same by other means, and what each means costs in time. Pure."""

from collections.abc import Iterator
from itertools import product

from msgspec.structs import replace

from zeroapp import estimate
from zeroapp.estimate import Amount, Shape, Speed
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device, Method, Offload, PlanOptions, Precision, TrainPlan, ZeroStage

RECOMPUTE = 1.33
"""Times as long: one forward pass more for a forward and a backward, which takes two."""

LORA = 0.75
"""Times as long: backward computes no gradients of the frozen matrices."""

DISK_BYTES_A_SECOND = 4e8
"""Of states walked through files under a tight limit (measured: 610 MB of moments read and
written in 2.4 to 3.8 s)."""

DISK_BYTES = 28
"""Moved a trained parameter and step: two moments and the weights, each read and written (24),
and gradients written."""

HOST_BYTES_A_SECOND = 1e10
"""Between a card and main memory, and of main memory while the processor steps (assumed: PCIe 3
and two channels of DDR4; not measured)."""

HOST_BYTES = {Offload.optimizer: 36, Offload.cpu: 44}
"""Moved a trained parameter and step: the gradient to main memory and the weights back (8), and
the step there, which reads four values and writes three (28); with weights there, those twice."""

SMALL_BATCH_TOKENS = 64
"""A pass over this many tokens would take twice as long a token as over very many."""

STAGE = {
    ZeroStage.none: 1.0,
    ZeroStage.optimizer: 1.02,
    ZeroStage.gradients: 1.05,
    ZeroStage.parameters: 1.2,
}
"""Times as long as stage 0 on as many ranks, by what is sent (ZeRO paper, section 7)."""

_MICRO = (4096, 2048, 1024, 512, 256, 128)


def candidates(
    plan: TrainPlan, options: PlanOptions, hardware: HardwareProfile
) -> Iterator[TrainPlan]:
    """The plan first, then every other way to train it that was not ruled out by a wish.

    What is learned stays the same but for the method; wishes are kept.
    """
    asked = set(options.overrides)
    micro = [plan.micro_tokens]
    if "micro_tokens" not in asked:
        micro += [tokens for tokens in _MICRO if tokens < plan.micro_tokens]
    recompute = [plan.recompute]
    if "recompute" not in asked and not plan.recompute:
        recompute.append(True)
    choices = product(
        _methods(plan, asked),
        _offloads(plan, options),
        _stages(plan, options),
        _precisions(plan, asked, hardware),
        recompute,
        micro,
    )
    for method, offload, stage, precision, again, tokens in choices:
        yield replace(
            plan,
            method=method,
            offload=offload,
            zero_stage=stage,
            precision=precision,
            recompute=again,
            micro_tokens=tokens,
        )


def _methods(plan: TrainPlan, asked: set[str]) -> list[Method]:
    # LoRA learns something else, so that it is never taken unasked
    del asked
    return [plan.method]


def _offloads(plan: TrainPlan, options: PlanOptions) -> list[Offload]:
    if options.offload is not None or plan.offload is not Offload.none:
        return [plan.offload]
    if plan.device is Device.cuda:
        alone = [Offload.optimizer] if plan.ranks == 1 else []
        return [Offload.none, *alone, Offload.cpu]
    files = plan.device is Device.cpu and plan.ranks == 1 and plan.method is Method.full
    return [Offload.none, Offload.disk] if files else [Offload.none]


def _stages(plan: TrainPlan, options: PlanOptions) -> list[ZeroStage]:
    if options.zero_stage is not None or plan.ranks == 1:
        return [plan.zero_stage]
    others = [stage for stage in ZeroStage if stage > plan.zero_stage]
    return [plan.zero_stage, *others]


def _precisions(plan: TrainPlan, asked: set[str], hardware: HardwareProfile) -> list[Precision]:
    pictures = plan.side and plan.device is Device.cpu  # convolutions in bf16 hardly get on there
    half = hardware.bf16_hardware and not pictures
    if "precision" in asked or not half or plan.precision is Precision.bf16:
        return [plan.precision]
    return [plan.precision, Precision.bf16]


def seconds(plan: TrainPlan, amount: Amount, *, shape: Shape, speed: Speed) -> float:
    """Of the whole run. speed: of this precision, device and number of ranks, all else usual."""
    slower = STAGE[plan.zero_stage] if plan.ranks > 1 else 1.0
    slower *= RECOMPUTE if plan.recompute else 1.0
    slower *= LORA if plan.method is Method.lora else 1.0
    tokens = estimate.micro_batch_tokens(plan, amount)
    slower *= 1 + SMALL_BATCH_TOKENS / tokens
    own = Speed(forward=speed.forward, training=speed.training / slower)
    whole = estimate.seconds(plan, amount, own)
    return whole + (_moving(plan, amount, shape) if plan.fine_tune else 0.0)


def _moving(plan: TrainPlan, amount: Amount, shape: Shape) -> float:
    """Seconds of moving states that wait elsewhere."""
    moves = estimate.steps(plan, amount) * estimate.trained_parameters(shape, plan)
    if plan.offload is Offload.disk:
        return moves * DISK_BYTES / DISK_BYTES_A_SECOND
    return moves * HOST_BYTES.get(plan.offload, 0) / HOST_BYTES_A_SECOND
