"""LoRA and recomputing: the same curve on any ranks, less to hold, a plain model in the end."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.distributed.checkpoint import FileSystemReader

from support.gang import run_gang
from support.rows import examples
from support.stages import plan_for, train_stage
from zeroapp.engine.gang import Gang
from zeroapp.engine.lora import add_lora, merged
from zeroapp.errors import UsageError
from zeroapp.tasks.text_classification.training import training

STAGES = (0, 1, 2, 3)
LORA = {"method": "lora", "micro_tokens": 128}


@pytest.fixture(scope="module")
def alone(base, tmp_path_factory) -> dict:
    return train_stage(Gang(), case_of(base, tmp_path_factory.mktemp("alone")))


@pytest.fixture(scope="module")
def gangs(base, tmp_path_factory) -> list[list[dict]]:
    """Two ranks, every stage; the last two also recompute, and in bf16."""
    folder = tmp_path_factory.mktemp("gang")
    cases = [case_of(base, folder / f"{stage}", stage=stage) for stage in STAGES]
    cases.append(case_of(base, folder / "again", stage=3, recompute=True))
    cases.append(case_of(base, folder / "half", stage=3, precision="bf16"))
    return run_gang(folder, cases)


def case_of(base: Path, folder: Path, **more) -> dict:
    return {"base": str(base), "checkpoints": str(folder / "checkpoints")} | LORA | more


@pytest.mark.parametrize("number", [*STAGES, 4])
def test_every_stage_gives_the_loss_curve_of_one_process(alone, gangs, number):
    seen = gangs[0][number]

    assert len(seen["losses"]) == 8
    assert seen["losses"] == pytest.approx(alone["losses"], abs=2e-5)
    assert seen["weights"] == pytest.approx(alone["weights"], abs=2e-3)


def test_bf16_differs_by_its_rounding_only(alone, gangs):
    losses = gangs[0][5]["losses"]

    assert losses == pytest.approx(alone["losses"], abs=2e-2)  # eight bits in the products
    # a loss told in bf16 would be one of a few numbers (1.0938, 1.1016, ...)
    assert any(float(torch.tensor(x).bfloat16()) != pytest.approx(x, abs=1e-6) for x in losses)


def test_only_small_matrices_and_the_head_have_states(alone):
    # 2 layers x 6 matrices, rank 4: (in + out) * 4 each; the head has 8 * 3 + 3
    small = 2 * 4 * (4 * (8 + 8) + (8 + 16) + (16 + 8)) + 27

    assert alone["trained"] == 4 * small
    assert alone["local"]["optimizer"] == 2 * 4 * small


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_sharded_stages_hold_half_of_the_states(gangs, stage):
    held = [gangs[rank][stage]["local"]["optimizer"] for rank in (0, 1)]

    assert sum(held) == 2 * gangs[0][stage]["trained"]
    assert max(held) <= 0.6 * sum(held)


def test_what_comes_out_is_the_plain_model_and_answers_the_same(base, alone):
    plan = plan_for({"base": str(base)} | LORA)
    task = training(plan, base)
    model, head = made(task, plan)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.5)  # untaught ones are zero and change nothing
    plain = task.build()
    plain.load_state_dict(merged(model.state_dict()))
    batch = task.collate(task.encode(examples(20)))

    assert alone["weights"].keys() == plain.state_dict().keys()
    expected = task.logits(model.eval(), batch)
    assert torch.allclose(task.logits(plain.eval(), batch), expected, atol=1e-5)
    assert head.weight.requires_grad


def made(task, plan):
    torch.manual_seed(1)
    model = task.build()
    head = task.head(model)
    add_lora(model, units=task.shard_units(model), head=head, plan=plan)
    return model, head


def test_a_resumed_run_is_equal_to_the_bit_and_saves_what_learns(base, alone, tmp_path):
    case = case_of(base, tmp_path, stop_after=3)
    stopped = train_stage(Gang(), case)
    saved = FileSystemReader(tmp_path / "checkpoints/step-3").read_metadata().state_dict_metadata
    resumed = train_stage(Gang(), case | {"stop_after": 0})

    assert stopped["stopped"]
    assert resumed["from"] == 3
    assert resumed["bits"] == alone["bits"]
    weights = [name for name in saved if name.startswith("model.")]
    assert len(weights) == 2 * 6 * 2 + 2  # two small matrices beside each, and the head
    assert all("lora_" in name or "classifier" in name for name in weights)


def test_a_base_without_linear_layers_is_told(base):
    plan = plan_for({"base": str(base)} | LORA)
    model = nn.Sequential(nn.Conv1d(2, 2, 1), nn.Linear(2, 2))

    with pytest.raises(UsageError, match="finds no place"):
        add_lora(model, units=[model[0], model[1]], head=model[1], plan=plan)


def test_what_is_added_in_place_is_what_peft_adds_up(base):
    plan = plan_for(case_of(base, base))
    task = training(plan, base)
    batch = task.collate(task.encode(examples(6)))
    model = task.build()
    add_lora(model, units=task.shard_units(model), head=task.head(model), plan=plan)
    layers = [m for m in model.modules() if hasattr(m, "lora_variant")]
    for layer in layers:
        nn.init.normal_(layer.lora_B["zeroapp"].weight, std=0.3)
    seen = []
    for _ in ("in place", "as peft does"):
        model.zero_grad()
        loss, _ = task.loss(model, batch)
        loss.backward()
        seen.append([loss.detach(), *(layer.lora_A["zeroapp"].weight.grad for layer in layers)])
        for layer in layers:
            layer.lora_variant.clear()

    assert layers
    for ours, theirs in zip(*seen, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_small_matrices_learn_in_whole_beside_a_base_in_half(base):
    made = training(plan_for({"base": str(base)} | LORA | {"precision": "bf16"}), base)
    model = made.build().bfloat16()
    add_lora(model, units=made.shard_units(model), head=None, plan=made.plan)

    learning = {n: p.dtype for n, p in model.named_parameters() if p.requires_grad}
    assert learning
    assert set(learning.values()) == {torch.float32}
    assert (
        model.bert.encoder.layer[0].attention.self.query.base_layer.weight.dtype is torch.bfloat16
    )
