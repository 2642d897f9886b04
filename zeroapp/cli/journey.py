"""The steps of the way, each as one call: launch the job, follow it, hand back its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from zeroapp import protocol as p
from zeroapp.cli import wishes
from zeroapp.cli.console import Console
from zeroapp.cli.follow import do, follow
from zeroapp.errors import DataError, Severity, UsageError, WorkError
from zeroapp.inspection import Look
from zeroapp.packs.launching import go_on, launch
from zeroapp.plan import Planned, PlanOptions, TrainPlan
from zeroapp.project import Project
from zeroapp.report import AnyReport, ExportRecord
from zeroapp.run_folder import RunFolder
from zeroapp.runs import history
from zeroapp.runs.handle import RunHandle
from zeroapp.status import State
from zeroapp.wording import typed

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A finished training run. resumed: an earlier run was gone on with or joined.

    memory: what each rank held, and what was foretold.
    """

    run: RunFolder
    report: AnyReport
    resumed: bool
    memory: tuple[p.MemorySeen, ...]


def bring_in(
    project: Project, paths: Sequence[Path], console: Console, *, encoding: str = ""
) -> p.Imported:
    """Import files and folders."""
    job = p.ImportData(
        project=str(project.folder),
        paths=tuple(str(path.absolute()) for path in paths),
        encoding=encoding,
    )
    return _result(do(job, project.new_run("import"), console).imported)


def read_again(
    project: Project, name: str, undo: Sequence[str], console: Console, *, encoding: str = ""
) -> p.Imported:
    """Read a file of the project once more, without these repairs and those undone before, or in
    another encoding. Raises UsageError("no-file", "no-repair").
    """
    in_use = project.store.numbers()
    numbers = {in_use[file.sha256] for file in project.files() if file.name == name}
    known = [repair for repair in project.repairs() if repair.number in numbers]
    if not numbers or (undo and not known):
        raise UsageError(
            "no-file",
            title=f"Nothing was put right in a file called “{name}”."
            if numbers
            else f"There is no file called “{name}” in this project.",
            hint="Look at `repairs` in: zeroapp import DIR FILE --json. Nothing was changed.",
        )
    kinds = {repair.kind for repair in known if not repair.lasting}
    if odd := sorted(set(undo) - kinds):
        raise UsageError(
            "no-repair",
            title=f"“{odd[0]}” is no repair of “{name}” that can be taken back.",
            hint=f"These can be: {', '.join(sorted(kinds)) or 'none'}. Nothing was changed.",
        )
    without = {*undo, *(repair.kind for repair in known if repair.undone)}
    job = p.ImportData(
        project=str(project.folder),
        paths=(),
        again=max(numbers),
        without=tuple(sorted(without - {"encoding"} if encoding else without)),
        encoding=encoding,
    )
    return _result(do(job, project.new_run("import"), console).imported)


def check(project: Project, console: Console) -> p.Checked:
    """Look through the data; the problems are in the result, none is raised."""
    job = p.Check(project=str(project.folder))
    return _result(do(job, project.new_run("check"), console).checked)


def inspect(project: Project, console: Console, *, again: bool) -> tuple[Look, ...]:
    """The deeper checks; those whose result is kept are not made again unless asked for."""
    job = p.Inspect(project=str(project.folder), again=again)
    return do(job, project.new_run("inspect"), console).looks


def ready(project: Project, console: Console) -> str:
    """The version of data that may be trained on; checks it when that was not done since.

    Raises DataError("data-problems") with all problems when some must be mended first.
    """
    profile, problems = project.profile(), project.problems()
    if profile is None:
        found = check(project, console)
        profile, problems = found.profile, found.problems
    blocking = [found for found in problems if found.severity is Severity.blocking]
    if blocking:
        raise DataError(
            "data-problems",
            title="The data has problems that must be mended before training.",
            hint="Mend them, import the data again, then go on. Nothing was lost.",
            problems=tuple(problems),
        )
    return profile.version


def plan(project: Project, options: PlanOptions, console: Console) -> Planned:
    """Let the planner choose; options that a plan came of are kept in the project."""
    ready(project, console)
    job = p.MakePlan(project=str(project.folder), options=options)
    made = _result(do(job, project.new_run("plan"), console).planned).planned
    project.set_options(options)
    return made


def plan_to_train(project: Project, options: PlanOptions, console: Console) -> TrainPlan:
    """The newest plan where it still holds for data and options, else a new one."""
    version = ready(project, console)
    kept = _newest_plan(project)
    if kept is not None:
        made, asked = kept
        if made.plan.data_version == version and asked == options:
            return made.plan
    return plan(project, options, console).plan


def _newest_plan(project: Project) -> tuple[Planned, PlanOptions] | None:
    for folder in project.runs("plan"):
        made = history.status_of(folder).planned
        try:
            job = history.job_of(folder)
        except (OSError, msgspec.DecodeError):
            continue
        if made is not None and isinstance(job, p.MakePlan):
            return made.planned, job.options
    return None


def unfinished(project: Project, options: PlanOptions, console: Console) -> RunHandle | None:
    """A run that works, or that can go on with the same data and the same wishes; started."""
    folder = history.find_unfinished(project)
    if folder is None:
        return None
    handle = RunHandle(folder)
    if handle.status.state is not State.ended:
        console.remark("Training runs already; following it.")
        return handle
    try:
        job = history.job_of(folder)
    except (OSError, msgspec.DecodeError):
        # Made by another version, whose plans have other fields.
        return None
    assert isinstance(job, p.Train)
    if job.plan.data_version != ready(project, console) or not wishes.obeys(job.plan, options):
        return None
    saved = handle.status.saved_step
    where = f"from step {saved}" if saved else "from its beginning"
    console.remark(f"Going on with the run that was not finished, {where}.")
    return go_on(folder)


def train(project: Project, chosen: TrainPlan, console: Console) -> Trained:
    """A new run that obeys the plan."""
    job = p.Train(project=str(project.folder), plan=chosen)
    return finish(launch(job, project.new_run("train")), console, resumed=False)


def finish(handle: RunHandle, console: Console, *, resumed: bool) -> Trained:
    """Follow a training run to its verdict."""
    status = follow(handle, console)
    report = _result(status.judged).report
    return Trained(run=handle.folder, report=report, resumed=resumed, memory=status.memory)


def finished_run(project: Project, run_id: str | None) -> RunFolder:
    """The named run, or the newest finished one. Raises UsageError("no-run", "no-model")."""
    if run_id is not None:
        return project.run(run_id)
    found = history.latest_finished(project)
    if found is None:
        raise UsageError(
            "no-model",
            title="This project has no finished model yet.",
            hint=f"Train one first: zeroapp train {typed(project.folder)}",
        )
    return found


def evaluate(project: Project, run: RunFolder, console: Console) -> AnyReport:
    """Judge a finished run again."""
    job = p.Evaluate(project=str(project.folder), run_id=run.id)
    return _result(do(job, project.new_run("evaluate"), console).judged).report


def export(
    project: Project, run: RunFolder, console: Console, *, to: str, out: Path | None
) -> ExportRecord:
    """Write a run's model in a format; without `out` it goes below the project."""
    place = str(out.absolute()) if out else ""
    job = p.Export(project=str(project.folder), run_id=run.id, format=to, out=place)
    return _result(do(job, project.new_run("export"), console).exported).record


def predict(job: p.Predict, folder: RunFolder, console: Console) -> p.Predicted:
    """Answer a file."""
    return _result(do(job, folder, console).predicted)


def _result(said: _T | None) -> _T:
    """What a completed run has said."""
    if said is None:
        raise WorkError(
            "no-result",
            title="The work ended without a result.",
            hint="Try again; if it happens again, send us the report.",
        )
    return said
