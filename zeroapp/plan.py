"""A run as a value: `TrainPlan` says everything, `Forecast` what it will take. No torch here."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from zeroapp.dataset import Answers, Reads

_RARITY = 0.5


class ZeroStage(IntEnum):
    """ZeRO (arXiv 1910.02054): what is sharded over the ranks.

    0 nothing, 1 optimizer states, 2 also gradients, 3 also parameters.
    """

    none = 0
    optimizer = 1
    gradients = 2
    parameters = 3


class Device(StrEnum):
    """Where the tensors live."""

    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class Precision(StrEnum):
    """Number format of the matrix products; weights and optimizer states stay fp32."""

    fp32 = "fp32"
    bf16 = "bf16"


class Offload(StrEnum):
    """Where optimizer states and parameters wait when the device is small.

    optimizer: what the optimizer keeps, and gradients, in main memory; the card keeps the weights.
    cpu: weights too. disk: in files, so that main memory may be small.
    """

    none = "none"
    optimizer = "optimizer"
    cpu = "cpu"
    disk = "disk"


class Sharder(StrEnum):
    """Whose ZeRO it is: torch's `fully_shard`, or DeepSpeed's where a developer installed it."""

    torch = "torch"
    deepspeed = "deepspeed"


class Method(StrEnum):
    """What learns: every weight, or small matrices beside them (LoRA, arXiv 2106.09685)."""

    full = "full"
    lora = "lora"


class Pooling(StrEnum):
    """How token vectors become one vector a text.

    mean: the average over the tokens. native: whatever the base's own classification head does.
    """

    mean = "mean"
    native = "native"


class TrainPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a training run obeys. The same value gives the same weights on the same CPU.

    Field help (label, help text) lives in `zeroapp.plan.SETTINGS`; ranges are in the types.
    batch_size is the effective batch in rows; it does not change with the number of ranks.
    micro_tokens bounds the tokens one rank holds in one forward pass. prefix is put before every
    text, as the base was taught to expect. masked: personal data is hidden in every text, here and
    when the model answers. side: height and width of pictures as they are looked
    at, 0: as the base wants it. mirror: pictures may be learned from mirrored, too. weigh_rare: a
    row of a rare label counts more, see `label_weights`; label_counts: rows of each of `labels`.
    threads 0: all cores shared out over the ranks.
    recompute: forget activations and compute them again in backward (activation checkpointing).
    ranks, zero_stage, sharder, offload, micro_tokens and recompute decide what a run takes, not
    what it learns.
    """

    task: str
    base: str
    data_version: str
    labels: tuple[str, ...]
    label_counts: tuple[int, ...] = ()
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 17
    fine_tune: bool = True
    epochs: Annotated[int, Meta(ge=1, le=100)] = 3
    batch_size: Annotated[int, Meta(ge=1, le=4096)] = 32
    micro_tokens: Annotated[int, Meta(ge=128, le=1_048_576)] = 4096
    max_length: Annotated[int, Meta(ge=8, le=8192)] = 128
    side: Annotated[int, Meta(ge=0, le=1024)] = 0
    mirror: bool = False
    weigh_rare: bool = False
    pooling: Pooling = Pooling.mean
    prefix: str = ""
    masked: bool = False
    packing: bool = True
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 5e-5
    head_learning_rate: Annotated[float, Meta(gt=0, le=1)] = 5e-4
    weight_decay: Annotated[float, Meta(ge=0, le=1)] = 0.01
    warmup: Annotated[float, Meta(ge=0, le=0.5)] = 0.1
    clip_norm: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    freeze_embeddings: bool = True
    method: Method = Method.full
    lora_rank: Annotated[int, Meta(ge=1, le=512)] = 16
    precision: Precision = Precision.fp32
    device: Device = Device.cpu
    ranks: Annotated[int, Meta(ge=1, le=64)] = 1
    zero_stage: ZeroStage = ZeroStage.none
    sharder: Sharder = Sharder.torch
    offload: Offload = Offload.none
    recompute: bool = False
    threads: Annotated[int, Meta(ge=0, le=1024)] = 0
    checkpoint_seconds: Annotated[float, Meta(gt=0, le=3600)] = 45.0
    memory_limit: Annotated[int, Meta(ge=0)] = 0


def label_weights(plan: TrainPlan) -> tuple[float, ...]:
    """How much a row of each label counts in learning: 1 unless the plan weighs rare ones."""
    if not plan.weigh_rare or not plan.label_counts:
        return (1.0,) * len(plan.labels)
    return rarity_weights(plan.label_counts)


def rarity_weights(counts: Sequence[int]) -> tuple[float, ...]:
    """One over the root of how common a label is; 1 on average over all rows (decision 054)."""
    counts = [max(1, count) for count in counts]
    wanted = [count**-_RARITY for count in counts]
    mean = sum(w * n for w, n in zip(wanted, counts, strict=True)) / sum(counts)
    return tuple(weight / mean for weight in wanted)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One plan field in the user's words; forms and `--help` are generated from these.

    reads, answers: the only ones it makes sense for; None for all.
    """

    field: str
    label: str
    help: str
    reads: Reads | None = None
    answers: Answers | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        field="epochs",
        label="Rounds",
        help="How many times the model reads every example.",
    ),
    Setting(
        field="batch_size",
        label="Examples per step",
        help="How many examples it reads before it changes itself once.",
    ),
    Setting(
        field="learning_rate",
        label="Learning rate",
        help="How far it changes itself each time. Too high forgets, too low learns nothing.",
    ),
    Setting(
        field="max_length",
        label="Longest text",
        help="In word pieces. Longer texts are cut at the end.",
        reads=Reads.text,
    ),
    Setting(
        field="side",
        label="Picture size",
        help="In points each way, as the model looks at them. Larger shows more and takes longer.",
        reads=Reads.picture,
    ),
    Setting(
        field="mirror",
        label="Would a picture still be right when mirrored?",
        help="Yes teaches more from fewer pictures. No where there is text, or left from right.",
        reads=Reads.picture,
    ),
    Setting(
        field="weigh_rare",
        label="More weight for rare kinds?",
        help="Yes finds more of them, and takes other things for them a little more often.",
        answers=Answers.labels,
    ),
    Setting(
        field="seed",
        label="Seed",
        help="The same seed on the same data gives the same model.",
    ),
)


class MemoryPart(msgspec.Struct, frozen=True, kw_only=True):
    """One named part of the memory a rank needs at its peak, in bytes."""

    name: str
    bytes: int


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A choice the planner looked at and did not take, and why, as a sentence."""

    choice: str
    why: str


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan will take on this computer.

    memory: parts per rank; peak_bytes: their sum times ranks on this machine, available_bytes:
    what is free for us; exact: the parts were counted in a dry run rather than estimated;
    seen_runs: trainings here that were held against their forecast, seen_error: the largest share
    by which one of the last was off; seconds: whole run from start to verdict, with
    seconds_low..high around it; steps: optimizer steps. why: two sentences. rejected: what else
    was looked at. measured: true when the speed was measured here rather than assumed.
    """

    model_title: str
    method: str
    why: str
    memory: tuple[MemoryPart, ...]
    peak_bytes: int
    available_bytes: int
    steps: int
    seconds: float
    seconds_low: float
    seconds_high: float
    measured: bool
    exact: bool = False
    seen_runs: int = 0
    seen_error: float = 0.0
    rejected: tuple[Rejected, ...] = ()


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and its forecast."""

    plan: TrainPlan
    forecast: Forecast


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """An example of a task that writes, exactly as the model sees it, with every sign.

    read: what it only reads; learned: what it learns to write. earlier: the same of the turns of a
    talk before. tokens: of all, as far as they are seen. cut: it is longer than the plan reads, so
    its end, though it stands here, is never seen.
    """

    read: str
    learned: str
    tokens: int
    cut: bool = False
    earlier: tuple[tuple[str, str], ...] = ()


class PlanOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person may ask of the planner; None leaves the choice to it.

    memory_limit is in bytes. overrides are TrainPlan fields by name.
    """

    base: str | None = None
    ranks: int | None = None
    zero_stage: int | None = None
    offload: Offload | None = None
    memory_limit: int | None = None
    overrides: dict[str, msgspec.Raw | int | float | str | bool] = {}
