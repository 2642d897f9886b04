"""A project as the list on the start page shows it. Not loaded before the first frame."""

import time
from pathlib import Path

from ui import words
from ui.shown_start import ProjectItem, Stage
from zeroapp.errors import AppError
from zeroapp.project import Project
from zeroapp.report import TextReport
from zeroapp.runs import history
from zeroapp.status import Outcome, RunStatus, State


def look_at(folder: Path) -> ProjectItem:
    """One project as it is now; never raises."""
    try:
        with Project.open(folder) as project:
            state, stage = _state(project)
        seconds = time.time() - (folder / "project.db").stat().st_mtime
    except (AppError, OSError) as error:
        newer = isinstance(error, AppError) and error.code == "project-newer"
        return ProjectItem(
            folder=folder,
            name=folder.name,
            state="Made with a newer zeroapp. Install that one to open it."
            if newer
            else "This folder cannot be opened. It may have been moved.",
            stage=Stage.lost,
        )
    return ProjectItem(
        folder=folder, name=folder.name, state=state, stage=stage, when=words.ago(max(seconds, 0))
    )


def _state(project: Project) -> tuple[str, Stage]:
    rows = project.count()
    runs = project.runs("train")
    if runs:
        return _trained(history.status_of(runs[0]))
    if not rows:
        return "Waiting for examples", Stage.empty
    return f"{words.plural(rows, 'example')}, not trained yet", Stage.examples


def _trained(status: RunStatus) -> tuple[str, Stage]:
    if status.judged is not None and status.outcome is Outcome.completed:
        report = status.judged.report
        if isinstance(report, TextReport):
            good = "writes more like you than before" if report.ok else "not better than before"
            return f"Ready to use: {good}", Stage.ready
        right, of = words.of_hundred(report.right, report.n)
        return f"Ready to use: right on {right} of {of}", Stage.ready
    if status.state is not State.ended:
        steps = f", step {status.step} of {status.steps}" if status.steps else ""
        return f"Training now{steps}", Stage.working
    if status.outcome is Outcome.failed:
        return "Training needs a look", Stage.halted
    steps = f" at step {status.saved_step} of {status.steps}" if status.steps else ""
    return f"Training was stopped{steps}; it can go on", Stage.halted
