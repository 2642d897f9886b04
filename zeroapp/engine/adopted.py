"""Weights that other computers made become this run's own: fitted into the model, answers anew."""

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file

from zeroapp.engine.run_kind import RunKind
from zeroapp.engine.run_parts import Run, other_model
from zeroapp.protocol import Noted
from zeroapp.runs.adopt import NOTE, WEIGHTS
from zeroapp.runs.recipe import Kept
from zeroapp.writing import made_beside


def settle(run: Run, kind: RunKind) -> None:
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
    kind.fit_adopted()
    weights = run.folder.path / "adopted" / WEIGHTS
    if not weights.is_file() or run.tuned.is_dir():
        return
    run.enter("loading", "Looking at what was trained elsewhere")
    model = run.training.build()
    try:
        state = load_file(weights)
    except SafetensorError as error:
        raise other_model(str(error)) from error
    _fit(model, state)
    arrays = kind.read_validation(model)
    with made_beside(run.tuned) as beside:
        save_file(state, beside / "weights.safetensors")
        save_arrays(dict(arrays), beside / "validation.safetensors")


def _fit(model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    wanted = model.state_dict()
    if {n: (t.shape, t.dtype) for n, t in state.items()} != {
        n: (t.shape, t.dtype) for n, t in wanted.items()
    }:
        other = sorted(state.keys() ^ wanted.keys())[:5]
        raise other_model(f"names, shapes or types differ: {', '.join(other)}")
    if not all(bool(torch.isfinite(t).all()) for t in state.values() if t.is_floating_point()):
        raise other_model("some weights are not numbers")
    model.load_state_dict(state)
