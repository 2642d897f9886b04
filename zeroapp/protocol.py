"""What may be asked of the worker (`Job`) and what it may say (`Event`): two tagged unions.

`events.jsonl` in the run folder is the channel and the truth: append-only, one object a line.
Unknown fields are ignored and an unknown event type becomes `Noted`, so old windows read new logs.
"""

import time
from typing import Annotated, Any

import msgspec

from zeroapp.dataset import DatasetProfile
from zeroapp.errors import Failure, Problem
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Planned, PlanOptions, TrainPlan
from zeroapp.report import Answer, ExportRecord, Report

PROTOCOL_VERSION = 1


class _Tagged(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """A member of a union; its tag is the name of its class."""


# --- jobs: what may be asked -------------------------------------------------------------------


class Probe(_Tagged, frozen=True, kw_only=True):
    """Look at this computer; measure speeds when `measure` is set."""

    measure: bool = True


class ImportData(_Tagged, frozen=True, kw_only=True):
    """Read files or folders into the project.

    again: read the file of this number once more instead, without these kinds of repairs.
    """

    project: str
    paths: tuple[str, ...]
    again: int = 0
    without: tuple[str, ...] = ()


class Check(_Tagged, frozen=True, kw_only=True):
    """Profile the data and list what is wrong with it."""

    project: str


class MakePlan(_Tagged, frozen=True, kw_only=True):
    """Choose how to train on this computer."""

    project: str
    options: PlanOptions = PlanOptions()


class Train(_Tagged, frozen=True, kw_only=True):
    """Train as the plan says, judge, and write model/ and report.json into the run folder."""

    project: str
    plan: TrainPlan


class Evaluate(_Tagged, frozen=True, kw_only=True):
    """Judge a finished run again on its test rows."""

    project: str
    run_id: str


class Export(_Tagged, frozen=True, kw_only=True):
    """Write a finished run's model in a format; out is the folder to make."""

    project: str
    run_id: str
    format: str
    out: str


class Predict(_Tagged, frozen=True, kw_only=True):
    """Answer every row of a file with a run's model (a run folder) or an export folder.

    The answers go to the csv file `out`.
    """

    model: str
    file: str
    out: str
    column: str | None = None


class TryOut(_Tagged, frozen=True, kw_only=True):
    """Stay ready and answer each line appended to `inbox.jsonl` in the run folder ({"text": ...}).

    Ends when stopped or after `idle_seconds` without a question.
    """

    project: str
    run_id: str
    idle_seconds: float = 600.0


class Rehearse(_Tagged, frozen=True, kw_only=True):
    """Take real training steps for about `seconds`, measure them, and throw them away."""

    project: str
    plan: TrainPlan
    seconds: float = 60.0


class Benchmark(_Tagged, frozen=True, kw_only=True):
    """Take the same few steps of the plan at ZeRO stages 0 to 3 on `ranks` ranks, and measure."""

    project: str
    plan: TrainPlan
    ranks: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    steps: Annotated[int, msgspec.Meta(ge=2, le=1000)] = 6


Job = (
    Probe
    | ImportData
    | Check
    | MakePlan
    | Train
    | Evaluate
    | Export
    | Predict
    | TryOut
    | Rehearse
    | Benchmark
)


# --- events: what may be said ------------------------------------------------------------------


class _Said(_Tagged, frozen=True, kw_only=True):
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


class PlanMade(_Said, frozen=True, kw_only=True):
    """The planner decided."""

    planned: Planned


class Judged(_Said, frozen=True, kw_only=True):
    """The quality report is ready."""

    report: Report


class Exported(_Said, frozen=True, kw_only=True):
    """An export is done and checked."""

    record: ExportRecord


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
    | PlanMade
    | Judged
    | Exported
    | Predicted
    | Answered
    | Probed
    | Finished
    | Failed
)

_ENCODER = msgspec.json.Encoder()
_JOB: msgspec.json.Decoder[Job] = msgspec.json.Decoder(Job)
_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Job | Event) -> bytes:
    """One JSON object without a line end."""
    return _ENCODER.encode(message)


def decode_job(data: bytes) -> Job:
    """The job in `data`; raises msgspec.ValidationError when it is not one."""
    return _JOB.decode(data)


def decode_event(line: bytes) -> Event:
    """The event in one line of events.jsonl; what this version does not know becomes `Noted`."""
    try:
        return _EVENT.decode(line)
    except msgspec.ValidationError:
        raw: Any = msgspec.json.decode(line)
        kind = raw.get("type", "?") if isinstance(raw, dict) else "?"
        at = raw.get("at", 0.0) if isinstance(raw, dict) else 0.0
        return Noted(at=float(at), level="info", text=f"(from a newer version: {kind})")
