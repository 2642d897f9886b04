"""The training loop, read top to bottom. It knows no task and no file names but its checkpoints."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from msgspec.structs import replace
from torch import nn
from torch.distributed.tensor import DTensor

from zeroapp.engine.allocator import apart
from zeroapp.engine.batches import Order, share
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.deepspeed_shards import DeepSpeedStep
from zeroapp.engine.gang import Gang
from zeroapp.engine.memory_seen import close_holes
from zeroapp.engine.offload_optimizer import States, StreamedAdamW
from zeroapp.engine.reading import autocast, to_device, torch_precision
from zeroapp.engine.sharding import averages_gradients, micro_step, part_parameters
from zeroapp.plan import TrainPlan
from zeroapp.protocol import CheckpointSaved, Continued, Paused, StepLogged
from zeroapp.task import Encoded, Training
from zeroapp.work import Stopped, Work

SAVE_SHARE = 0.05
"""Saving takes at most this share of the time."""

WORTH_SAVING = 10.0
"""Seconds of training that are saved before the model is judged between passes."""

LOG_POINTS = 1500
"""A curve needs no more points than this, however long the run."""


class Diverged(Exception):  # noqa: N818 - the run falls back to the probe and goes on
    """The loss is no longer a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Everything one rank needs to train. on_epoch judges the model after each pass and returns
    the new progress; every rank calls it. patience: passes in a row that made it no better after
    which it ends; 0: however many.
    """

    plan: TrainPlan
    training: Training
    model: nn.Module
    optimizer: torch.optim.Optimizer
    examples: Sequence[Encoded]
    gang: Gang
    checkpoints: Checkpoints
    work: Work
    on_epoch: Callable[[Progress], Progress]
    patience: int = 0

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one pass over the examples."""
        return math.ceil(len(self.examples) / self.plan.batch_size)

    @property
    def total(self) -> int:
        """Optimizer steps of the whole run."""
        return self.steps_per_epoch * self.plan.epochs

    def run(self, progress: Progress) -> Progress:
        """Train from `progress` to the end. Raises Stopped (saved), Diverged, OSError (disk)."""
        clock = _Clock(step=progress.step, kept=progress)
        order = Order(
            batch_size=self.plan.batch_size, seed=self.plan.seed, packing=self.training.packs
        )
        self.model.train()
        progress = self._judge_if_due(progress)
        for epoch in range(progress.step // self.steps_per_epoch, self.plan.epochs):
            if self.patience and progress.worse >= self.patience:
                break
            steps = order.steps(self.examples, epoch=epoch)
            for batch in steps[progress.step - epoch * self.steps_per_epoch :]:
                step = progress.step + 1
                heed = partial(self._heed, progress, clock)
                loss, norm = self._step(batch, step=step, between=heed)
                progress = replace(progress, step=step)
                mean = self._mean(loss, targets=_targets(batch))
                self._log(mean, norm, batch=batch, step=step, clock=clock)
                self._heed(progress, clock, due=self._save_due(clock))
            if clock.since_save() > WORTH_SAVING:
                self._save(progress, clock)  # judging takes a while and cannot be stopped
            progress = self._judge_if_due(progress)
        return progress

    def _judge_if_due(self, progress: Progress) -> Progress:
        """Judge the pass just ended, also when a run resumes between the pass and its judgement."""
        passed, rest = divmod(progress.step, self.steps_per_epoch)
        if rest or passed <= progress.judged_epochs:
            return progress
        return replace(self.on_epoch(progress), judged_epochs=passed)

    def _step(
        self, batch: Sequence[Encoded], *, step: int, between: Callable[[], None] = lambda: None
    ) -> tuple[float, float]:
        """One optimizer step: this rank's share of the summed loss, and the gradient norm.

        between: called by every rank before each micro-batch but the first.
        """
        plan, gang = self.plan, self.gang
        mine = share(
            batch, ranks=gang.ranks, micro_tokens=plan.micro_tokens, packing=self.training.packs
        )[gang.rank]
        # the mean over the whole step, whatever the number of ranks and micro-steps
        scale = (gang.ranks if averages_gradients(self.model) else 1) / _targets(batch)
        total = 0.0
        for number, examples in enumerate(mine):
            if number:
                between()
            if gang.torch_device.type == "cpu":
                close_holes()  # holes between small tensors add up from one micro-batch to the next
            # a function of where we are, so that a resumed run rolls the same dice
            torch.manual_seed(hash((plan.seed, step, number, gang.rank)) % 2**63)
            with apart(plan):
                tensors = to_device(self.training.collate(examples), gang.torch_device)
            with micro_step(self.model, plan=plan, last=number == len(mine) - 1):
                with autocast(gang.torch_device, torch_precision(plan.precision)):
                    loss, _ = self.training.loss(self.model, tensors)
                (loss * scale).backward()
            total += float(loss.detach())
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self._warmth(step)
        norm = _clipped_step(self.model, self.optimizer, limit=plan.clip_norm)
        self.optimizer.zero_grad(set_to_none=True)
        return total, norm

    def _warmth(self, step: int) -> float:
        """Share of the peak learning rate at a step: straight up, then straight down to zero."""
        warm = max(1, round(self.plan.warmup * self.total))
        if step <= warm:
            return step / warm
        return max(0.0, (self.total - step + 1) / (self.total - warm + 1))

    def _mean(self, loss: float, *, targets: int) -> float:
        """The loss of the step, over all ranks."""
        (mean,) = self.gang.sum([loss / targets])
        if not math.isfinite(mean):
            raise Diverged
        return mean

    def _heed(self, progress: Progress, clock: "_Clock", *, due: bool = False) -> None:
        """Save, stop or hold: every rank does what the first was asked to do, or finds due.

        Also within a step, which may take a minute: what it has begun has changed no weight, so
        all is as it was after the last whole one.
        """
        first = self.gang.first
        stop, pause, save = self.gang.sum(
            [
                float(first and self.work.stop_wanted()),
                float(first and self.work.pause_wanted()),
                float(first and due),
            ]
        )
        if stop or pause or save:
            self._save(progress, clock)
        if stop:
            raise Stopped
        if pause:
            self._hold(progress.step)
            clock.restart(progress.step)

    def _save_due(self, clock: "_Clock") -> bool:
        every = max(self.plan.checkpoint_seconds, self.checkpoints.seconds / SAVE_SHARE)
        return clock.since_save() >= every

    def _save(self, progress: Progress, clock: "_Clock") -> None:
        """Write a checkpoint, unless it is written or this attempt has learned nothing yet."""
        if progress == clock.kept:
            return
        part_parameters(self.model)
        seconds, size = self.checkpoints.save(self.model, self.optimizer, progress)
        clock.saved(progress)
        if self.gang.first:
            self.work.say(CheckpointSaved(step=progress.step, seconds=seconds, bytes=size))

    def _hold(self, step: int) -> None:
        """Paused: ask five times a second; every rank wakes or stops at the same moment."""
        if self.gang.first:
            self.work.say(Paused(step=step))
        while True:
            time.sleep(0.2)
            first = self.gang.first
            stop = float(first and self.work.stop_wanted())
            pause = float(first and self.work.pause_wanted())
            stop, pause = self.gang.sum([stop, pause])
            if stop:
                raise Stopped
            if not pause:
                break
        if self.gang.first:
            self.work.say(Continued(step=step))

    def _log(
        self, loss: float, norm: float, *, batch: Sequence[Encoded], step: int, clock: "_Clock"
    ) -> None:
        clock.count(batch)
        stride = max(1, self.total // LOG_POINTS)
        if not self.gang.first or (step % stride and step != self.total):
            return
        self.work.say(
            StepLogged(
                step=step,
                total=self.total,
                epoch=step / self.steps_per_epoch,
                loss=loss,
                learning_rate=self.plan.learning_rate * self._warmth(step),
                grad_norm=norm,
                rows_per_second=clock.rows_per_second,
                tokens_per_second=clock.tokens_per_second,
                seconds_left=clock.seconds_per_step(step) * (self.total - step),
            )
        )


@dataclass(slots=True)
class _Clock:
    """Speed since the start of this attempt, and time since the last save.

    kept: where training goes on if it ends now.
    """

    step: int
    kept: Progress
    rows: int = 0
    tokens: int = 0
    began: float = field(default_factory=time.monotonic)
    last_save: float = field(default_factory=time.monotonic)

    def restart(self, step: int) -> None:
        """Forget a pause."""
        self.step, self.rows, self.tokens = step, 0, 0
        self.began = self.last_save = time.monotonic()

    def count(self, batch: Sequence[Encoded]) -> None:
        """Add a step's work."""
        self.rows += len(batch)
        self.tokens += sum(len(example.ids) for example in batch)

    def saved(self, progress: Progress) -> None:
        """A checkpoint was written."""
        self.kept = progress
        self.last_save = time.monotonic()

    def since_save(self) -> float:
        """Seconds of work that a power cut would cost."""
        return time.monotonic() - self.last_save

    @property
    def rows_per_second(self) -> float:
        """Examples a second, all ranks together."""
        return self.rows / self._elapsed()

    @property
    def tokens_per_second(self) -> float:
        """Tokens without padding a second, all ranks together."""
        return self.tokens / self._elapsed()

    def seconds_per_step(self, step: int) -> float:
        """Mean over this attempt."""
        return self._elapsed() / max(1, step - self.step)

    def _elapsed(self) -> float:
        return max(1e-6, time.monotonic() - self.began)


def _targets(batch: Sequence[Encoded]) -> int:
    """What a step's loss is a mean over; a step that teaches nothing must not divide by it."""
    return max(1, sum(example.targets for example in batch))


def make_optimizer(
    model: nn.Module, *, head: nn.Module | None, plan: TrainPlan, states: States | None = None
) -> torch.optim.Optimizer:
    """Fused AdamW; a head at its own rate, no decay for biases and norms (vectors).

    states: keeps its states elsewhere; without they are beside the weights.
    """
    of_head = {id(parameter) for parameter in head.parameters()} if head is not None else set()
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in model.parameters():
        if parameter.requires_grad:
            rate = plan.head_learning_rate if id(parameter) in of_head else plan.learning_rate
            decay = plan.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    described = [
        {"params": members, "lr": rate, "peak": rate, "weight_decay": decay}
        for (rate, decay), members in groups.items()
    ]
    if states is not None:
        return StreamedAdamW(described, states=states, model=model)
    return torch.optim.AdamW(described, fused=plan.device != "mps")


def _clipped_step(model: nn.Module, optimizer: torch.optim.Optimizer, *, limit: float) -> float:
    if isinstance(optimizer, StreamedAdamW | DeepSpeedStep):
        return optimizer.clipped_step(limit)
    trained = [p for p in model.parameters() if p.grad is not None]
    norm = torch.nn.utils.clip_grad_norm_(trained, limit)
    optimizer.step()
    return float(norm.full_tensor() if isinstance(norm, DTensor) else norm)
