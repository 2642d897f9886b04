"""The dry run counts what a real step holds; everything else follows from that."""

from functools import cache
from pathlib import Path

import pytest
import torch

from support import tiny_model
from support.rows import KINDS, examples
from zeroapp.engine import dry_run
from zeroapp.plan import Method, TrainPlan, ZeroStage
from zeroapp.tasks.text_classification.training import training

LAYERS, HIDDEN = 2, 8


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("base") / "tiny")


def plan_for(base: Path, **fields) -> TrainPlan:
    known = {
        "task": "text_classification",
        "base": str(base),
        "data_version": "v",
        "labels": tuple(sorted(KINDS)),
        "batch_size": 12,
        "max_length": 32,
    }
    return TrainPlan(**known | fields)


@cache
def counted(base: Path, **fields) -> dict[str, int]:
    plan = plan_for(base, **fields)
    task = training(plan, base)
    return dry_run.tensor_bytes(plan, task, task.encode(examples(24)))


def sizes(base: Path) -> tuple[int, int]:
    """Bytes of all parameters, and of those that learn when word vectors are frozen."""
    model = training(plan_for(base), base).build()
    every = list(model.parameters())
    return sum(p.numel() * 4 for p in every), sum(p.numel() * 4 for p in every if p.requires_grad)


def test_a_step_without_contents_holds_as_much_as_a_real_one(base):
    plan = plan_for(base)
    task = training(plan, base)
    rows = task.encode(examples(24))
    batch = dry_run.fullest_step(plan, task, rows)
    with dry_run._pretend_gang(plan) as gang:
        real = dry_run._stepped(plan, task, task.build(), batch=batch, gang=gang)
    _, empty = dry_run._trace(plan, task, batch, depth=0)

    assert empty is not None
    # the real step makes a few numbers (a norm, a loss) that the dry one need not
    assert sum(empty.values()) == pytest.approx(sum(real.values()), rel=0.01)
    assert empty["optimizer"] == pytest.approx(real["optimizer"], rel=0.01)


def test_states_are_those_of_the_zero_paper(base):
    """Section 3: 4 bytes a parameter, 8 of moments and 4 of gradient a trained one."""
    whole, trained = sizes(base)
    found = counted(base, freeze_embeddings=False)
    frozen = counted(base)

    assert found["parameters"] == whole
    assert found["optimizer"] == pytest.approx(2 * whole, rel=0.05)  # and a counter a tensor
    assert frozen["optimizer"] == pytest.approx(2 * trained, rel=0.05)


def test_two_ranks_halve_the_moments(base):
    alone = counted(base)["optimizer"]
    shared = counted(base, ranks=2, zero_stage=ZeroStage.parameters)["optimizer"]

    assert shared == pytest.approx(alone / 2, rel=0.1)  # three labels do not divide by two


def test_recomputing_holds_less(base):
    assert counted(base, recompute=True)["activations"] < counted(base)["activations"]


def test_lora_has_small_moments(base):
    lora = counted(base, method=Method.lora, lora_rank=1)

    assert lora["optimizer"] < counted(base)["optimizer"] / 2


def test_two_depths_foretell_a_deep_model(tmp_path, monkeypatch):
    # five layers in the config alone: a dry run reads no weights
    deep = tiny_model.make(tmp_path / "deep", num_hidden_layers=5)
    plan = plan_for(deep, freeze_embeddings=False)
    task = training(plan, deep)
    rows = task.encode(examples(24))
    whole = dry_run.tensor_bytes(plan, task, rows)
    monkeypatch.setattr(dry_run, "WHOLE_DEPTH", 2)
    monkeypatch.setattr(dry_run, "DEPTHS", (2, 3))
    foretold = dry_run.tensor_bytes(plan, task, rows)

    assert sum(foretold.values()) == pytest.approx(sum(whole.values()), rel=0.01)


def test_torch_is_as_before(base):
    counted(base)
    model = training(plan_for(base), base).build()

    assert isinstance(next(model.parameters()).sum().item(), float)
    assert not torch.distributed.is_initialized()
