"""A run whose task answers with labels: the quick model first, then the better of the two."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file as load_arrays
from torch import nn

from zeroapp import tasks
from zeroapp.dataset import Example, Part, Reads
from zeroapp.engine import linear_probe
from zeroapp.engine.inference import Predictor
from zeroapp.engine.linear_probe import LinearProbe, targets_of
from zeroapp.engine.loading import mapped, model_to_read
from zeroapp.engine.model_folder import write_model
from zeroapp.engine.quick_model import quick_model, start_head
from zeroapp.engine.reading import Floats, ReadProgress, read_features, read_probabilities
from zeroapp.engine.run_kind import Arrays, Standing
from zeroapp.engine.run_parts import Run, other_model, say_scored
from zeroapp.protocol import TriedRow
from zeroapp.quality.select import select
from zeroapp.quality.verdict import Judgement, build_report
from zeroapp.report import AnyReport, Report, Selection
from zeroapp.task import label_index
from zeroapp.work import Silent

Indices = NDArray[np.int64]


class LabelRun:
    """See RunKind. probe: the quick model, once it was made."""

    # how many are right goes up and down by chance from pass to pass, and passes are short
    patience = 0

    def __init__(self, run: Run, *, probe: LinearProbe | None = None) -> None:
        self._run = run
        self._training = run.label_training
        self._probe = probe

    @property
    def probe(self) -> LinearProbe:
        """The quick model; of a run that goes on or is over, the one in its folder."""
        if self._probe is None:
            self._probe = linear_probe.load(self._run.folder.probe)
        return self._probe

    def begin(self) -> None:
        """Make the quick model, or find it."""
        self._probe = quick_model(self._run)

    def start(self, model: nn.Module) -> None:
        """LP-FT: the head starts as the quick model."""
        start_head(self._training.head(model), self.probe)

    def read_validation(self, model: nn.Module) -> Arrays:
        """answers: probabilities (rows, labels)."""
        run = self._run
        # not to be stopped half-way: ranks meet in every batch, and the next step heeds the stop
        progress = ReadProgress(total=len(run.validation), work=Silent())
        rows = run.validation
        answers = read_probabilities(self._training, model, rows, plan=run.plan, progress=progress)
        return {"answers": answers}

    def standing(self, arrays: Arrays, *, step: int) -> Standing:
        """Right answers, and log loss."""
        right, loss = say_scored(self._run, "fine-tuned", step, arrays["answers"])
        return Standing(right=right, loss=loss)

    def finish(self) -> None:
        """Write the better of the quick model and the fine-tuned one."""
        run = self._run
        run.enter("saving", "Choosing and saving the better model")
        if run.folder.model.is_dir():
            return
        selection = self._selection()
        if selection.in_use == "fine-tuned":
            state = mapped(run.tuned / "weights.safetensors")
        else:
            model = model_to_read(
                run.training, plan=run.plan, device=torch.device("cpu"), place=run.folder.path
            )
            start_head(self._training.head(model), self.probe)
            state = dict(model.state_dict())
        write_model(run, state, in_use=selection.in_use)

    def _selection(self) -> Selection:
        run, probe, tuned = self._run, self.probe, None
        if run.tuned.is_dir():
            tuned = load_arrays(run.tuned / "validation.safetensors")["answers"]
        quick = probe.probabilities(probe.validation_features)
        return select(targets_of(run.validation), probe=quick, tuned=tuned)

    def judge(self, *, seconds: float, before: AnyReport | None = None) -> AnyReport:
        """Against simpler rivals on the same test rows."""
        self._run.enter("judging", "Checking its work on examples it has never seen")
        selection = before.selection if isinstance(before, Report) else self._selection()
        return _judged(self._run, self.probe, selection=selection, seconds=seconds)

    def fit_adopted(self) -> None:
        """The probe came from there too: its shapes must be those of this project's rows."""
        run = self._run
        try:
            probe = self.probe
        except (SafetensorError, KeyError, ValueError) as error:
            raise other_model(f"probe: {error!r}") from error
        labels, width = len(run.plan.labels), probe.weight.shape[-1]
        wanted = {
            "weight": (labels, width),
            "bias": (labels,),
            "train_features": (len(run.train), width),
            "validation_features": (len(run.validation), width),
        }
        for name, shape in wanted.items():
            values = getattr(probe, name)
            if values.shape != shape or not np.isfinite(values).all():
                raise other_model(f"probe: {name} has another shape, or is not numbers")

    def answered(self, model: nn.Module, *, rows: int) -> tuple[TriedRow, ...]:
        """The likeliest label of each."""
        run, labels = self._run, self._run.plan.labels
        asked = run.validation[:rows]
        progress = ReadProgress(total=len(asked), work=Silent())
        said = read_probabilities(self._training, model, asked, plan=run.plan, progress=progress)
        return tuple(
            TriedRow(text=row.text, truth=row.label or "", before=labels[int(best)], after="")
            for row, best in zip(run.parts[Part.validation], said.argmax(axis=1), strict=False)
        )


def _judged(run: Run, probe: LinearProbe, *, selection: Selection, seconds: float) -> Report:
    began = time.monotonic()
    plan, rows = run.plan, run.parts[Part.test]
    task = tasks.get(plan.task)
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
            rows=[replace(row, text=Path(row.text).name) if row.name else row for row in rows],
            noun=task.reads.several if task.reads is Reads.picture else "messages",
            truth=np.array([index[row.label or ""] for row in rows], dtype=np.int64),
            ours=ours,
            rivals=rivals,
            selection=selection,
            train_rows=len(run.parts[Part.train]),
            validation_rows=len(run.parts[Part.validation]),
            seconds=seconds + time.monotonic() - began,
        )
    )


def _rivals(run: Run, probe: LinearProbe) -> dict[str, Indices]:
    """Answers of the probe, of the untrained base, and of always saying the commonest label."""
    plan, rows = run.plan, run.parts[Part.test]
    names = _names(run)
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


def _names(run: Run) -> list[Example]:
    """What an untrained base goes by: the names of the labels, or one picture of each."""
    labels = run.plan.labels
    if tasks.get(run.plan.task).reads is Reads.text:
        return [Example(row_id=-1, text=label) for label in labels]
    first = {row.label: row for row in reversed(run.parts[Part.train])}
    known = next(iter(first.values()))  # every label has a row in training
    return [first.get(label, known) for label in labels]


def _features(run: Run, model: nn.Module, examples: Sequence[Example]) -> Floats:
    encoded = run.training.encode(examples)
    progress = ReadProgress(total=len(encoded), work=run.work)
    return read_features(run.label_training, model, encoded, plan=run.plan, progress=progress)


def nearest(features: Floats, of_names: Floats) -> Indices:
    """What the base answers untaught: the label whose name, or one picture, is nearest (cosine)."""
    closest: Indices = (_unit(features) @ _unit(of_names).T).argmax(axis=1)
    return closest


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, np.float32(1e-9))
    return unit
