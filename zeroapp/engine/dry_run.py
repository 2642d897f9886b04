"""What a plan's training takes at its fullest, to the byte: a step in tensors without contents.

The task's own model, the engine's own sharding, loop and optimizer run under FakeTensorMode, as
the first rank of a group that does not exist. Worker only: torch is changed while it runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.testing._internal.distributed.fake_pg import FakeStore
from transformers import PreTrainedModel

from zeroapp import estimate, memory_record
from zeroapp.dataset import Part
from zeroapp.engine import allocator, sharding
from zeroapp.engine.batches import Order, share
from zeroapp.engine.checkpoint import Checkpoints
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.kept_memory import kept_bytes
from zeroapp.engine.live_bytes import LiveBytes, storage_id
from zeroapp.engine.loading import mapped
from zeroapp.engine.loop import Loop, make_optimizer
from zeroapp.engine.lora import add_lora
from zeroapp.engine.recompute import add_recompute
from zeroapp.plan import MemoryPart, Method, Offload, Sharder, TrainPlan, ZeroStage
from zeroapp.project import Project
from zeroapp.task import Encoded, Training
from zeroapp.work import Silent, Work

WHOLE_DEPTH = 8
"""Models up to this many layers are traced whole; deeper ones at two depths."""

DEPTHS = (4, 6)
NAMES = (
    "parameters",
    "gradients",
    "optimizer",
    "activations",
    "logits",
    "buffers",
    "kept",
    "runtime",
)

_MICRO_STEPS, _CANDIDATES = 3, 8

_LOOKED_AT = 200_000
"""Examples that are put into steps to find the fullest; every pass shuffles them anew."""


class DryRun:
    """Dry runs of plans for one project; its rows are made into numbers only once.

    libraries: what these take here once they are imported (`memory_seen.libraries_bytes`).
    """

    def __init__(self, project: Project, work: Work, *, libraries: int) -> None:
        self._project, self._libraries = project, libraries
        self._work = work
        self._rows: dict[tuple[object, ...], list[Encoded]] = {}
        self._held: dict[str, int] = {}

    def parts(self, plan: TrainPlan) -> tuple[MemoryPart, ...] | None:
        """What one rank takes, uncorrected; None for what cannot be run dry: states elsewhere,
        and what DeepSpeed holds.

        The answer is remembered for the plan, and to be held against its training.
        """
        ours = plan.sharder is Sharder.torch and plan.offload is Offload.none
        if not ours or not plan.fine_tune:
            return None
        known = memory_record.load().parts(plan)
        if known is not None:
            return known
        training, rows = self._loaded(plan)
        found = tensor_bytes(plan, training, rows)
        besides = self._held[plan.base] + training.keeps(rows)
        runtime = estimate.runtime(plan, libraries=self._libraries)
        named = found | {"runtime": runtime + besides}
        parts = tuple(MemoryPart(name=name, bytes=named[name]) for name in NAMES if named.get(name))
        memory_record.foretell(plan, parts=parts)
        return parts

    def _loaded(self, plan: TrainPlan) -> tuple[Training, list[Encoded]]:
        """The heavy half and the training rows; what they take here they take in training."""
        before = psutil.Process().memory_info().rss
        training = heavy_half(plan, work=self._work)
        key = (plan.base, plan.prefix, plan.max_length, plan.side, plan.seed)
        if key not in self._rows:
            parts = self._project.parts(version=plan.data_version, seed=plan.seed)
            self._rows[key] = training.encode(parts[Part.train])
        held = psutil.Process().memory_info().rss - before
        self._held.setdefault(plan.base, max(0, held))
        return training, self._rows[key]


def tensor_bytes(
    plan: TrainPlan, training: Training, examples: Sequence[Encoded]
) -> dict[str, int]:
    """Named bytes of all tensors of the first rank at the fullest moment of a training step.

    Without Python and the libraries themselves. examples: the training rows. Names: parameters,
    gradients, optimizer, activations, buffers (what sharding gathers and sends), kept (what is
    free and not given back).
    """
    steps = fullest_steps(plan, training, examples)
    whole = max((_of_step(plan, training, step) for step in steps), key=lambda p: sum(p.values()))
    words = not any(example.picture for example in examples)
    if words and plan.ranks == 1 and (plan.freeze_embeddings or plan.method is Method.lora):
        whole["parameters"] -= _never_read(training, examples)
    return whole


def _of_step(plan: TrainPlan, training: Training, batch: Sequence[Encoded]) -> dict[str, int]:
    layers, whole = _trace(plan, training, batch, depth=0, only_short=True)
    return _extrapolated(plan, training, batch, layers=layers) if whole is None else whole


def _extrapolated(
    plan: TrainPlan, training: Training, batch: Sequence[Encoded], *, layers: int
) -> dict[str, int]:
    """Layers are alike: what two more of them take, every further two take as well."""
    low, high = (_trace(plan, training, batch, depth=depth)[1] for depth in DEPTHS)
    assert low is not None
    assert high is not None
    more = (layers - DEPTHS[0]) / (DEPTHS[1] - DEPTHS[0])
    names = low.keys() | high.keys()
    return {n: round(low.get(n, 0) + more * (high.get(n, 0) - low.get(n, 0))) for n in names}


def _never_read(training: Training, examples: Sequence[Encoded]) -> int:
    """Bytes of frozen word vectors that stay in the base's file: no text has their words.

    One process maps that file. How much the system brings in around what is read is its own
    affair (64 KiB on one Linux, a whole stretch read ahead on the next), so they are read here.
    """
    table = max(mapped(training.base).values(), key=Tensor.numel)
    if table.dtype is not torch.float32 or table.ndim != 2:  # noqa: PLR2004 - rows of vectors
        return 0  # made into another format, so that all of it is in memory
    words = torch.tensor(sorted({word for example in examples for word in example.ids}))
    before = psutil.Process().memory_info().rss
    table[words, 0].sum() + table[words, -1].sum()
    read: int = max(0, psutil.Process().memory_info().rss - before)
    return max(0, table.nbytes - read)


_Shares = list[list[list[Encoded]]]
"""A step as it is shared out: the micro-batches of each rank."""

_FIRST, _LATER = slice(1), slice(1, _MICRO_STEPS)


def fullest_steps(
    plan: TrainPlan, training: Training, examples: Sequence[Encoded]
) -> list[list[Encoded]]:
    """The examples of the step with the largest first micro-batch of the first rank, and of the
    one with the largest later one, beside which the gradients of the first are held; cut to the
    first few micro-steps (sorted by length; those after them repeat what these show).
    """
    order = Order(batch_size=plan.batch_size, seed=plan.seed, packing=training.packs)
    shares = [
        share(step, ranks=plan.ranks, micro_tokens=plan.micro_tokens, packing=training.packs)
        for epoch in range(min(plan.epochs, -(-_LOOKED_AT // len(examples))))
        for step in order.steps(examples, epoch=epoch)
    ]
    found = []
    for which in (_FIRST, _LATER):
        several = [one for one in shares if one[0][which]]
        fullest = _fullest(several, training, which=which) if several else None
        if fullest is not None and fullest not in found:
            found.append(fullest)
    return [[e for rank in one for micro in rank[:_MICRO_STEPS] for e in micro] for one in found]


def _fullest(shares: list[_Shares], training: Training, *, which: slice) -> _Shares:
    """By the tokens of these micro-batches of the first rank; of the first few by what is made."""

    def tokens(one: _Shares) -> int:
        return max(_tokens(micro, training) for micro in one[0][which])

    shares = sorted(shares, key=tokens, reverse=True)
    return max(shares[:_CANDIDATES], key=lambda one: _cells(one[0][which], training))


def _tokens(micro: Sequence[Encoded], training: Training) -> int:
    lengths = [len(example.ids) for example in micro]
    return sum(lengths) if training.packs else len(lengths) * max(lengths)


def _cells(micros: Sequence[Sequence[Encoded]], training: Training) -> int:
    """Elements of the largest tensor that collate makes of these micro-batches."""
    batches = [training.collate(micro) for micro in micros]
    return max(tensor.numel() for batch in batches for tensor in batch.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _PretendGang(Gang):
    """The first rank of a group of any size, in one process."""

    made: DeviceMesh | None = None

    def mesh(self) -> DeviceMesh:
        """The mesh, made before the tensors lost their contents."""
        assert self.made is not None
        return self.made


@contextmanager
def _pretend_gang(plan: TrainPlan) -> Iterator[Gang]:
    """A group of plan.ranks whose collectives return at once. On the CPU whatever the plan says:
    a build of torch without CUDA has no such tensors, and the sizes are the same.
    """
    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=plan.ranks)
    try:
        yield _PretendGang(ranks=plan.ranks, made=init_device_mesh("cpu", (plan.ranks,)))
    finally:
        dist.destroy_process_group()


def _trace(
    plan: TrainPlan,
    training: Training,
    batch: Sequence[Encoded],
    *,
    depth: int,
    only_short: bool = False,
) -> tuple[int, dict[str, int] | None]:
    """Layers of the base, and the bytes with `depth` of them (0: all, unless too many)."""
    with _pretend_gang(plan) as gang:
        # sharding widens each block before it is cut
        kind = torch.float32 if sharding.is_sharded(plan, gang) else None
        with FakeTensorMode(), _without_weights(depth, dtype=kind) as bases:
            model = training.build()
            layers = max((_depth(base) for base in bases), default=0)
            if only_short and layers > WHOLE_DEPTH:
                return layers, None
            return layers, _stepped(plan, training, model, batch=batch, gang=gang)


def _depth(base: PreTrainedModel) -> int:
    """Layers that `_without_weights` can make fewer of; 0 where it cannot."""
    stacks = (len(m) for m in base.modules() if isinstance(m, nn.ModuleList))
    layers = int(getattr(base.config, "num_hidden_layers", 0))
    return layers if layers in stacks else 0


def _stepped(
    plan: TrainPlan,
    training: Training,
    model: nn.Module,
    *,
    batch: Sequence[Encoded],
    gang: Gang,
) -> dict[str, int]:
    head, units = training.head(model), training.shard_units(model)
    add_lora(model, units=units, head=head, plan=plan)
    add_recompute(units, head=head, plan=plan)
    # a plain model is where it should be; DDP's reducer needs real tensors, what it adds is known
    if sharding.is_sharded(plan, gang):
        model = sharding.shard(model, units=units, head=head, plan=plan, gang=gang)
    optimizer = make_optimizer(model, head=head, plan=plan)
    loop = Loop(
        plan=plan,
        training=training,
        model=model,
        optimizer=optimizer,
        examples=batch,
        gang=gang,
        checkpoints=Checkpoints(Path(), gang=gang),
        work=Silent(),
        on_epoch=lambda reached: reached,
    )
    model.train()
    own = list(model.parameters())
    live = LiveBytes(lambda: _names(own, model, optimizer.state.values()), scores=len(plan.labels))
    with live.counting([*own, *model.buffers()]):
        with live.looking_away():  # the first step makes the optimizer's states
            loop._step(batch, step=1)  # noqa: SLF001 - the very step that training takes
        loop._step(batch, step=2)  # noqa: SLF001
    parts = dict(live.parts)
    if (
        plan.ranks > 1 and plan.zero_stage is ZeroStage.none
    ):  # DDP's buckets: every gradient a second time
        trained = sum(p.numel() * p.element_size() for p in own if p.requires_grad)
        parts["buffers"] = parts.get("buffers", 0) + trained
    if allocator.keeps_all(plan):
        parts["kept"] = kept_bytes(live.moves) - live.peak
    return parts


def _names(own: Sequence[Tensor], model: nn.Module, states: Any) -> dict[int, str]:
    """What each storage is. While a block is gathered, its model holds the gathered parameters."""
    names = {}
    for parameter in [*own, *model.parameters()]:
        names[storage_id(parameter)] = "parameters"
        if parameter.grad is not None:
            names[storage_id(parameter.grad)] = "gradients"
    for state in states:
        for value in state.values():
            if isinstance(value, Tensor):
                names[storage_id(value)] = "optimizer"
    return names


@contextmanager
def _without_weights(depth: int, *, dtype: torch.dtype | None) -> Iterator[list[PreTrainedModel]]:
    """`from_pretrained` makes the model and reads no weights; with `depth` layers unless 0.

    dtype: of its numbers, whatever is asked for.
    """
    # as it stands in the class: looked up, it would be bound to that class for ever
    real, apply = vars(PreTrainedModel)["from_pretrained"], nn.Module._apply  # noqa: SLF001
    fill = PreTrainedModel.initialize_weights
    made: list[PreTrainedModel] = []

    def from_config(kind: Any, _folder: Any, /, *_: Any, config: Any, **asked: Any) -> Any:
        if depth:
            config.num_hidden_layers = depth
        known = {"add_pooling_layer", "attn_implementation", "dtype"} & asked.keys()
        given = {name: asked[name] for name in known} | ({"dtype": dtype} if dtype else {})
        model = kind._from_config(config, **given)  # noqa: SLF001
        made.append(model)
        return model

    setattr(PreTrainedModel, "from_pretrained", classmethod(from_config))  # noqa: B010
    # `float()` and `to()`: all is in fp32 and in place, and tensors without contents cannot move
    setattr(nn.Module, "_apply", lambda module, *_, **__: module)  # noqa: B010
    # some look at what they drew by chance, which tensors without contents cannot show
    setattr(PreTrainedModel, "initialize_weights", lambda _model: None)  # noqa: B010
    try:
        yield made
    finally:
        setattr(PreTrainedModel, "from_pretrained", real)  # noqa: B010
        setattr(PreTrainedModel, "initialize_weights", fill)  # noqa: B010
        setattr(nn.Module, "_apply", apply)  # noqa: B010
