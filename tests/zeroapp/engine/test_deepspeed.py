"""DeepSpeed's ZeRO behind the same plan, where it is installed: two real ranks on loopback."""

from pathlib import Path

import pytest

from support import tiny_writer
from support.gang import run_gang
from support.stages import train_stage
from zeroapp.engine import deepspeed_shards
from zeroapp.engine.gang import Gang

pytestmark = pytest.mark.skipif(not deepspeed_shards.installed(), reason="DeepSpeed is not here")

STAGES = (1, 2, 3)


@pytest.fixture(scope="module")
def alone(base, tmp_path_factory) -> dict:
    """The same training by torch on one rank: what all others are held against."""
    return train_stage(Gang(), _case(base, tmp_path_factory.mktemp("alone"), stage=0))


def _case(base: Path, folder: Path, *, stage: int, **more) -> dict:
    checkpoints = {"checkpoints": str(folder / "checkpoints")}
    return {"base": str(base), "stage": stage, "micro_tokens": 128} | checkpoints | more


def _deep(base: Path, folder: Path, *, stage: int, **more) -> dict:
    return _case(base, folder, stage=stage, sharder="deepspeed", **more)


@pytest.fixture(scope="module")
def gangs(base, tmp_path_factory) -> list[list[dict]]:
    folder = tmp_path_factory.mktemp("gang")
    cases = [_deep(base, folder / f"stage-{stage}", stage=stage) for stage in STAGES]
    return run_gang(folder, cases)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_trains_as_one_process_does(alone, gangs, stage):
    seen = gangs[0][stage - 1]

    assert seen["losses"] == pytest.approx(alone["losses"], abs=2e-5)
    assert seen["weights"] == pytest.approx(alone["weights"], abs=2e-3)


@pytest.mark.parametrize("stage", STAGES)
def test_moments_are_shared_out(alone, gangs, stage):
    for rank in (0, 1):
        held = gangs[rank][stage - 1]["local"]["optimizer"]

        assert held == pytest.approx(alone["local"]["optimizer"] / 2, rel=0.02)


def test_stage_3_shares_out_parameters(alone, gangs):
    whole = alone["whole"]

    assert gangs[0][0]["local"]["parameters"] >= whole
    assert gangs[0][2]["local"]["parameters"] == pytest.approx(whole / 2, rel=0.02)


@pytest.mark.parametrize(
    ("first", "then"), [("deepspeed", "deepspeed"), ("torch", "deepspeed"), ("deepspeed", "torch")]
)
@pytest.mark.parametrize("stage", [2, 3])
def test_a_stopped_run_goes_on_with_either(base, alone, tmp_path, stage, first, then):
    begun = _case(base, tmp_path, stage=stage, stop_after=3, sharder=first)
    rest = _case(base, tmp_path, stage=stage, sharder=then)

    stopped = run_gang(tmp_path, [begun])[0][0]
    resumed = run_gang(tmp_path, [rest])[0][0]

    assert stopped["stopped"]
    assert resumed["from"] == 3
    assert stopped["losses"] + resumed["losses"] == pytest.approx(alone["losses"], abs=2e-5)
    assert resumed["weights"] == pytest.approx(alone["weights"], abs=2e-3)


@pytest.mark.parametrize("stage", STAGES)
def test_stop_and_pause_within_a_step(alone, base, tmp_path, stage):
    paused = _deep(base, tmp_path / "paused", stage=stage, pause_within=1)
    rest = _deep(base, tmp_path / "stopped", stage=stage)

    held, stopped, resumed = run_gang(tmp_path, [paused, rest | {"stop_within": 1}, rest])[0]

    assert held["gradients"]["paused"] == 1
    assert held["losses"] == pytest.approx(alone["losses"], abs=2e-5)
    assert resumed["from"] == 1
    assert stopped["losses"] + resumed["losses"] == pytest.approx(alone["losses"], abs=2e-5)


@pytest.mark.parametrize("stage", [2, 3])
def test_lora_beside_frozen_weights(base, tmp_path, stage):
    lora = {"method": "lora"}
    whole = train_stage(Gang(), _case(base, tmp_path / "alone", stage=0, **lora))

    seen = run_gang(tmp_path, [_deep(base, tmp_path, stage=stage, **lora)])[0][0]

    assert seen["losses"] == pytest.approx(whole["losses"], abs=2e-5)
    assert seen["weights"] == pytest.approx(whole["weights"], abs=2e-3)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_models_that_write(tmp_path, precision):
    writer = tiny_writer.make(tmp_path / "writer")
    more = {"writes": True, "precision": precision, "micro_tokens": 512}
    whole = train_stage(Gang(), _case(writer, tmp_path / "alone", stage=0, **more))

    seen = run_gang(tmp_path, [_deep(writer, tmp_path, stage=3, **more)])[0][0]

    close = 2e-5 if precision == "fp32" else 0.02
    assert seen["losses"] == pytest.approx(whole["losses"], abs=close)
    assert seen["losses"][-1] < seen["losses"][0]


def test_states_wait_in_main_memory(base, alone, tmp_path):
    seen = run_gang(tmp_path, [_deep(base, tmp_path, stage=3, offload="cpu")])[0][0]

    assert seen["losses"] == pytest.approx(alone["losses"], abs=2e-5)
