"""Writes model/ of a run: what the task saves, and the app's note beside it."""

from collections.abc import Mapping

import msgspec
from torch import Tensor

from zeroapp.engine.run_parts import Run
from zeroapp.writing import made_beside


def write_model(run: Run, state: Mapping[str, Tensor], *, in_use: str) -> None:
    """Whole or not there. in_use: which of the run's models this is."""
    plan = run.plan
    note = {
        "task": plan.task,
        "base": plan.base,
        "labels": plan.labels,
        "max_length": plan.max_length,
        "prefix": plan.prefix,
        "masked": plan.masked,
        "data_version": plan.data_version,
        "run_id": run.folder.id,
        "in_use": in_use,
    }
    with made_beside(run.folder.model) as beside:
        run.training.save(state, beside)
        (beside / "zeroapp.json").write_bytes(msgspec.json.format(msgspec.json.encode(note)))
