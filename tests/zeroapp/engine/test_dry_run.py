"""The dry run counts what a real step holds; everything else follows from that."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from support import tiny_model, tiny_writer
from support.rows import KINDS, examples
from zeroapp.dataset import Example
from zeroapp.engine import dry_run
from zeroapp.engine.batches import Order
from zeroapp.engine.lora import add_lora
from zeroapp.plan import Method, Precision, TrainPlan, ZeroStage
from zeroapp.tasks.text_classification.training import training
from zeroapp.tasks.text_generation.training import training as writing

LAYERS, HIDDEN = 2, 8


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
    batch = dry_run.fullest_steps(plan, task, rows)[0]
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


def test_no_step_holds_more_than_foretold(base):
    """Also not one whose first piece is not the largest: gradients lie beside the second."""
    plan = plan_for(base, batch_size=2, micro_tokens=32, freeze_embeddings=False)
    task = training(plan, base)
    lengths = [32, 28, 28, 28, 2, 2, 2, 2]
    rows = [
        replace(row, ids=row.ids[:1] * length)
        for row, length in zip(task.encode(examples(8)), lengths, strict=True)
    ]
    steps = Order(batch_size=2, seed=plan.seed, packing=task.packs).steps(rows, epoch=0)
    pairs = [sorted(len(row.ids) for row in step) for step in steps]
    foretold = sum(dry_run.tensor_bytes(plan, task, rows).values())
    longest = sum(dry_run._of_step(plan, task, steps[pairs.index([2, 32])]).values())

    assert [28, 28] in pairs  # or the test would show nothing
    for step in steps:
        assert sum(dry_run._of_step(plan, task, step).values()) <= foretold
    assert longest < foretold


def test_torch_is_as_before(base):
    counted(base)
    model = training(plan_for(base), base).build()

    assert isinstance(next(model.parameters()).sum().item(), float)
    assert not torch.distributed.is_initialized()


def test_a_base_in_half_is_counted_whole_where_it_is_sharded(tmp_path):
    folder = tiny_writer.make(tmp_path / "writer")
    weights = sum(tensor.size for tensor in tiny_writer.tensors().values())
    wished = {"task": "text_generation", "method": Method.lora, "precision": Precision.bf16}
    rows = [Example(row_id=n, text=f"Say {n}.", label=f"{n} and more.") for n in range(24)]

    def parameters(**more) -> int:
        plan = plan_for(folder, labels=(), **wished, **more)
        task = writing(plan, folder)
        return dry_run.tensor_bytes(plan, task, task.encode(rows))["parameters"]

    small = 4 * sum(p.numel() for p in lora_of(folder))
    assert parameters() == 2 * weights + small
    assert parameters(ranks=2, zero_stage=ZeroStage.parameters) >= (4 * weights + small) / 2


def lora_of(folder: Path) -> list[torch.nn.Parameter]:
    """The small matrices beside the base."""
    plan = plan_for(folder, labels=(), task="text_generation", method=Method.lora)
    task = writing(plan, folder)
    model = task.build()
    add_lora(model, units=task.shard_units(model), head=None, plan=plan)
    return [p for p in model.parameters() if p.requires_grad]
