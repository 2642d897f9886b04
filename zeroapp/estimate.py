"""Arithmetic: bytes a rank needs and seconds a run takes. No torch, nothing is loaded.

Model states follow the ZeRO paper (arXiv 1910.02054, section 3) for fp32 AdamW: 4 bytes a
parameter, 4 a gradient, 8 for the two moments; a stage divides its share by the ranks.
"""

import math
from dataclasses import dataclass

from zeroapp.plan import MemoryPart, Pooling, Precision, TrainPlan, ZeroStage

FLOAT = 4
RUNTIME = 430 * 2**20
"""Python, torch and transformers once imported, resident (measured: 380 to 430 MiB on Linux)."""

HELD = {Precision.fp32: 18.2, Precision.bf16: 12.5}
"""Values of 4 bytes kept for backward, a token, a layer and a unit of width, in a transformer
layer whose inner width is four times its width (measured on the starter encoder)."""

PACKED_ROW = 128


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


def trained_parameters(shape: Shape, plan: TrainPlan) -> int:
    """Parameters that change."""
    frozen = shape.embedding_parameters if plan.freeze_embeddings else 0
    return shape.parameters + shape.hidden * shape.labels - frozen


def memory(shape: Shape, plan: TrainPlan, amount: Amount) -> tuple[MemoryPart, ...]:
    """Named parts of the peak of one rank."""
    stage, ranks = plan.zero_stage, plan.ranks
    trained = trained_parameters(shape, plan)
    everything = shape.parameters + shape.hidden * shape.labels
    unit = _largest_unit(shape)
    sharded = ranks > 1 and stage is not ZeroStage.none

    parameters = everything * FLOAT
    gradients = trained * FLOAT
    moments = 2 * trained * FLOAT
    if sharded:
        moments //= ranks
        parameters += parameters // ranks  # the shard beside the gathered copy
        if stage is ZeroStage.parameters:
            parameters = everything * FLOAT // ranks + 2 * unit * FLOAT
        if stage is not ZeroStage.optimizer:
            gradients = gradients // ranks + unit * FLOAT
    parts = {
        "parameters": parameters,
        "gradients": gradients,
        "optimizer": moments,
        "activations": _activations(shape, plan, amount),
        "runtime": RUNTIME,
    }
    return tuple(MemoryPart(name=name, bytes=int(size)) for name, size in parts.items())


def _largest_unit(shape: Shape) -> int:
    return max(shape.embedding_parameters, shape.body // max(1, shape.layers))


def _activations(shape: Shape, plan: TrainPlan, amount: Amount) -> int:
    tokens = micro_batch_tokens(plan, amount)
    return int(HELD[plan.precision] * FLOAT * tokens * shape.hidden * (shape.layers + 1))


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


def speed_of(shape: Shape, measured: Shape, at: Speed) -> Speed:
    """Speed of another encoder: time goes with the parameters that multiply every token."""
    ratio = measured.body / max(1, shape.body)
    return Speed(forward=at.forward * ratio, training=at.training * ratio)


def total(parts: tuple[MemoryPart, ...]) -> int:
    """Sum of the parts in bytes."""
    return sum(part.bytes for part in parts)


def pads(plan: TrainPlan) -> bool:
    """Whether rows are padded to the longest of their micro-batch."""
    return plan.pooling is Pooling.native
