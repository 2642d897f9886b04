"""Every rung needs less and teaches the same; what teaches otherwise is asked for."""

import pytest
from msgspec.structs import replace

from zeroapp import catalogue
from zeroapp.ladder import ASK_LORA, ASK_SMALLER, next_down, nothing_left, smaller_base
from zeroapp.plan import Device, Method, Offload, TrainPlan, ZeroStage

PLAN = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"))

HOW_IT_IS_HELD = {"micro_tokens", "recompute", "zero_stage", "ranks", "offload"}
"""The fields that decide what a run takes and not what it learns (see TrainPlan)."""


def rungs(plan: TrainPlan) -> list[TrainPlan]:
    made = []
    while (rung := next_down(plan)) is not None:
        plan = rung.plan
        made.append(plan)
        assert len(made) < 20
    return made


def changed(before: TrainPlan, after: TrainPlan) -> set[str]:
    return {n for n in TrainPlan.__struct_fields__ if getattr(before, n) != getattr(after, n)}


@pytest.mark.parametrize("device", list(Device))
@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("method", list(Method))
def test_no_rung_changes_what_is_learned(device, ranks, method):
    plan = replace(PLAN, device=device, ranks=ranks, method=method)
    for rung in rungs(plan):
        assert changed(plan, rung) <= HOW_IT_IS_HELD


def test_one_process_on_a_processor_reads_less_then_recomputes_then_uses_files():
    steps = rungs(PLAN)
    assert [s.micro_tokens for s in steps] == [1024, 256, 256, 256]
    assert [s.recompute for s in steps] == [False, False, True, True]
    assert [s.offload for s in steps] == [Offload.none] * 3 + [Offload.disk]


def test_several_ranks_share_the_whole_model_before_one_uses_files():
    steps = rungs(replace(PLAN, ranks=4, micro_tokens=256, recompute=True))
    assert [(s.ranks, s.zero_stage) for s in steps] == [
        (4, ZeroStage.parameters),
        (1, ZeroStage.none),
    ]
    assert steps[-1].offload is Offload.disk


def test_a_graphics_card_offloads_to_main_memory():
    steps = rungs(replace(PLAN, device=Device.cuda, micro_tokens=256))
    assert [s.offload for s in steps] == [Offload.none, Offload.optimizer, Offload.cpu]


def test_several_graphics_cards_share_out_what_they_offload():
    steps = rungs(replace(PLAN, device=Device.cuda, ranks=2, micro_tokens=256))
    assert Offload.optimizer not in [s.offload for s in steps]
    assert steps[-1].offload is Offload.cpu


def test_every_rung_says_what_it_does_in_one_sentence():
    plan = replace(PLAN, ranks=2)
    while (rung := next_down(plan)) is not None:
        assert rung.did.endswith(".")
        assert rung.did.count(". ") == 0
        plan = rung.plan


def test_at_the_foot_lora_is_offered_and_after_it_a_smaller_base():
    full = nothing_left(PLAN)
    assert full.code == ASK_LORA
    assert "--set method=lora" in full.hint
    large = nothing_left(replace(PLAN, method=Method.lora, base="someone/large"))
    assert large.code == ASK_SMALLER
    assert f"--base {smaller_base('someone/large')}" in large.hint


def test_the_smallest_starter_has_none_below_it():
    smallest = min(catalogue.starters(), key=lambda base: base.parameters)
    assert smaller_base(smallest.key) is None
    left = nothing_left(replace(PLAN, method=Method.lora, base=smallest.key))
    assert "--base" not in left.hint
