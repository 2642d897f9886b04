"""Runs a model over examples without training it: features or scores, in the order given."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zeroapp.engine.batches import in_order_of_length
from zeroapp.plan import Precision, TrainPlan
from zeroapp.protocol import Progressed
from zeroapp.task import Encoded, LabelTraining, TextTraining, Training
from zeroapp.work import Stopped, Work

READ_TOKENS = 4096
"""Tokens in one pass when reading: large enough for full speed, small in memory."""

Floats = NDArray[np.float32]


def torch_precision(precision: Precision) -> torch.dtype:
    """Torch's name for a plan's precision."""
    return torch.bfloat16 if precision is Precision.bf16 else torch.float32


def autocast(device: torch.device, precision: torch.dtype) -> torch.autocast:
    """bf16 matrix products where asked for, nothing at fp32."""
    half = precision is torch.bfloat16
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half)


def to_device(batch: Mapping[str, Tensor], device: torch.device) -> Mapping[str, Tensor]:
    """The batch where the model is."""
    return {key: value.to(device, non_blocking=True) for key, value in batch.items()}


def read_features(
    training: LabelTraining,
    model: nn.Module,
    examples: Sequence[Encoded],
    *,
    plan: TrainPlan,
    progress: "ReadProgress",
) -> Floats:
    """Features (rows, width)."""
    ask = training.features
    return _read(ask, training, model, examples, plan=plan, progress=progress)


def read_probabilities(
    training: LabelTraining,
    model: nn.Module,
    examples: Sequence[Encoded],
    *,
    plan: TrainPlan,
    progress: "ReadProgress",
) -> Floats:
    """Probabilities (rows, labels)."""
    ask = training.logits
    scores = _read(ask, training, model, examples, plan=plan, progress=progress)
    return torch.softmax(torch.from_numpy(scores), dim=1).numpy()


def read_losses(
    training: TextTraining,
    model: nn.Module,
    examples: Sequence[Encoded],
    *,
    plan: TrainPlan,
    progress: "ReadProgress",
) -> Floats:
    """Loss of each example's answer (rows,), in nats summed over its tokens."""
    ask = training.losses
    return _read(ask, training, model, examples, plan=plan, progress=progress)


_Ask = Callable[[nn.Module, Mapping[str, Tensor]], Tensor]


def _read(
    ask: _Ask,
    training: Training,
    model: nn.Module,
    examples: Sequence[Encoded],
    *,
    plan: TrainPlan,
    progress: "ReadProgress",
) -> Floats:
    device = next(model.parameters()).device
    tokens = min(READ_TOKENS, plan.micro_tokens)  # what training may hold, reading may hold
    batches = in_order_of_length(examples, micro_tokens=tokens, packing=training.packs)
    parts: list[Tensor] = []
    was_training = model.training
    model.eval()
    with torch.no_grad(), autocast(device, torch_precision(plan.precision)):
        for batch in batches:
            tensors = to_device(training.collate([examples[i] for i in batch]), device)
            parts.append(ask(model, tensors).float().cpu())
            progress.add(len(batch))
    model.train(was_training)
    if not parts:
        return np.zeros((0, 0), np.float32)
    joined = torch.cat(parts)
    result = torch.empty_like(joined)
    result[torch.tensor([i for batch in batches for i in batch])] = joined
    return result.numpy()


class ReadProgress:
    """Says how far reading is, at most four times a second, and heeds a stop."""

    def __init__(self, *, total: int, work: Work) -> None:
        self.total = total
        self.work = work
        self.done = 0
        self.began = time.monotonic()
        self._said = 0.0

    def add(self, rows: int) -> None:
        """Count rows; raises Stopped when the user asked to stop."""
        self.done += rows
        if self.work.stop_wanted():
            raise Stopped
        now = time.monotonic()
        if now - self._said < 0.25 and self.done < self.total:  # noqa: PLR2004 - four times a second
            return
        self._said = now
        left = (now - self.began) / self.done * (self.total - self.done)
        self.work.say(
            Progressed(done=self.done, total=self.total, unit="examples", seconds_left=left)
        )
