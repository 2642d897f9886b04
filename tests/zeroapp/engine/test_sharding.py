"""Two real ranks on loopback: every stage shards what it says and trains the same."""

from pathlib import Path

import pytest

from support.gang import run_gang
from support.stages import train_stage
from zeroapp.engine.gang import Gang

STAGES = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def alone(base, tmp_path_factory) -> dict:
    """The same training on one rank, unsharded: what all others are held against."""
    return train_stage(Gang(), _case(base, tmp_path_factory.mktemp("alone"), stage=0))


@pytest.fixture(scope="module")
def gangs(base, tmp_path_factory) -> list[list[dict]]:
    """Two ranks, all stages, several micro-steps a step (128 tokens at a time); then weighed."""
    folder = tmp_path_factory.mktemp("gang")
    cases = [_case(base, folder / f"stage-{stage}", stage=stage) for stage in STAGES]
    cases += [_weighed(base, folder / f"weighed-{stage}", stage=stage) for stage in (0, 3)]
    return run_gang(folder, cases)


def _case(base: Path, folder: Path, *, stage: int) -> dict:
    return {
        "base": str(base),
        "stage": stage,
        "micro_tokens": 128,
        "checkpoints": str(folder / "checkpoints"),
    }


def _weighed(base: Path, folder: Path, *, stage: int) -> dict:
    """Rows of one kind count several times as much as those of another."""
    return _case(base, folder, stage=stage) | {"label_counts": (4, 50, 96)}


def test_weights_of_labels_train_the_same_whole_and_sharded(base, alone, gangs, tmp_path):
    weighed = train_stage(Gang(), _weighed(base, tmp_path, stage=0))["losses"]

    for case in gangs[0][len(STAGES) :]:
        assert case["losses"] == pytest.approx(weighed, abs=2e-5)
    assert max(abs(a - b) for a, b in zip(weighed, alone["losses"], strict=True)) > 0.01


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_gives_the_loss_curve_of_one_process(alone, gangs, stage):
    losses = gangs[0][stage]["losses"]

    assert len(losses) == 8  # 150 rows in steps of 48, two passes
    # fp32 sums in another order: a few units in the sixth place after eight Adam steps
    assert losses == pytest.approx(alone["losses"], abs=2e-5)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_ends_with_the_weights_of_one_process(alone, gangs, stage):
    weights = gangs[0][stage]["weights"]

    assert weights.keys() == alone["weights"].keys()
    assert weights == pytest.approx(alone["weights"], abs=2e-3)


def test_stage_0_shards_nothing(gangs):
    for rank in (0, 1):
        seen = gangs[rank][0]

        assert not any(seen["distributed"])
        assert seen["local"]["parameters"] == seen["whole"]
        assert seen["local"]["optimizer"] == 2 * seen["trained"]


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_sharded_stages_hold_dtensors_and_half_of_the_states(gangs, stage):
    """ZeRO paper, section 5: with two ranks each holds half of what its stage shards."""
    halves = [gangs[rank][stage] for rank in (0, 1)]

    for seen in halves:
        assert all(seen["distributed"])
    for what, whole in (
        ("parameters", halves[0]["whole"]),
        ("optimizer", 2 * halves[0]["trained"]),
    ):
        held = [seen["local"][what] for seen in halves]
        assert sum(held) == pytest.approx(whole, rel=0.02)
        assert max(held) <= 0.6 * whole  # three labels do not divide by two: the head is uneven


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_gradients_are_halved_when_the_optimizer_steps(gangs, stage):
    seen = gangs[0][stage]

    assert 0 < seen["gradients"]["bytes"] <= 0.6 * seen["trained"]


def test_a_run_goes_on_with_other_ranks_stage_and_offload(base, alone, tmp_path):
    """Two ranks at stage 3, one with its states in files, four at stage 2: one curve."""
    case = _case(base, tmp_path, stage=3) | {"stop_after": 3}
    two = run_gang(tmp_path, [case])[0][0]
    one = train_stage(Gang(), case | {"stop_after": 2, "stage": 0, "offload": "disk"})
    four = run_gang(tmp_path, [case | {"stop_after": 0, "stage": 2}], ranks=4)[0][0]

    assert two["stopped"]
    assert one["stopped"]
    assert (one["from"], four["from"]) == (3, 5)
    losses = two["losses"] + one["losses"] + four["losses"]
    assert losses == pytest.approx(alone["losses"], abs=2e-5)
