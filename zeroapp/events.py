"""What the worker may say: one tagged union, `Event`."""

import time

import msgspec

from zeroapp.dataset import DatasetProfile
from zeroapp.errors import Failure, Problem
from zeroapp.hardware import HardwareProfile
from zeroapp.inspection import Look
from zeroapp.jobs import Tagged
from zeroapp.plan import Planned, Preview, TrainPlan
from zeroapp.report import Answer, AnyReport, ExportRecord

PROTOCOL_VERSION = 1


class _Said(Tagged, frozen=True, kw_only=True):
    """An event; `at` is seconds since the epoch."""

    at: float = msgspec.field(default_factory=time.time)


class Started(_Said, frozen=True, kw_only=True):
    """An attempt began. attempt counts from 1; a resumed run has one `Started` an attempt."""

    job: str
    pid: int
    attempt: int = 1
    version: int = PROTOCOL_VERSION


class PhaseEntered(_Said, frozen=True, kw_only=True):
    """The work entered a phase: key is stable ("loading", "probe", "training", ...)."""

    phase: str
    title: str


class Progressed(_Said, frozen=True, kw_only=True):
    """How far the current phase is. total 0 means not known; seconds_left None likewise."""

    done: int
    total: int
    unit: str
    seconds_left: float | None = None


class StepLogged(_Said, frozen=True, kw_only=True):
    """One optimizer step. seconds_left covers the rest of the whole run."""

    step: int
    total: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    rows_per_second: float
    tokens_per_second: float
    seconds_left: float


class Scored(_Said, frozen=True, kw_only=True):
    """A score on validation rows. model: "probe" or "fine-tuned"."""

    model: str
    step: int
    n: int
    right: int
    accuracy: float
    macro_f1: float
    log_loss: float


class LossSeen(_Said, frozen=True, kw_only=True):
    """Loss on validation answers, of a task that answers with texts. n: examples, tokens of them.

    model: "base" (before anything was learned) or "fine-tuned". loss: nats a token.
    """

    model: str
    step: int
    n: int
    tokens: int
    loss: float


class ShardsMade(_Said, frozen=True, kw_only=True):
    """What rank 0 holds after sharding, in bytes, against the whole."""

    rank: int
    ranks: int
    zero_stage: int
    sharded: bool
    parameters_local: int
    parameters_whole: int


class MemorySeen(_Said, frozen=True, kw_only=True):
    """The most memory a rank held, in bytes: while it trained, and in the whole run so far.

    predicted: what the plan's forecast said of training; 0 when it said nothing.
    """

    rank: int
    ranks: int
    predicted: int
    peak: int
    whole: int


class PlanChanged(_Said, frozen=True, kw_only=True):
    """Memory ran out, or nearly: from the last save on the run obeys `plan`, which needs less.

    reason: "out-of-memory" (an allocation failed), "killed" (by the system), "pressure" (seen
    before it killed) or "limit" (more was held than allowed). text: what is different, a sentence.
    """

    plan: TrainPlan
    reason: str
    text: str


class TriedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row kept aside: its right answer, and what was answered before and after a rehearsal."""

    text: str
    truth: str
    before: str
    after: str


class Rehearsed(_Said, frozen=True, kw_only=True):
    """The first real steps of a plan, measured here.

    tokens_per_second without padding, all ranks together. peak: bytes, the most one rank held.
    seconds: the whole run from start to verdict as these steps foretell it. rows: answers before
    and after; only where the steps are not part of a run.
    """

    steps: int
    total: int
    seconds_per_step: float
    tokens_per_second: float
    peak: int
    seconds: float
    rows: tuple[TriedRow, ...] = ()


class StageMeasured(_Said, frozen=True, kw_only=True):
    """A few steps at one ZeRO stage, as one rank saw them: bytes it held, seconds a step.

    fits: false when memory ran out; the numbers are then 0. peak: of the process as a whole.
    communication: seconds of a step in which it exchanged with other ranks or waited for them.
    """

    stage: int
    rank: int
    ranks: int
    fits: bool = True
    parameters: int = 0
    gradients: int = 0
    optimizer: int = 0
    peak: int = 0
    steps: int = 0
    seconds_per_step: float = 0.0
    communication: float = 0.0


class CheckpointSaved(_Said, frozen=True, kw_only=True):
    """The state after `step` is safe on disk."""

    step: int
    seconds: float
    bytes: int


class Resumed(_Said, frozen=True, kw_only=True):
    """Training goes on after `step`; what was logged beyond it no longer counts."""

    step: int


class Paused(_Said, frozen=True, kw_only=True):
    """Training holds still after `step`."""

    step: int


class Continued(_Said, frozen=True, kw_only=True):
    """A pause ended."""

    step: int


class Noted(_Said, frozen=True, kw_only=True):
    """A sentence for the user. level: "info" or "warning"."""

    level: str
    text: str
    code: str = ""


class Imported(_Said, frozen=True, kw_only=True):
    """Files were imported."""

    rows_stored: int
    rows_set_aside: int
    files: int


class Checked(_Said, frozen=True, kw_only=True):
    """The data was looked at."""

    profile: DatasetProfile
    problems: tuple[Problem, ...]


class Inspected(_Said, frozen=True, kw_only=True):
    """One of the deeper checks is done."""

    look: Look


class PlanMade(_Said, frozen=True, kw_only=True):
    """The planner decided. previews: the first examples as they are read, where it writes."""

    planned: Planned
    previews: tuple[Preview, ...] = ()


class Judged(_Said, frozen=True, kw_only=True):
    """The quality report is ready."""

    report: AnyReport


class Exported(_Said, frozen=True, kw_only=True):
    """An export is done and checked."""

    record: ExportRecord


class RecipeWritten(_Said, frozen=True, kw_only=True):
    """A recipe is written. bytes: all its files; bytes_per_step: what a rank sends in one step.

    warning: a sentence where an ordinary network will be the brake.
    """

    out: str
    nodes: int
    ranks_per_node: int
    bytes: int
    bytes_per_step: int
    warning: str = ""


class Predicted(_Said, frozen=True, kw_only=True):
    """A file was answered."""

    rows: int
    out: str
    accuracy: float | None = None


class Answered(_Said, frozen=True, kw_only=True):
    """One question of a TryOut was answered; number counts the lines of inbox.jsonl from 1."""

    number: int
    answer: Answer


class Probed(_Said, frozen=True, kw_only=True):
    """What this computer can do."""

    hardware: HardwareProfile


class Finished(_Said, frozen=True, kw_only=True):
    """Terminal. outcome: "completed" or "stopped" (stopped and saved)."""

    outcome: str


class Failed(_Said, frozen=True, kw_only=True):
    """Terminal. The work could not be done; problems are set when the data is the reason."""

    failure: Failure
    problems: tuple[Problem, ...] = ()


Event = (
    Started
    | PhaseEntered
    | Progressed
    | StepLogged
    | Scored
    | LossSeen
    | ShardsMade
    | MemorySeen
    | PlanChanged
    | Rehearsed
    | StageMeasured
    | CheckpointSaved
    | Resumed
    | Paused
    | Continued
    | Noted
    | Imported
    | Checked
    | Inspected
    | PlanMade
    | Judged
    | Exported
    | RecipeWritten
    | Predicted
    | Answered
    | Probed
    | Finished
    | Failed
)
