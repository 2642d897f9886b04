"""Arithmetic: bytes a rank needs and seconds a run takes. No torch, nothing is loaded.

Model states follow the ZeRO paper (arXiv 1910.02054, section 3) for fp32 AdamW: 4 bytes a
parameter, 4 a gradient, 8 for the two moments; a stage divides its share by the ranks.
"""

import math
from dataclasses import dataclass

from msgspec.structs import replace

from zeroapp.plan import (
    Device,
    MemoryPart,
    Method,
    Offload,
    Planned,
    Precision,
    TrainPlan,
    ZeroStage,
)

FLOAT = 4
LIBRARIES = 435 * 2**20
"""Python, torch and transformers imported, resident, on one Linux with torch 2.13. How much of its
libraries a system brings in is its own affair (475 MiB on another), so planning measures it."""

WORKING = 41 * 2**20
"""What they add in training (fitted by benchmarks/memory.py)."""

ONEDNN = 22 * 2**20
"""More where oneDNN computes convolutions: it makes code for every shape and keeps it."""

ONEDNN_TEXTS = 34 * 2**20
"""More where it computes texts in half precision, in steps of many lengths; what it keeps of them
is bounded (worker/environment.py)."""

HELD = {Precision.fp32: 14.1, Precision.bf16: 11.9}
"""Values of 4 bytes kept for backward, a token, a layer and a unit of width, in a transformer
layer whose inner width is four times its width (engine/dry_run.py on the starter encoder; rows of
512 tokens and more take 9.6 in half precision, engine/attention.py)."""

LORA_WIDTHS = 18
"""A low-rank pair beside each matrix of such a layer adds this many widths times its rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What decides memory and speed of an encoder. parameters include the embeddings."""

    parameters: int
    embedding_parameters: int
    layers: int
    hidden: int
    labels: int

    @property
    def body(self) -> int:
        """Parameters that take part in matrix products for every token."""
        return self.parameters - self.embedding_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much there is to read: training examples, their mean length and longest, in tokens."""

    train: int
    validation: int
    test: int
    mean_tokens: float
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Tokens a second of this shape on this computer, all ranks together."""

    forward: float
    training: float


def picture_tokens(side: int) -> int:
    """What a picture of this height and width weighs in a batch, as if it were a text: a token for
    each square of 16 points. A pass over either then takes about the same memory.
    """
    return (side // 16) ** 2


def trained_parameters(shape: Shape, plan: TrainPlan) -> int:
    """Parameters that change."""
    head = shape.hidden * shape.labels
    if plan.method is Method.lora:
        return head + plan.lora_rank * LORA_WIDTHS * shape.hidden * shape.layers
    frozen = shape.embedding_parameters if plan.freeze_embeddings else 0
    return shape.parameters + head - frozen


def memory(
    shape: Shape, plan: TrainPlan, amount: Amount, *, libraries: int = LIBRARIES
) -> tuple[MemoryPart, ...]:
    """Named parts of the peak of one rank, quickly; engine/dry_run.py knows them to the byte.

    libraries: bytes that a process of this computer has of them once they are imported. Files of a
    plan that keeps its states on disk are not counted: the system drops their pages when memory is
    wanted.
    """
    parts = _states(shape, plan) | {
        "activations": _activations(shape, plan, amount),
        "runtime": runtime(plan, libraries=libraries),
    }
    return tuple(MemoryPart(name=name, bytes=int(size)) for name, size in parts.items())


def runtime(plan: TrainPlan, *, libraries: int = LIBRARIES) -> int:
    """What the libraries take while they train this plan; libraries: once they are imported."""
    more = ONEDNN if plan.side else ONEDNN_TEXTS if texts_in_half(plan) else 0
    return libraries + WORKING + more


def texts_in_half(plan: TrainPlan) -> bool:
    """Whether texts, each step of another length, are computed in half precision."""
    return plan.precision is Precision.bf16 and not plan.side


def _states(shape: Shape, plan: TrainPlan) -> dict[str, int]:
    trained = FLOAT * trained_parameters(shape, plan)
    everything = FLOAT * (shape.parameters + shape.hidden * shape.labels)
    unit = FLOAT * _largest_unit(shape)
    if plan.offload is Offload.disk:
        return {"parameters": unit, "gradients": unit, "optimizer": 0}
    if plan.offload is Offload.optimizer:  # a gradient leaves when it is whole
        return {"parameters": everything, "gradients": min(unit, trained), "optimizer": 0}
    if plan.offload is Offload.cpu:  # the next unit arrives while one computes
        near = min(2 * unit, everything)
        return {"parameters": near, "gradients": min(unit, trained), "optimizer": 0}
    if plan.ranks == 1:
        return {"parameters": everything, "gradients": trained, "optimizer": 2 * trained}
    if plan.zero_stage is ZeroStage.none:  # DDP keeps its gradients in buckets as well
        states = {"parameters": everything, "gradients": trained, "optimizer": 2 * trained}
        return states | {"buffers": trained}
    shard, mine = everything // plan.ranks, trained // plan.ranks
    gathered = 2 * unit if plan.zero_stage is ZeroStage.parameters else everything
    whole = plan.zero_stage is ZeroStage.optimizer
    return {
        "parameters": shard + gathered,
        "gradients": trained if whole else mine + min(unit, trained),
        "optimizer": 2 * mine,
        "buffers": min(unit, trained),
    }


def _largest_unit(shape: Shape) -> int:
    return max(shape.embedding_parameters, shape.body // max(1, shape.layers))


def _activations(shape: Shape, plan: TrainPlan, amount: Amount) -> int:
    tokens = micro_batch_tokens(plan, amount)
    values = FLOAT * tokens * shape.hidden
    held = HELD[plan.precision]
    if plan.recompute:  # what enters each layer, and one layer in full
        return int(values * (shape.layers + 2 * held))
    return int(values * held * (shape.layers + 1))


def micro_batch_tokens(plan: TrainPlan, amount: Amount) -> float:
    """Tokens of the fullest forward pass of one rank."""
    rows = math.ceil(plan.batch_size / plan.ranks)
    longest = min(amount.longest, plan.max_length)
    # the fullest of many batches: the sum of its lengths when packed, its longest when padded
    fullest = 3.0 if pads(plan) else 1.6
    usual = min(rows * longest, fullest * rows * amount.mean_tokens)
    return max(float(min(plan.micro_tokens, usual)), float(min(longest, plan.max_length)))


def steps(plan: TrainPlan, amount: Amount) -> int:
    """Optimizer steps of the fine-tune."""
    return math.ceil(amount.train / plan.batch_size) * plan.epochs


def seconds(plan: TrainPlan, amount: Amount, speed: Speed) -> float:
    """From start to verdict: loading, reading everything once, teaching, judging."""
    start = 9.0
    rows = amount.train + amount.validation + amount.test
    reading = rows * amount.mean_tokens / speed.forward
    fitting = rows * 4e-4 * max(1.0, math.sqrt(len(plan.labels)))
    total = start + reading + fitting
    judging = amount.test * amount.mean_tokens * 2.5 / speed.forward
    if plan.fine_tune:
        total += amount.train * amount.mean_tokens * plan.epochs / speed.training
        total += 0.04 * steps(plan, amount)  # what a step costs besides its tokens
        total += amount.validation * amount.mean_tokens * plan.epochs / speed.forward
    return total + judging


def corrected(planned: Planned, *, seconds: float, peak: int) -> Planned:
    """The plan as real steps foretell it. peak: bytes the fullest rank held.

    What the parts do not explain is put down to the runtime.
    """
    known = planned.forecast
    more = peak - total(known.memory)
    parts = tuple(
        replace(part, bytes=max(0, part.bytes + more)) if part.name == "runtime" else part
        for part in known.memory
    )
    copies = planned.plan.ranks if planned.plan.device is Device.cpu else 1
    forecast = replace(
        known,
        memory=parts,
        peak_bytes=total(parts) * copies,
        seconds=seconds,
        seconds_low=0.9 * seconds,
        seconds_high=1.25 * seconds,
        measured=True,
    )
    return replace(planned, forecast=forecast)


def speed_of(shape: Shape, measured: Shape, at: Speed) -> Speed:
    """Speed of another encoder: time goes with the parameters that multiply every token."""
    ratio = measured.body / max(1, shape.body)
    return Speed(forward=at.forward * ratio, training=at.training * ratio)


def total(parts: tuple[MemoryPart, ...]) -> int:
    """Sum of the parts in bytes."""
    return sum(part.bytes for part in parts)


def pads(plan: TrainPlan) -> bool:
    """Whether rows are padded to the longest of their micro-batch."""
    return not plan.packing
