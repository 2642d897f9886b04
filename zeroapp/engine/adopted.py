"""Weights that other computers made become this run's own: fitted into the model, answers anew."""

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file

from zeroapp.engine import linear_probe
from zeroapp.engine.reading import ReadProgress, read_probabilities
from zeroapp.engine.run_parts import Run
from zeroapp.errors import DataError
from zeroapp.protocol import Noted
from zeroapp.runs.adopt import NOTE, WEIGHTS
from zeroapp.runs.recipe import Kept
from zeroapp.work import Silent
from zeroapp.writing import made_beside


def settle(run: Run) -> None:
    """Leave tuned/ as if it was trained here; nothing where the run is not an adopted one.

    Raises DataError("result-other-model") when the tensors are not those of the plan's base, or
    are not numbers.
    """
    note = run.folder.path / NOTE
    if not run.gang.first or not note.is_file():
        return
    kept = msgspec.json.decode(note.read_bytes(), type=Kept)
    run.work.say(
        Noted(
            level="info",
            code="adopted",
            text=f"Trained elsewhere, on {kept.nodes} machine(s) with {kept.ranks_per_node} "
            f"process(es) each (ZeRO stage {int(kept.plan.zero_stage)}); judged here.",
        )
    )
    _fit_probe(run)
    weights = run.folder.path / "adopted" / WEIGHTS
    if not weights.is_file() or run.tuned.is_dir():
        return
    run.enter("loading", "Looking at what was trained elsewhere")
    model = run.training.build()
    try:
        state = load_file(weights)
    except SafetensorError as error:
        raise _other_model(str(error)) from error
    _fit(model, state)
    progress = ReadProgress(total=len(run.validation), work=Silent())
    answers = read_probabilities(
        run.training, model, run.validation, plan=run.plan, progress=progress
    )
    with made_beside(run.tuned) as beside:
        save_file(state, beside / "weights.safetensors")
        save_arrays({"answers": answers}, beside / "validation.safetensors")


def _fit_probe(run: Run) -> None:
    """The probe came from there too: its shapes must be those of this project's rows and kinds."""
    try:
        probe = linear_probe.load(run.folder.probe)
    except (SafetensorError, KeyError, ValueError) as error:
        raise _other_model(f"probe: {error!r}") from error
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
            raise _other_model(f"probe: {name} has another shape, or is not numbers")


def _fit(model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    wanted = model.state_dict()
    if {n: (t.shape, t.dtype) for n, t in state.items()} != {
        n: (t.shape, t.dtype) for n, t in wanted.items()
    }:
        other = sorted(state.keys() ^ wanted.keys())[:5]
        raise _other_model(f"names, shapes or types differ: {', '.join(other)}")
    if not all(bool(torch.isfinite(t).all()) for t in state.values() if t.is_floating_point()):
        raise _other_model("some weights are not numbers")
    model.load_state_dict(state)


def _other_model(detail: str) -> DataError:
    return DataError(
        "result-other-model",
        title="What was trained elsewhere does not fit this project's model. Your project is as "
        "it was.",
        hint="Train the recipe again with the program that is in it, or write a new one.",
        detail=detail,
    )
