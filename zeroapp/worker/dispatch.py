"""From a job to the function that does it. Loads nothing heavy until a job needs it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import psutil

from zeroapp import protocol as p
from zeroapp.plan import TrainPlan
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work
from zeroapp.worker.seat import Seat

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zeroapp.dataset import Example
    from zeroapp.engine.gang import Gang

_NICE = 5
"""How far training steps back on Unix; 0 is everybody's place, 19 the last."""


def perform(job: p.Job, seat: Seat, work: Work) -> None:  # noqa: C901, PLR0912 - one arm a job
    """Do the job and say its result; raises what the work raises (AppError, Stopped, ...)."""
    match job:
        case p.Probe():
            _probe(job, work)
        case p.ImportData():
            _import(job, work)
        case p.Check():
            _check(job, work)
        case p.Inspect():
            _inspect(job, work)
        case p.MakePlan():
            _plan(job, work)
        case p.Train():
            _train(job, seat, work)
        case p.Evaluate():
            _evaluate(job, work)
        case p.Export() | p.WriteRecipe():
            _export(job, work)
        case p.Predict():
            _predict(job, work)
        case p.TryOut():
            _try_out(job, seat, work)
        case p.Rehearse() | p.Benchmark():
            _measure(job, seat, work)
        case p.MakeEngine():
            _make_engine(job, work)
        case _:
            assert_never(job)


def _probe(job: p.Probe, work: Work) -> None:
    from zeroapp.engine.device import probe

    work.say(p.PhaseEntered(phase="probing", title="Looking at this computer"))
    work.say(p.Probed(hardware=probe(work, measure=job.measure)))


def _import(job: p.ImportData, work: Work) -> None:
    from zeroapp.data.importing import import_paths, read_again
    from zeroapp.project import Project

    work.say(p.PhaseEntered(phase="importing", title="Reading your files"))
    with Project.open(Path(job.project)) as project:
        if job.again:
            told = read_again(
                project, job.again, without=job.without, work=work, encoding=job.encoding
            )
        else:
            paths = [Path(path) for path in job.paths]
            told = import_paths(project, paths, work, encoding=job.encoding)
        work.say(told)


def _check(job: p.Check, work: Work) -> None:
    from zeroapp import catalogue, models, tasks
    from zeroapp.data.checks import check
    from zeroapp.data.language import guess_language
    from zeroapp.dataset import Reads
    from zeroapp.engine.first_plan import LONGEST
    from zeroapp.project import Project

    with Project.open(Path(job.project)) as project:
        work.say(p.PhaseEntered(phase="preparing", title="Getting the starter model ready"))
        task = tasks.get(project.task)
        if task.reads is Reads.picture:
            work.say(p.PhaseEntered(phase="checking", title="Looking through your pictures"))
            profile, problems = check(project, work, count_tokens=None, limit=0)
            work.say(p.Checked(profile=profile, problems=tuple(problems)))
            return
        key = project.options().base
        texts = (example.text for example in project.examples())
        starter = catalogue.starter_for(guess_language(texts), answers=task.answers)
        base = models.describe(key) if key else starter
        folder = models.prepare(base.key, work)
        work.say(p.PhaseEntered(phase="checking", title="Looking through your examples"))
        count = models.token_counter(folder, prefix=base.prefix)
        limit = min(base.max_length, LONGEST)
        profile, problems = check(project, work, count_tokens=count, limit=limit)
    work.say(p.Checked(profile=profile, problems=tuple(problems)))


def _inspect(job: p.Inspect, work: Work) -> None:
    from zeroapp import catalogue, models, tasks
    from zeroapp.audit.inspecting import inspect
    from zeroapp.data.language import guess_language
    from zeroapp.project import Project

    with Project.open(Path(job.project)) as project:
        key = project.options().base
        reads = tasks.get(project.task).reads

        def embedded(examples: "Sequence[Example]") -> "NDArray[np.float32]":
            from zeroapp.engine.embeddings import embed

            language = "" if key else guess_language(e.text for e in examples[::20] if not e.name)
            base = models.describe(key) if key else catalogue.starter_for(language, reads=reads)
            return embed(examples, task=project.task, base=base, folder=project.folder, work=work)

        inspect(project, work, embed=embedded, again=job.again)


def _plan(job: p.MakePlan, work: Work) -> None:
    from zeroapp.engine.memory_seen import libraries_bytes
    from zeroapp.engine.planner import make_plan
    from zeroapp.engine.previews import previews
    from zeroapp.project import Project

    work.say(p.PhaseEntered(phase="planning", title="Choosing how to train on this computer"))
    libraries = libraries_bytes()
    with Project.open(Path(job.project)) as project:
        planned = make_plan(project, job.options, work, libraries=libraries)
        shown = previews(project, planned.plan, work)
    work.say(p.PlanMade(planned=planned, previews=shown))


def _train(job: p.Train, seat: Seat, work: Work) -> None:
    from zeroapp.engine.rehearsal import FirstSteps
    from zeroapp.engine.training_run import train

    _step_back()
    watched = FirstSteps(work, plan=job.plan)
    report = train(job, RunFolder(Path(seat.folder)), watched, _gang(job.plan, seat))
    if report is not None:
        work.say(p.Judged(report=report))


def _measure(job: p.Rehearse | p.Benchmark, seat: Seat, work: Work) -> None:
    if isinstance(job, p.Rehearse):
        _rehearse(job, seat, work)
    else:
        _benchmark(job, seat, work)


def _rehearse(job: p.Rehearse, seat: Seat, work: Work) -> None:
    from zeroapp.engine.rehearsal import rehearse

    _step_back()
    folder = RunFolder(Path(seat.folder))
    told = rehearse(job, folder, work=work, gang=_gang(job.plan, seat))
    if told is not None:
        work.say(told)


def _benchmark(job: p.Benchmark, seat: Seat, work: Work) -> None:
    from zeroapp.engine.stage_benchmark import measure_stage

    folder = RunFolder(Path(seat.folder))
    gang = _gang(job.plan, seat)
    work.say(measure_stage(job, folder, stage=seat.part, work=work, gang=gang))


def _gang(plan: TrainPlan, seat: Seat) -> "Gang":
    from zeroapp.engine.gang import Gang

    return Gang(rank=seat.rank, ranks=seat.ranks, store=Path(seat.store), device=plan.device)


def _step_back() -> None:
    """Let the window and everything else go first: training takes all cores for a long time."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:  # who was put further back already may not come forward again
        process.nice(max(process.nice(), _NICE))


def _evaluate(job: p.Evaluate, work: Work) -> None:
    from zeroapp.engine.evaluate import evaluate

    work.say(p.Judged(report=evaluate(job, work)))


def _export(job: p.Export | p.WriteRecipe, work: Work) -> None:
    if isinstance(job, p.WriteRecipe):
        from zeroapp.export.recipe import write_recipe

        work.say(write_recipe(job, work))
        return
    from zeroapp.export import export
    from zeroapp.project import Project

    record = export(job, work)
    with Project.open(Path(job.project)) as project:
        project.add_export(record)
    work.say(p.Exported(record=record))


def _predict(job: p.Predict, work: Work) -> None:
    from zeroapp.serve.batch import predict

    work.say(predict(job, work))


def _make_engine(job: p.MakeEngine, work: Work) -> None:
    from zeroapp.packs import making, offer

    order = making.Order(
        pack=offer.get(job.pack),
        folder=Path(job.folder),
        index=job.index,
        python=job.python,
        anew=job.anew,
    )
    making.make(order, work)


def _try_out(job: p.TryOut, seat: Seat, work: Work) -> None:
    from zeroapp.serve.tryout import converse

    converse(job, RunFolder(Path(seat.folder)), work)
