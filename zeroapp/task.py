"""The plug-in interface. A task is a folder with a light half (`TASK`, no torch) and a heavy half.

Nothing outside a task's folder names the task; `zeroapp.tasks` finds the folders.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zeroapp.dataset import ColumnKind, DatasetProfile, Example, Reads
from zeroapp.errors import Problem
from zeroapp.plan import TrainPlan

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A part a column can play. kinds: what its column usually looks like, best guess first.

    names: what people call such a column, lower case, the surest first.
    """

    key: str
    title: str
    help: str
    kinds: tuple[ColumnKind, ...]
    required: bool = True
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A way to score; the first metric of a task chooses between models."""

    key: str
    title: str
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Data that ships with a task: a file, its title and where it comes from."""

    path: Path
    title: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The light half. `check` finds what is wrong with the data beyond what every task shares.

    training: dotted name of the module of the heavy half; it has a function
    `training(plan: TrainPlan, base: Path) -> Training`.
    exports: formats this task can be exported to, the recommended one first.
    reads: what the column in the role “text” holds; everything outside the task goes by this.
    """

    key: str
    title: str
    blurb: str
    roles: tuple[Role, ...]
    metrics: tuple[Metric, ...]
    check: Callable[[DatasetProfile, Sequence[Example]], list[Problem]]
    sample: Sample
    training: str
    exports: tuple[str, ...]
    reads: Reads = Reads.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One example as numbers. ids: token ids, at most plan.max_length; target -1: unlabelled.

    picture: where a picture lies that `collate` opens; its ids then only say how much it weighs
    in a batch. draw: what chance decides by in this step, whoever takes it; 0 when only reading.
    """

    row_id: int
    ids: tuple[int, ...]
    target: int = -1
    picture: str = ""
    draw: int = 0


class Training(Protocol):
    """The heavy half: what a task knows about tensors. The engine owns everything else.

    packs: whether `collate` lets short examples share a row, so that order by length is moot.
    base: the folder of the base model.
    """

    packs: bool
    base: Path

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Examples as numbers, in order."""

    def collate(self, examples: Sequence[Encoded]) -> "Mapping[str, torch.Tensor]":
        """A micro-batch for `loss` and `features`; its rows keep the order of `examples`."""

    def build(self, *, weights: "Mapping[str, torch.Tensor] | None" = None) -> "nn.Module":
        """The untrained model: base weights, fresh head. fp32, on the CPU.

        weights: the tensors of the base's files by name, when they are open already; they become
        the parameters as they are, uncopied and in the precision they are stored in.
        """

    def shard_units(self, model: "nn.Module") -> "list[nn.Module]":
        """Blocks that are sharded one by one, in forward order (transformer layers)."""

    def loss(
        self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]"
    ) -> "tuple[torch.Tensor, int]":
        """Sum of the losses of the batch's targets, and how many targets there were."""

    def logits(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """Scores, shape (rows, labels), fp32."""

    def features(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """What the last linear layer reads, shape (rows, width), fp32."""

    def head(self, model: "nn.Module") -> "nn.Linear":
        """The last linear layer: kept in fp32, and given a learning rate of its own."""

    def save(self, state: "Mapping[str, torch.Tensor]", folder: Path) -> None:
        """Write a full state dict of `build()` as a folder that transformers loads alone."""


def label_index(plan: TrainPlan) -> dict[str, int]:
    """Label -> its number, in the plan's order."""
    return {label: index for index, label in enumerate(plan.labels)}
