"""Judges a finished model on its test rows, against simpler rivals on the same rows."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import nn

from zeroapp.dataset import Example, Part
from zeroapp.engine import linear_probe
from zeroapp.engine.device import use_threads
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.inference import Predictor
from zeroapp.engine.loading import model_to_read
from zeroapp.engine.reading import Floats, ReadProgress, read_features
from zeroapp.engine.run_parts import Run
from zeroapp.errors import UsageError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.protocol import Evaluate, PhaseEntered, Train, decode_job
from zeroapp.quality.verdict import Judgement, build_report
from zeroapp.report import Report, Selection
from zeroapp.run_folder import RunFolder
from zeroapp.task import label_index
from zeroapp.work import Work
from zeroapp.writing import write_whole

Indices = NDArray[np.int64]


def judge(
    run: Run, probe: linear_probe.LinearProbe, *, selection: Selection, seconds: float
) -> Report:
    """The report on the test rows; `seconds` is what the run took before."""
    began = time.monotonic()
    plan, rows = run.plan, run.parts[Part.test]
    index = label_index(plan)
    ours = Predictor(run.folder.model).predict([row.text for row in rows], run.work)
    rivals = _rivals(run, probe)
    return build_report(
        Judgement(
            run_id=run.folder.id,
            task=plan.task,
            base=plan.base,
            data_version=plan.data_version,
            labels=plan.labels,
            rows=rows,
            truth=np.array([index[row.label or ""] for row in rows], dtype=np.int64),
            ours=ours,
            rivals=rivals,
            selection=selection,
            train_rows=len(run.parts[Part.train]),
            validation_rows=len(run.parts[Part.validation]),
            seconds=seconds + time.monotonic() - began,
        )
    )


def _rivals(run: Run, probe: linear_probe.LinearProbe) -> dict[str, Indices]:
    """Answers of the probe, of the untrained base, and of always saying the commonest label."""
    plan, rows = run.plan, run.parts[Part.test]
    names = [Example(row_id=-1, text=label) for label in plan.labels]
    model = model_to_read(
        run.training, plan=plan, device=run.gang.torch_device, place=run.folder.path
    )
    features, of_names = (_features(run, model, texts) for texts in (rows, names))
    commonest, _ = Counter(row.label for row in run.parts[Part.train]).most_common(1)[0]
    return {
        "untrained": nearest(features, of_names),
        "majority": np.full(len(rows), label_index(plan)[commonest or ""], dtype=np.int64),
        "probe": probe.probabilities(features).argmax(axis=1),
    }


def _features(run: Run, model: nn.Module, examples: Sequence[Example]) -> Floats:
    encoded = run.training.encode(examples)
    progress = ReadProgress(total=len(encoded), work=run.work)
    return read_features(run.training, model, encoded, plan=run.plan, progress=progress)


def nearest(features: Floats, of_names: Floats) -> Indices:
    """What the base answers without any example: the label whose name lies nearest (cosine)."""
    closest: Indices = (_unit(features) @ _unit(of_names).T).argmax(axis=1)
    return closest


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, np.float32(1e-9))
    return unit


def evaluate(job: Evaluate, work: Work) -> Report:
    """Judge a finished run again, on the very test rows it was made with.

    Raises UsageError("no-model") when the run has none.
    """
    work.say(PhaseEntered(phase="judging", title="Checking its work on examples it has never seen"))
    with Project.open(Path(job.project)) as project:
        folder = project.run(job.run_id)
        plan = train_plan(folder)
        parts = project.parts(version=plan.data_version, seed=plan.seed)
    before = msgspec.json.decode(folder.report.read_bytes(), type=Report)
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
    probe = linear_probe.load(folder.probe)
    report = judge(run, probe, selection=before.selection, seconds=before.seconds)
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
