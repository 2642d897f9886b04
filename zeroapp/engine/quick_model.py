"""The first phase of a run: a linear probe on the frozen base, seconds instead of minutes."""

import time
from collections.abc import Sequence

import torch
from torch import nn

from zeroapp.engine import linear_probe
from zeroapp.engine.reading import Floats, read_features, torch_precision
from zeroapp.engine.run_parts import Run, say_scored
from zeroapp.task import Encoded


def quick_model(run: Run) -> linear_probe.LinearProbe:
    """The probe: made by the first rank unless an earlier attempt has; the others wait for it."""
    if run.gang.first and not run.folder.probe.is_dir():
        run.enter("probe", "A first quick result")
        _fitted(run).save(run.folder.probe)
    while not run.folder.probe.is_dir():
        time.sleep(0.1)  # a lost first rank ends us through the supervisor
    probe = linear_probe.load(run.folder.probe)
    say_scored(run, "probe", 0, probe.probabilities(probe.validation_features))
    return probe


def _fitted(run: Run) -> linear_probe.LinearProbe:
    model = run.training.build().to(run.gang.torch_device)
    train, validation = (_features(run, model, rows) for rows in (run.train, run.validation))
    return linear_probe.fit(
        train,
        linear_probe.targets_of(run.train),
        labels=len(run.plan.labels),
        validation=(validation, linear_probe.targets_of(run.validation)),
    )


def _features(run: Run, model: nn.Module, rows: Sequence[Encoded]) -> Floats:
    precision = torch_precision(run.plan.precision)
    return read_features(run.training, model, rows, precision=precision, work=run.work)


def start_head(head: nn.Module, probe: linear_probe.LinearProbe) -> None:
    """Let a model's last linear layer answer as the probe does."""
    assert isinstance(head, nn.Linear)
    weight, bias = linear_probe.head_tensors(probe)
    with torch.no_grad():
        head.weight.copy_(weight)
        head.bias.copy_(bias)
