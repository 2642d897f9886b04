"""Judges a finished run once more, on the very test rows it was made with."""

from pathlib import Path

import msgspec

from zeroapp.engine.device import use_threads
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.kinds import kind_of
from zeroapp.engine.run_parts import Run
from zeroapp.errors import UsageError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import Evaluate, PhaseEntered, Train, decode_job
from zeroapp.report import AnyReport, decode_report
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work
from zeroapp.writing import write_whole


def evaluate(job: Evaluate, work: Work) -> AnyReport:
    """Judge a finished run again, on the very test rows it was made with.

    Raises UsageError("no-model") when the run has none.
    """
    work.say(PhaseEntered(phase="judging", title="Checking its work on examples it has never seen"))
    with Project.open(Path(job.project)) as project:
        folder = project.run(job.run_id)
        plan = train_plan(folder)
        parts = project.parts(version=plan.data_version, seed=plan.seed)
    before = decode_report(folder.report.read_bytes())
    gang = Gang(device=plan.device)
    use_threads(plan, gang)
    run = Run(
        plan=plan,
        folder=folder,
        gang=gang,
        work=work,
        training=heavy_half(plan, work=work),
        parts=parts,
        train=[],
        validation=[],
    )
    report = kind_of(run).judge(seconds=before.seconds, before=before)
    write_whole(folder.report, msgspec.json.encode(report))
    return report


def train_plan(run: RunFolder) -> TrainPlan:
    """The plan a finished run obeyed."""
    job = decode_job(run.job.read_bytes()) if run.job.is_file() else None
    if not isinstance(job, Train) or not run.report.is_file():
        raise UsageError(
            "no-model",
            title="This run has no finished model.",
            hint="Train first, or choose a run that is done.",
        )
    return job.plan
