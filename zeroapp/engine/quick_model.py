"""The first phase of a run: a linear probe on the frozen base, seconds instead of minutes."""

import shutil
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from safetensors.numpy import load_file, save
from torch import nn

from zeroapp.engine import linear_probe
from zeroapp.engine.loading import model_to_read
from zeroapp.engine.reading import Floats, ReadProgress, read_features
from zeroapp.engine.run_parts import Run, say_scored
from zeroapp.plan import label_weights
from zeroapp.task import Encoded
from zeroapp.writing import write_whole

SLICE_TOKENS = 60_000
"""Tokens between saves while reading: 10 to 60 seconds on two cores."""


def quick_model(run: Run) -> linear_probe.LinearProbe:
    """The probe: made by the first rank unless an earlier attempt has; the others wait for it."""
    if run.gang.first and not run.folder.probe.is_dir():
        run.enter("probe", "A first quick result")
        _fitted(run).save(run.folder.probe)
        shutil.rmtree(run.reading, ignore_errors=True)
    while not run.folder.probe.is_dir():
        time.sleep(0.1)  # a lost first rank ends us through the supervisor
    probe = linear_probe.load(run.folder.probe)
    say_scored(run, "probe", 0, probe.probabilities(probe.validation_features))
    return probe


def _fitted(run: Run) -> linear_probe.LinearProbe:
    model = model_to_read(
        run.training, plan=run.plan, device=run.gang.torch_device, place=run.folder.path
    )
    progress = ReadProgress(total=len(run.train) + len(run.validation), work=run.work)
    train, validation = (
        _features(run, model, rows, progress=progress) for rows in (run.train, run.validation)
    )
    return linear_probe.fit(
        train,
        linear_probe.targets_of(run.train),
        weights=np.array(label_weights(run.plan), np.float32),
        validation=(validation, linear_probe.targets_of(run.validation)),
    )


def _features(
    run: Run, model: nn.Module, rows: Sequence[Encoded], *, progress: ReadProgress
) -> Floats:
    """Features of all rows, slice by slice; each slice is kept, so that a kill costs only one."""
    parts = []
    for part in _slices(rows):
        kept = run.reading / f"{part[0].row_id}.safetensors"
        if kept.is_file():
            progress.add(len(part))
        else:
            half = run.label_training
            features = read_features(half, model, part, plan=run.plan, progress=progress)
            kept.parent.mkdir(exist_ok=True)
            write_whole(kept, save({"features": features}))
        parts.append(load_file(kept)["features"])
    return np.concatenate(parts)


def _slices(rows: Sequence[Encoded]) -> Iterator[Sequence[Encoded]]:
    """Runs of rows with about SLICE_TOKENS tokens each."""
    start = used = 0
    for index, row in enumerate(rows):
        used += len(row.ids)
        if used >= SLICE_TOKENS or index == len(rows) - 1:
            yield rows[start : index + 1]
            start, used = index + 1, 0


def start_head(head: nn.Module, probe: linear_probe.LinearProbe) -> None:
    """Let a model's last linear layer answer as the probe does."""
    assert isinstance(head, nn.Linear)
    weight, bias = linear_probe.head_tensors(probe)
    with torch.no_grad():
        head.weight.copy_(weight)
        head.bias.copy_(bias)
