"""What is known about a run: `status = fold(status, event)`, pure. Window and CLI share it."""

from enum import StrEnum
from functools import reduce
from typing import assert_never

import msgspec
from msgspec.structs import replace

from zeroapp import protocol as p
from zeroapp.errors import Failure, Problem
from zeroapp.inspection import Look


class State(StrEnum):
    """Where a run is. `ended` says nothing about how; see Outcome."""

    waiting = "waiting"
    running = "running"
    paused = "paused"
    ended = "ended"


class Outcome(StrEnum):
    """How a run ended. `interrupted`: its process vanished without a word (set by RunHandle)."""

    completed = "completed"
    stopped = "stopped"
    failed = "failed"
    interrupted = "interrupted"


class Point(msgspec.Struct, frozen=True):
    """One point of a curve: optimizer step and value."""

    step: int
    value: float


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """All that events have said, in one value. results hold the newest event of each kind."""

    state: State = State.waiting
    outcome: Outcome | None = None
    job: str = ""
    attempt: int = 0
    phase: str = ""
    phase_title: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    seconds_left: float | None = None
    step: int = 0
    steps: int = 0
    rows_per_second: float = 0.0
    losses: tuple[Point, ...] = ()
    scores: tuple[p.Scored, ...] = ()
    heard: tuple[p.LossSeen, ...] = ()
    saved_step: int = 0
    saved_at: float = 0.0
    shards: p.ShardsMade | None = None
    memory: tuple[p.MemorySeen, ...] = ()
    changes: tuple[p.PlanChanged, ...] = ()
    rehearsed: p.Rehearsed | None = None
    stages: tuple[p.StageMeasured, ...] = ()
    notes: tuple[p.Noted, ...] = ()
    imported: p.Imported | None = None
    checked: p.Checked | None = None
    looks: tuple[Look, ...] = ()
    planned: p.PlanMade | None = None
    judged: p.Judged | None = None
    exported: p.Exported | None = None
    recipe: p.RecipeWritten | None = None
    predicted: p.Predicted | None = None
    answers: tuple[p.Answered, ...] = ()
    probed: p.Probed | None = None
    failure: Failure | None = None
    problems: tuple[Problem, ...] = ()
    started_at: float = 0.0
    ended_at: float = 0.0


def fold_all(events: list[p.Event], status: RunStatus | None = None) -> RunStatus:
    """The status after all events."""
    return reduce(fold, events, status or RunStatus())


def fold(status: RunStatus, event: p.Event) -> RunStatus:  # noqa: C901, PLR0911, PLR0912 - one arm an event
    """The status after one more event."""
    match event:
        case p.Started():
            return _started(status, event)
        case p.PhaseEntered():
            return replace(
                status,
                phase=event.phase,
                phase_title=event.title,
                done=0,
                total=0,
                unit="",
                seconds_left=None,
            )
        case p.Progressed():
            return replace(
                status,
                done=event.done,
                total=event.total,
                unit=event.unit,
                seconds_left=event.seconds_left,
            )
        case p.StepLogged():
            return _stepped(status, event)
        case p.Scored():
            # An attempt that goes on says again what an earlier one had found.
            others = (s for s in status.scores if (s.model, s.step) != (event.model, event.step))
            return replace(status, scores=(*others, event))
        case p.ShardsMade():
            return replace(status, shards=event)
        case p.MemorySeen():
            of_others = (seen for seen in status.memory if seen.rank != event.rank)
            return replace(status, memory=(*of_others, event))
        case p.CheckpointSaved():
            return replace(status, saved_step=event.step, saved_at=event.at)
        case p.Resumed():
            return _resumed(status, event)
        case p.Paused():
            return replace(status, state=State.paused, step=event.step)
        case p.Continued():
            return replace(status, state=State.running)
        case p.Noted():
            return replace(status, notes=(*status.notes, event))
        case p.PlanChanged():
            return replace(status, changes=(*status.changes, event))
        case p.Rehearsed():
            return replace(status, rehearsed=event)
        case p.StageMeasured():
            seen = (s for s in status.stages if (s.stage, s.rank) != (event.stage, event.rank))
            return replace(status, stages=(*seen, event))
        case p.RecipeWritten():
            return replace(status, recipe=event)
        case p.Inspected():
            before = (look for look in status.looks if look.name != event.look.name)
            return replace(status, looks=(*before, event.look))
        case p.Finished() | p.Failed():
            return _ended(status, event)
        case _:
            return _resulted(status, event)


def _resulted(  # noqa: PLR0911 - one arm an event
    status: RunStatus,
    event: p.LossSeen
    | p.Imported
    | p.Checked
    | p.PlanMade
    | p.Judged
    | p.Exported
    | p.Predicted
    | p.Answered
    | p.Probed,
) -> RunStatus:
    match event:
        case p.LossSeen():
            heard = [s for s in status.heard if (s.model, s.step) != (event.model, event.step)]
            return replace(status, heard=(*heard, event))
        case p.Imported():
            return replace(status, imported=event)
        case p.Checked():
            return replace(status, checked=event)
        case p.PlanMade():
            return replace(status, planned=event)
        case p.Judged():
            return replace(status, judged=event)
        case p.Exported():
            return replace(status, exported=event)
        case p.Predicted():
            return replace(status, predicted=event)
        case p.Answered():
            # an answer in the making is told again and again
            others = (said for said in status.answers if said.number != event.number)
            return replace(status, answers=(*others, event))
        case p.Probed():
            return replace(status, probed=event)
        case _:
            assert_never(event)


def _started(status: RunStatus, event: p.Started) -> RunStatus:
    first = status.started_at or event.at
    return replace(
        status,
        state=State.running,
        outcome=None,
        failure=None,
        problems=(),
        job=event.job,
        attempt=event.attempt,
        started_at=first,
        ended_at=0.0,
    )


def _stepped(status: RunStatus, event: p.StepLogged) -> RunStatus:
    return replace(
        status,
        step=event.step,
        steps=event.total,
        done=event.step,
        total=event.total,
        unit="steps",
        seconds_left=event.seconds_left,
        rows_per_second=event.rows_per_second,
        losses=(*status.losses, Point(event.step, event.loss)),
    )


def _resumed(status: RunStatus, event: p.Resumed) -> RunStatus:
    return replace(
        status,
        step=event.step,
        losses=tuple(point for point in status.losses if point.step <= event.step),
        scores=tuple(s for s in status.scores if s.model == "probe" or s.step <= event.step),
        heard=tuple(s for s in status.heard if s.step <= event.step),
    )


def _ended(status: RunStatus, event: p.Finished | p.Failed) -> RunStatus:
    if isinstance(event, p.Finished):
        return replace(
            status,
            state=State.ended,
            outcome=Outcome(event.outcome),
            seconds_left=None,
            ended_at=event.at,
        )
    return replace(
        status,
        state=State.ended,
        outcome=Outcome.failed,
        failure=event.failure,
        problems=event.problems,
        seconds_left=None,
        ended_at=event.at,
    )
