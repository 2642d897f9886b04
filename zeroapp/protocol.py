"""What the worker may say (`Event`), and how what may be asked (`Job`) and said is written.

Two tagged unions; jobs stand in `zeroapp.jobs` and are offered here again.

`events.jsonl` in the run folder is the channel and the truth: append-only, one object a line.
Unknown fields are ignored and an unknown event type becomes `Noted`, so old windows read new logs.
"""

from typing import Any

import msgspec

from zeroapp.events import (
    PROTOCOL_VERSION,
    Answered,
    Checked,
    CheckpointSaved,
    Continued,
    Event,
    Exported,
    Failed,
    Finished,
    Imported,
    Inspected,
    Judged,
    LossSeen,
    MemorySeen,
    Noted,
    Paused,
    PhaseEntered,
    PlanChanged,
    PlanMade,
    Predicted,
    Probed,
    Progressed,
    RecipeWritten,
    Rehearsed,
    Resumed,
    Scored,
    ShardsMade,
    StageMeasured,
    Started,
    StepLogged,
    TriedRow,
)
from zeroapp.jobs import (
    Benchmark,
    Check,
    Evaluate,
    Export,
    ImportData,
    Inspect,
    Job,
    MakeEngine,
    MakePlan,
    Predict,
    Probe,
    Rehearse,
    Train,
    TryOut,
    WriteRecipe,
)

__all__ = [
    "PROTOCOL_VERSION",
    "Answered",
    "Benchmark",
    "Check",
    "Checked",
    "CheckpointSaved",
    "Continued",
    "Evaluate",
    "Event",
    "Export",
    "Exported",
    "Failed",
    "Finished",
    "ImportData",
    "Imported",
    "Inspect",
    "Inspected",
    "Job",
    "Judged",
    "LossSeen",
    "MakeEngine",
    "MakePlan",
    "MemorySeen",
    "Noted",
    "Paused",
    "PhaseEntered",
    "PlanChanged",
    "PlanMade",
    "Predict",
    "Predicted",
    "Probe",
    "Probed",
    "Progressed",
    "RecipeWritten",
    "Rehearse",
    "Rehearsed",
    "Resumed",
    "Scored",
    "ShardsMade",
    "StageMeasured",
    "Started",
    "StepLogged",
    "Train",
    "TriedRow",
    "TryOut",
    "WriteRecipe",
    "decode_event",
    "decode_job",
    "encode",
]

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
        if isinstance(raw, dict) and _lacks_kind(raw.get("report")):  # of before there were two
            raw["report"]["type"] = "labels"
            return decode_event(msgspec.json.encode(raw))
        kind = raw.get("type", "?") if isinstance(raw, dict) else "?"
        at = raw.get("at", 0.0) if isinstance(raw, dict) else 0.0
        return Noted(at=float(at), level="info", text=f"(from a newer version: {kind})")


def _lacks_kind(report: Any) -> bool:
    return isinstance(report, dict) and "type" not in report
