"""Several micro-batches a step: what is sent at each stage, stops within, tied weights, NaN."""

from pathlib import Path

import pytest
import torch

from support.gang import run_gang
from support.stages import plan_for, train_stage
from support.tied import train_tied
from zeroapp.engine.batches import share
from zeroapp.engine.gang import Gang
from zeroapp.engine.recompute import add_recompute
from zeroapp.tasks.text_classification.training import training

BATCH = 75
"""Two steps of the 150 rows, each in several micro-batches of the smallest size."""

GROUPS = 4
"""Embeddings, two layers and the head; nothing is left for the model itself."""


@pytest.fixture(scope="module")
def gangs(base, tmp_path_factory) -> list[list[dict]]:
    """Two ranks: stages 1 to 3 in micro-batches; recomputed; poisoned at 0 and 3; tied, twice."""
    folder = tmp_path_factory.mktemp("gang")
    cases = [case_of(base, folder / f"{stage}", stage=stage) for stage in (1, 2, 3)]
    cases.append(case_of(base, folder / "again", stage=3, recompute=True))
    cases += [case_of(base, folder / f"nan-{s}", stage=s, poisoned=1) for s in (0, 3)]
    cases += [{"tied": 3}, {"tied": 3, "loose": True}]
    return run_gang(folder, cases)


def case_of(base: Path, folder: Path, **more) -> dict:
    common = {"micro_tokens": 128, "freeze_embeddings": False, "epochs": 1, "batch_size": BATCH}
    return {"base": str(base), "checkpoints": str(folder / "checkpoints")} | common | more


def micro_steps(base: Path) -> int:
    """Of the whole training on two ranks, counted from the shares themselves."""
    from support.rows import examples
    from zeroapp.engine.batches import Order

    plan = plan_for({"base": str(base), "batch_size": BATCH})
    task = training(plan, base)
    rows = task.encode(examples(150))
    order = Order(batch_size=plan.batch_size, seed=plan.seed, packing=True)
    steps = order.steps(rows, epoch=0)
    return sum(len(share(s, ranks=2, micro_tokens=128, packing=True)[0]) for s in steps)


def test_stages_1_and_2_gather_once_a_step_and_stage_1_reduces_once(base, gangs):
    steps, micro = 2, micro_steps(base)
    sent = [gangs[0][n]["gradients"] for n in range(3)]

    assert micro > 2 * steps  # or there is nothing to save
    gathered = [seen["all_gather_single"] for seen in sent]
    reduced = [seen["reduce_scatter_single"] for seen in sent]
    assert gathered[:2] == [GROUPS * steps] * 2
    assert reduced == [GROUPS * steps, GROUPS * micro, GROUPS * micro]
    # stage 3 gathers for every forward and again for every backward
    assert gathered[2] == 2 * GROUPS * micro


def test_recomputing_sends_no_more_and_trains_the_same(gangs):
    plain, again = gangs[0][2], gangs[0][3]

    assert again["losses"] == pytest.approx(plain["losses"], abs=1e-6)
    assert again["gradients"]["all_gather_single"] == (plain["gradients"]["all_gather_single"])


def test_recomputing_keeps_less_for_backward(base):
    held = []
    for again in (False, True):
        plan = plan_for({"base": str(base), "recompute": again})
        task = training(plan, base)
        model = task.build()
        add_recompute(task.shard_units(model), head=task.head(model), plan=plan)
        held.append(kept(task, model))

    assert held[1] < 0.5 * held[0]


def kept(task, model) -> int:
    """Bytes that wait for backward."""
    from support.rows import examples

    found = {}

    def pack(tensor):
        found[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss, _ = task.loss(model, task.collate(task.encode(examples(40))))
    return sum(size for place, size in found.items() if place not in own) * bool(loss)


@pytest.mark.parametrize("number", [4, 5])
def test_a_nan_on_one_rank_ends_the_training_of_both_at_the_same_step(gangs, number):
    for rank in (0, 1):
        assert gangs[rank][number]["gradients"]["diverged"]
    assert gangs[0][number]["losses"] == []


@pytest.fixture(scope="module", params=[0, 1, 2, 3])
def broken(request, base, tmp_path_factory) -> list[list[dict]]:
    """Two ranks at each stage: unbroken; paused within the second step; stopped there; gone on."""
    folder = tmp_path_factory.mktemp("broken")
    whole, paused, stopped = (
        case_of(base, folder / name, stage=request.param) for name in ("whole", "paused", "stopped")
    )
    cases = [whole, paused | {"pause_within": 1}, stopped | {"stop_within": 1}, stopped]
    return run_gang(folder, cases)


def test_a_stop_within_a_step_leaves_the_last_whole_one(broken):
    for whole, _, stopped, resumed in broken:
        assert stopped["stopped"]
        assert resumed["from"] == 1
        assert resumed["bits"] == whole["bits"]
    whole, _, stopped, resumed = broken[0]
    assert len(stopped["losses"]) == 1  # the step that was begun is not counted
    assert stopped["losses"] + resumed["losses"] == whole["losses"]


def test_a_pause_within_a_step_changes_nothing(broken):
    whole, paused, _, _ = broken[0]
    assert paused["gradients"]["paused"] == 1
    assert paused["losses"] == whole["losses"]
    assert paused["bits"] == whole["bits"]


@pytest.mark.parametrize("offload", ["none", "disk"])
def test_alone_it_stops_within_a_step_too(base, tmp_path, offload):
    whole = train_stage(Gang(), case_of(base, tmp_path / "whole", offload=offload))
    asked = case_of(base, tmp_path / "stopped", offload=offload)
    stopped = train_stage(Gang(), asked | {"stop_within": 1})
    resumed = train_stage(Gang(), asked)

    assert stopped["stopped"]
    assert len(stopped["losses"]) == resumed["from"] == 1
    assert stopped["losses"] + resumed["losses"] == whole["losses"]
    assert resumed["bits"] == whole["bits"]


@pytest.mark.parametrize("number", [6, 7])
def test_tied_weights_stay_one_parameter_and_train_the_same(gangs, number):
    alone = train_tied(Gang(), {"tied": 0})
    seen = gangs[0][number]

    assert alone["one"]
    assert seen["one"]
    assert seen["distributed"]
    assert seen["losses"] == pytest.approx(alone["losses"], abs=1e-5)
    held = sum(gangs[rank][number]["local"] for rank in (0, 1))
    assert held == pytest.approx(alone["local"], rel=0.02)
