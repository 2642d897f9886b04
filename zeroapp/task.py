"""The plug-in interface. A task is a folder with a light half (`TASK`, no torch) and a heavy half.

Nothing outside a task's folder names the task; `zeroapp.tasks` finds the folders.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zeroapp.dataset import (
    Answers,
    ColumnKind,
    DatasetProfile,
    Example,
    Reads,
    Roles,
    Row,
)
from zeroapp.errors import Problem
from zeroapp.plan import TrainPlan

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A part a column can play. kinds: what its column usually looks like, best guess first.

    names: what people call such a column, lower case, the surest first. by_name: only a column of
    such a name is guessed. of: a value plays this part, one of the column in the role `of`; then
    help is the question that is asked.
    """

    key: str
    title: str
    help: str
    kinds: tuple[ColumnKind, ...]
    required: bool = True
    names: tuple[str, ...] = ()
    by_name: bool = False
    of: str = ""


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
    answers: what comes out. It decides which phases a run goes through, what its report says and
    how it is tried; engine, export and window go by it and never by the key.
    examples: how rows become examples where one row is not one text with its label; an example
    made of several rows names the others in `Example.more`.
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
    answers: Answers = Answers.labels
    examples: Callable[[Iterable[Row], Roles], Iterator[Example]] | None = None


GROUP = Role(
    key="group",
    title="Group",
    help="Rows of one person, customer or case. They stay together when the data is split.",
    kinds=(ColumnKind.category, ColumnKind.identifier, ColumnKind.text, ColumnKind.number),
    required=False,
    by_name=True,
    names=(
        *("author", "user", "customer", "client", "patient", "sender", "speaker", "person"),
        *("account", "member", "thread", "conversation", "case", "session", "user_id", "author_id"),
        *("customer_id", "patient_id", "thread_id", "conversation_id", "session_id", "userid"),
        *(
            "username",
            "user name",
            "customer name",
            "reviewer",
            "autor",
            "kunde",
            "auteur",
            "cliente",
        ),
        *("автор", "клиент", "作者", "用户", "顧客", "사용자"),
    ),
)
DATE = Role(
    key="date",
    title="Date",
    help="When it was written. It shows whether the model was tested on older rows than it read.",
    kinds=(ColumnKind.date,),
    required=False,
    names=(
        *("date", "time", "timestamp", "created_at", "created", "datetime", "sent"),
        *("datum", "fecha"),
    ),
)
SHARED_ROLES = (GROUP, DATE)
"""Parts that a column can play in every task. None of them has to be filled."""


def roles_of(task: Task) -> tuple[Role, ...]:
    """Every part a column can play: the task's own, then those of all tasks."""
    own = {role.key for role in task.roles}
    return (*task.roles, *(role for role in SHARED_ROLES if role.key not in own))


def by_columns(roles: Roles, *, task: Task) -> Roles:
    """The roles that columns play, without those that values do: they may name a person."""
    values = {role.key for role in task.roles if role.of}
    return {key: name for key, name in roles.items() if key not in values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """One example as numbers. ids: token ids, at most plan.max_length.

    What it teaches is either one label, target (-1: none), or stretches of its own ids, learned
    (start and end of each), every one to be foretold by those before it.
    picture: where a picture lies that `collate` opens; its ids then only say how much it weighs
    in a batch. draw: what chance decides by in this step, whoever takes it; 0 when only reading.
    """

    row_id: int
    ids: tuple[int, ...]
    target: int = -1
    picture: str = ""
    draw: int = 0
    learned: tuple[tuple[int, int], ...] = ()

    @property
    def targets(self) -> int:
        """How many things it teaches: what the loss of a step is a mean over."""
        return int(self.target >= 0) + sum(end - start for start, end in self.learned)


class Training(Protocol):
    """The heavy half: what a task knows about tensors. The engine owns everything else.

    This much is the same whatever the task answers; `LabelTraining` and `TextTraining` add what
    each of the two needs to be judged.

    packs: whether `collate` lets short examples share a row, so that order by length is moot.
    base: the folder of the base model.
    """

    packs: bool
    base: Path

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Examples as numbers, in order."""

    def collate(self, examples: Sequence[Encoded]) -> "Mapping[str, torch.Tensor]":
        """A micro-batch for `loss` and `features`; its rows keep the order of `examples`."""

    def keeps(self, examples: Sequence[Encoded]) -> int:
        """Bytes besides tensors that stay in memory once all of these were collated."""

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

    def head(self, model: "nn.Module") -> "nn.Linear | None":
        """The last linear layer: kept in fp32, and given a learning rate of its own.

        None where it is a part of the base that learns, or rests, with all the rest.
        """

    def save(self, state: "Mapping[str, torch.Tensor]", folder: Path) -> None:
        """Write a full state dict of `build()` as a folder that transformers loads alone."""


class LabelTraining(Training, Protocol):
    """Of a task that answers with labels: its last linear layer has an output a label."""

    def head(self, model: "nn.Module") -> "nn.Linear":
        """The last linear layer; it starts as the quick model."""

    def logits(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """Scores, shape (rows, labels), fp32."""

    def features(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """What the last linear layer reads, shape (rows, width), fp32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a text is written. most: tokens. temperature 0: the likeliest token each time.

    Above 0 tokens are drawn by chance, the same ones for the same seed.
    """

    most: int = 256
    temperature: float = 0.0
    seed: int = 0


class TextTraining(Training, Protocol):
    """Of a task that answers with a text. An answer's loss is in nats, summed over its tokens."""

    def losses(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """The loss of each example's answer, shape (examples,), fp32."""

    def foretold(self, model: "nn.Module", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """The likeliest token at each place that is learned, given those before, in order."""

    def begin_with(self, rules: str) -> None:
        """A model that is saved from now on begins with these rules where it is given none."""

    def preview(self, example: Example) -> tuple[tuple[str, str], ...]:
        """The example exactly as the model reads it in training, with every sign it sees.

        What it reads and what it then learns to write, in turn.
        """

    def write(
        self,
        model: "nn.Module",
        prompts: Sequence[str],
        *,
        wish: Writing,
        said: Callable[[Sequence[str]], None],
    ) -> list[str]:
        """The model's answers, in order; `said` is told all of them as they grow.

        said may raise to end the writing.
        """


def label_index(plan: TrainPlan) -> dict[str, int]:
    """Label -> its number, in the plan's order."""
    return {label: index for index, label in enumerate(plan.labels)}
