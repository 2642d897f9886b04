"""One training run from rows to verdict, phase by phase; each phase survives a kill.

What a phase made is a folder in the run that exists only when whole (probe/, tuned/, model/), so
that a run that goes on skips what is done.
"""

import time
from pathlib import Path

import msgspec
import torch
from safetensors.numpy import load_file as load_arrays

from zeroapp.dataset import Part
from zeroapp.engine import linear_probe
from zeroapp.engine.adopted import settle
from zeroapp.engine.checkpoint import Checkpoints
from zeroapp.engine.device import use_threads
from zeroapp.engine.evaluate import judge
from zeroapp.engine.fine_tune import fine_tune
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.loading import mapped, model_to_read
from zeroapp.engine.quick_model import quick_model, start_head
from zeroapp.engine.run_parts import Run
from zeroapp.errors import DataError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import PhaseEntered, Train
from zeroapp.quality.select import select
from zeroapp.report import Report, Selection
from zeroapp.run_folder import RunFolder
from zeroapp.work import Work
from zeroapp.writing import made_beside, write_whole


def train(job: Train, run: RunFolder, work: Work, gang: Gang) -> Report | None:
    """Train as job.plan says; the first rank returns the report, the others None.

    Raises Stopped (saved), DataError, ModelError, ResourceError, WorkError; OSError on a full disk.
    """
    began = time.monotonic()
    use_threads(job.plan, gang)
    if gang.first:
        work.say(PhaseEntered(phase="loading", title="Reading your examples"))
    with Project.open(Path(job.project)) as project:
        if gang.first and run.report.is_file():
            return msgspec.json.decode(run.report.read_bytes(), type=Report)
        state = prepared(job.plan, run, work=work, gang=gang, project=project)
    settle(state)
    probe = quick_model(state)
    if job.plan.fine_tune and not state.tuned.is_dir():
        fine_tune(state, probe)
    if not gang.first:
        return None
    selection = _finish_model(state, probe)
    report = _judged(state, probe, selection=selection, seconds=time.monotonic() - began)
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


def _finish_model(run: Run, probe: linear_probe.LinearProbe) -> Selection:
    """Choose on validation rows and write model/."""
    run.enter("saving", "Choosing and saving the better model")
    targets = linear_probe.targets_of(run.validation)
    tuned = None
    if run.tuned.is_dir():
        tuned = load_arrays(run.tuned / "validation.safetensors")["answers"]
    selection = select(targets, probe=probe.probabilities(probe.validation_features), tuned=tuned)
    if run.folder.model.is_dir():
        return selection
    if selection.in_use == "fine-tuned":
        state = mapped(run.tuned / "weights.safetensors")
    else:
        model = model_to_read(
            run.training, plan=run.plan, device=torch.device("cpu"), place=run.folder.path
        )
        start_head(run.training.head(model), probe)
        state = dict(model.state_dict())
    with made_beside(run.folder.model) as beside:
        run.training.save(state, beside)
        note = _model_note(run, selection)
        (beside / "zeroapp.json").write_bytes(msgspec.json.format(msgspec.json.encode(note)))
    return selection


def _model_note(run: Run, selection: Selection) -> dict[str, object]:
    plan = run.plan
    return {
        "task": plan.task,
        "base": plan.base,
        "labels": plan.labels,
        "max_length": plan.max_length,
        "prefix": plan.prefix,
        "data_version": plan.data_version,
        "run_id": run.folder.id,
        "in_use": selection.in_use,
    }


def _judged(
    run: Run, probe: linear_probe.LinearProbe, *, selection: Selection, seconds: float
) -> Report:
    run.enter("judging", "Checking its work on examples it has never seen")
    return judge(run, probe, selection=selection, seconds=seconds)
