"""Trains the tiny model at one ZeRO stage and tells what happened; shared by one and many ranks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor

from support.rows import KINDS, examples, pairs
from support.snapshots import snapshots
from zeroapp.dataset import Example
from zeroapp.engine import deepspeed_shards, sharding
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.gang import Gang
from zeroapp.engine.loading import open_base
from zeroapp.engine.loop import Diverged, Loop, make_optimizer
from zeroapp.engine.lora import add_lora, merged
from zeroapp.engine.offload_files import StateFiles, keeps_files
from zeroapp.engine.offload_memory import HostStates, keeps_in_memory
from zeroapp.engine.recompute import add_recompute
from zeroapp.plan import Method, Offload, Precision, Sharder, TrainPlan, ZeroStage
from zeroapp.protocol import Event, Paused, StepLogged
from zeroapp.task import Training
from zeroapp.tasks.image_classification.training import training as looking
from zeroapp.tasks.text_classification.training import training as sorting
from zeroapp.tasks.text_generation.training import training as writing
from zeroapp.work import Stopped

COLLECTIVES = ("all_gather_single", "reduce_scatter_single")
"""What torch 2.13's `fully_shard` calls."""


@dataclass
class Listener:
    """Work that remembers what was said and asks to stop after a number of steps.

    stop_within, pause_within: asks in the midst of the step that comes after so many; the pause
    lasts for one more look.
    """

    stop_after: int = 0
    stop_within: int = 0
    pause_within: int = 0
    said: list[Event] = field(default_factory=list)
    looks: int = 0
    """Since a step was logged; the first is at that step's own end."""

    def say(self, event: Event) -> None:
        self.said.append(event)
        if isinstance(event, StepLogged):
            self.looks = 0

    def stop_wanted(self) -> bool:
        self.looks += 1
        steps = len(self.losses)
        within = steps >= self.stop_within > 0 and self.looks > 1
        return within or steps >= self.stop_after > 0

    def pause_wanted(self) -> bool:
        return len(self.losses) == self.pause_within > 0 and self.looks in (2, 3)

    @property
    def losses(self) -> list[float]:
        return [event.loss for event in self.said if isinstance(event, StepLogged)]


def plan_for(case: dict[str, Any], *, ranks: int = 1) -> TrainPlan:
    """A plan for the tiny model; 256 is the smallest micro-batch worth the name."""
    return TrainPlan(
        task=_task_of(case),
        base=case["base"],
        data_version="v",
        labels=() if case.get("writes") else tuple(sorted(KINDS)),
        epochs=case.get("epochs", 2),
        batch_size=case.get("batch_size", 48),
        micro_tokens=case.get("micro_tokens", 4096),
        learning_rate=1e-3,
        head_learning_rate=1e-2,
        freeze_embeddings=case.get("freeze_embeddings", True),
        max_length=case.get("max_length", 32),
        ranks=ranks,
        zero_stage=ZeroStage(case.get("stage", 0)),
        sharder=Sharder(case.get("sharder", "torch")),
        offload=Offload(case.get("offload", "none")),
        method=Method(case.get("method", "full")),
        lora_rank=case.get("lora_rank", 4),
        recompute=case.get("recompute", False),
        precision=Precision(case.get("precision", "fp32")),
        label_counts=case.get("label_counts", ()),
        weigh_rare="label_counts" in case,
    )


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let this process have `size` bytes more of its own, and none beyond; 0: as many as it likes.

    Linux: mapped files that others may see, too, do not count (RLIMIT_DATA).
    """
    if not size:
        yield
        return
    import resource

    lines = Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (own + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def train_stage(gang: Gang, case: dict[str, Any]) -> dict[str, Any]:
    """Train once. case: base, stage, offload, micro_tokens, checkpoints, rows, stop_after,
    stop_within, pause_within; writes: the base is one of `tiny_writer`; pictures: a folder of
    them, the base is one of `tiny_eyes`; room: bytes for loading and sharding; room_to_train:
    bytes for everything.
    """
    with room_for(case.get("room_to_train", 0)):
        trained = _trained(gang, case)
    return _told(trained)


def _task_of(case: dict[str, Any]) -> str:
    if "pictures" in case:
        return "image_classification"
    return "text_generation" if case.get("writes") else "text_classification"


def _half(plan: TrainPlan, case: dict[str, Any]) -> Training:
    halves = {"image_classification": looking, "text_generation": writing}
    return halves.get(plan.task, sorting)(plan, Path(case["base"]))


def _rows(case: dict[str, Any]) -> list[Example]:
    count = case.get("rows", 150)
    if "pictures" in case:
        return snapshots(Path(case["pictures"]), count)
    return (pairs if case.get("writes") else examples)(count)


def _trained(gang: Gang, case: dict[str, Any]) -> "_Trained":
    plan = plan_for(case, ranks=gang.ranks)
    task = _half(plan, case)
    rows = _rows(case)
    torch.manual_seed(1)  # the fresh head
    in_files = keeps_files(plan)
    lean = in_files or sharding.is_sharded(plan, gang)
    with room_for(case.get("room", 0)):
        model = open_base(task) if lean else task.build()
        head = task.head(model)
        units = task.shard_units(model)
        add_lora(model, units=units, head=head, plan=plan)
        add_recompute(units, head=head, plan=plan)
        sharded = sharding.shard(model, units=units, head=head, plan=plan, gang=gang)
    files = StateFiles(Path(case["checkpoints"]).parent / "offload", sharded) if in_files else None
    states = HostStates(sharded) if keeps_in_memory(plan) else files
    optimizer = make_optimizer(sharded, head=head, plan=plan, states=states)
    if deepspeed_shards.shards(plan):
        sharded, optimizer = deepspeed_shards.taken_over(sharded, optimizer, plan=plan, gang=gang)
    wishes = {name: case.get(name, 0) for name in ("stop_after", "stop_within", "pause_within")}
    listener = Listener(**wishes) if gang.first else Listener()
    checkpoints = Checkpoints(Path(case["checkpoints"]), gang=gang)
    progress = Progress(step=0, run_key="k")
    found = checkpoints.newest(run_key="k")
    if found:
        checkpoints.load(found[0], sharded, optimizer)
        progress = found[1]
    seen: dict[str, Any] = {}
    loop = Loop(
        plan=plan,
        training=task,
        model=sharded,
        optimizer=optimizer,
        examples=task.encode(rows),
        gang=gang,
        checkpoints=checkpoints,
        work=listener,
        on_epoch=lambda reached: reached,
    )
    if not deepspeed_shards.drives(sharded):
        _watch_gradients(sharded, optimizer, seen)
    if case.get("poisoned") == gang.rank:
        with torch.no_grad():
            sharding.local(next(iter(head.parameters()))).fill_(float("nan"))
    stopped = False
    with counted_collectives(seen):
        try:
            loop.run(progress)
        except Stopped:
            stopped = True
        except Diverged:
            seen["diverged"] = True
    seen["paused"] = sum(isinstance(event, Paused) for event in listener.said)
    return _Trained(sharded, optimizer, listener.losses, progress.step, stopped, seen)


@contextmanager
def counted_collectives(seen: dict[str, Any]) -> Iterator[None]:
    """How many times parameters were gathered and gradients reduced, in `seen`."""
    real = {name: getattr(dist, name) for name in COLLECTIVES}

    def counted(name: str) -> Callable[..., Any]:
        def call(*inputs: Any, **named: Any) -> Any:
            seen[name] = seen.get(name, 0) + 1
            return real[name](*inputs, **named)

        return call

    for name in COLLECTIVES:
        setattr(dist, name, counted(name))
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(dist, name, function)


class _Trained(NamedTuple):
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    losses: list[float]
    begun_at: int
    stopped: bool
    gradients: dict[str, Any]


def _told(trained: _Trained) -> dict[str, Any]:
    sharded, optimizer = trained.model, trained.optimizer
    state = merged(sharding.full_state(sharded))
    return {
        "losses": trained.losses,
        "from": trained.begun_at,
        "stopped": trained.stopped,
        "distributed": [isinstance(p, DTensor) for p in sharded.parameters()],
        "sizes": [p.numel() * p.element_size() for p in sharded.parameters()],
        "trained": sum(p.numel() * 4 for p in sharded.parameters() if p.requires_grad),
        "whole": sum(p.numel() * 4 for p in sharded.parameters()),
        "local": vars_of(sharding.state_bytes(sharded, optimizer)),
        "gradients": trained.gradients,
        "weights": {name: t.double().sum().item() for name, t in state.items()},
        "bits": {name: t.numpy().tobytes().hex()[:4096] for name, t in state.items()},
    }


def vars_of(counted: sharding.StateBytes) -> dict[str, int]:
    """StateBytes as a dict."""
    return {
        "parameters": counted.parameters,
        "gradients": counted.gradients,
        "optimizer": counted.optimizer,
    }


def _watch_gradients(model: torch.nn.Module, optimizer: Any, seen: dict[str, Any]) -> None:
    """Count gradient bytes just before each optimizer step, where they are all there."""

    def before(*_: Any) -> None:
        seen["bytes"] = sharding.state_bytes(model, None).gradients

    optimizer.register_step_pre_hook(before)
