"""What `--json` prints, as plain dicts; docs/COMMAND_LINE.md names every key."""

from typing import TYPE_CHECKING, Any

from zeroapp import protocol as p
from zeroapp.data.voices import Voices
from zeroapp.project import Project
from zeroapp.report import AnyReport, Report, Score, TextReport
from zeroapp.run_folder import RunFolder
from zeroapp.status import RunStatus

if TYPE_CHECKING:
    from zeroapp.cli.journey import Trained


def imported(project: Project, said: p.Imported, asked: Voices | None) -> dict[str, Any]:
    """What came in and what the project holds now; asked: whose words there are to choose from."""
    return {
        "rows_stored": said.rows_stored,
        "rows_set_aside": said.rows_set_aside,
        "files": said.files,
        "rows": project.count(),
        "task": project.task,
        "columns": project.columns(),
        "roles": project.roles(),
        "voices": asked and {"role": asked.role.key, "counts": dict(asked.counts)},
        "repairs": project.repairs(),
        "set_aside": project.set_aside(limit=100),
    }


def judged(report: AnyReport) -> dict[str, Any]:
    """The verdict with its numbers."""
    return _labels(report) if isinstance(report, Report) else _texts(report)


def _texts(report: TextReport) -> dict[str, Any]:
    return {
        "run": report.run_id,
        "verdict": report.verdict,
        "ok": report.ok,
        "n": report.n,
        "tokens": report.tokens,
        "scores": {
            score.key: {
                "value": score.value,
                "base": score.base,
                "difference_low": score.interval.low,
                "difference_high": score.interval.high,
                "method": score.interval.method,
                "n": score.n,
                "better": score.better,
            }
            for score in report.scores
        },
        "copied": report.copied,
        "in_use": report.selection.in_use,
    }


def _labels(report: Report) -> dict[str, Any]:
    scores = {score.key: score for score in report.scores}
    return {
        "run": report.run_id,
        "verdict": report.verdict,
        "ok": report.ok,
        "accuracy": scores["accuracy"].value,
        "n": report.n,
        "right": report.right,
        "interval": _interval(scores["accuracy"]),
        "macro_f1": scores["macro_f1"].value,
        "macro_f1_interval": _interval(scores["macro_f1"]),
        "in_use": report.selection.in_use,
    }


def trained(done: "Trained") -> dict[str, Any]:
    """A finished training run."""
    return {
        "outcome": "completed",
        **judged(done.report),
        "resumed": done.resumed,
        "memory": [
            {"rank": seen.rank, "predicted": seen.predicted, "peak": seen.peak}
            for seen in done.memory
        ],
        "model": str(done.run.model),
        "report": str(done.run.report),
    }


def stopped(run: RunFolder, status: RunStatus, *, left: bool) -> dict[str, Any]:
    """A run that was stopped. left: it is still saving, on its own."""
    return {
        "outcome": "stopping" if left else "stopped",
        "run": run.id,
        "step": status.step,
        "steps": status.steps,
        "saved_step": status.saved_step,
    }


def _interval(score: Score) -> dict[str, Any]:
    return {
        "low": score.interval.low,
        "high": score.interval.high,
        "method": score.interval.method,
    }
