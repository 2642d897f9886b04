"""With and without ZeRO on the user's own computer: the same few steps at one stage, measured."""

import math
from dataclasses import replace as changed
from pathlib import Path

from msgspec.structs import replace

from zeroapp.engine.device import use_threads
from zeroapp.engine.few_steps import communication, few_steps
from zeroapp.engine.fine_tune import Learner, learner
from zeroapp.engine.gang import Gang
from zeroapp.engine.run_parts import Run
from zeroapp.engine.training_run import prepared
from zeroapp.plan import Offload, TrainPlan, ZeroStage
from zeroapp.project import Project
from zeroapp.protocol import Benchmark, PhaseEntered, StageMeasured
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work


def measure_stage(
    job: Benchmark, folder: RunFolder, *, stage: int, work: Work, gang: Gang
) -> StageMeasured:
    """A few steps of job.plan at a stage, as this rank saw them; nothing is kept of them.

    Raises Stopped, DataError, ModelError, ResourceError.
    """
    plan = plan_at(job, stage)
    use_threads(plan, gang)
    if gang.first:
        work.say(PhaseEntered(phase=f"stage-{stage}", title=f"Trying stage {stage} of 0 to 3"))
    with Project.open(Path(job.project)) as project:
        run = prepared(plan, folder, work=work, gang=gang, project=project)
    run = few_rows(run, job.steps)
    return measure(run, learner(run, None), steps=job.steps)


def measure(run: Run, made: Learner, *, steps: int) -> StageMeasured:
    """A few steps of the run's plan, as this rank saw them; afterwards the ranks part."""
    gang = run.gang
    measured = few_steps(run, made, steps=steps)
    exchanged = communication(run, made, steps=max(2, steps // 2)) if gang.ranks > 1 else 0.0
    gang.leave()
    return StageMeasured(
        stage=int(run.plan.zero_stage),
        rank=gang.rank,
        ranks=gang.ranks,
        parameters=measured.held.parameters,
        gradients=measured.held.gradients,
        optimizer=measured.held.optimizer,
        peak=measured.peak,
        steps=measured.steps,
        seconds_per_step=measured.seconds_per_step,
        communication=exchanged,
    )


def plan_at(job: Benchmark, stage: int) -> TrainPlan:
    """The plan at a stage, shared by the job's ranks, everything in memory."""
    return replace(
        job.plan, ranks=job.ranks, zero_stage=ZeroStage(stage), offload=Offload.none, threads=0
    )


def few_rows(run: Run, steps: int) -> Run:
    """The same run with no more rows than its few steps read."""
    rows = run.train[: run.plan.batch_size * steps]
    epochs = math.ceil(steps * run.plan.batch_size / len(rows))
    return changed(run, plan=replace(run.plan, epochs=epochs), train=rows)
