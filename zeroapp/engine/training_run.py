"""One training run from rows to verdict, phase by phase; each phase survives a kill.

What a phase made is a folder in the run that exists only when whole (probe/, tuned/, model/), so
that a run that goes on skips what is done.
"""

import time
from pathlib import Path

import msgspec

from zeroapp.dataset import Part
from zeroapp.engine.adopted import settle
from zeroapp.engine.checkpoint import Checkpoints
from zeroapp.engine.device import use_threads
from zeroapp.engine.fine_tune import fine_tune
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.kinds import kind_of
from zeroapp.engine.run_parts import Run
from zeroapp.errors import DataError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import PhaseEntered, Train
from zeroapp.report import AnyReport, decode_report
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work
from zeroapp.writing import write_whole


def train(job: Train, run: RunFolder, work: Work, gang: Gang) -> AnyReport | None:
    """Train as job.plan says; the first rank returns the report, the others None.

    Raises Stopped (saved), DataError, ModelError, ResourceError, WorkError; OSError on a full disk.
    """
    began = time.monotonic()
    use_threads(job.plan, gang)
    if gang.first:
        work.say(PhaseEntered(phase="loading", title="Reading your examples"))
    with Project.open(Path(job.project)) as project:
        if gang.first and run.report.is_file():
            return decode_report(run.report.read_bytes())
        state = prepared(job.plan, run, work=work, gang=gang, project=project)
    kind = kind_of(state)
    settle(state, kind)
    kind.begin()
    if job.plan.fine_tune and not state.tuned.is_dir():
        fine_tune(state, kind)
    if not gang.first:
        return None
    kind.finish()
    report = kind.judge(seconds=time.monotonic() - began)
    write_whole(run.report, msgspec.json.encode(report))
    Checkpoints(run.checkpoints, gang=gang).clear()
    return report


def prepared(plan: TrainPlan, run: RunFolder, *, work: Work, gang: Gang, project: Project) -> Run:
    """What every phase reads: the task's heavy half, the parts of the data, rows as numbers.

    Raises DataError("too-few-rows"), ModelError.
    """
    training = heavy_half(plan, work=work)
    parts = project.parts(version=plan.data_version, seed=plan.seed)
    if not all(parts.get(part) for part in Part):
        raise DataError(
            "too-few-rows",
            title="There are too few examples to learn from and to check with.",
            hint="Add at least a few examples of every kind, then try again. Nothing was changed.",
        )
    return Run(
        plan=plan,
        folder=run,
        gang=gang,
        work=work,
        training=training,
        parts=parts,
        train=training.encode(parts[Part.train]),
        validation=training.encode(parts[Part.validation]),
    )
