"""A model that writes, its words tied: the same curve on any ranks at every stage, resumed too."""

from pathlib import Path

import pytest
from torch.distributed.checkpoint import FileSystemReader

from support import tiny_writer
from support.gang import run_gang
from support.stages import train_stage
from zeroapp.engine.gang import Gang

STAGES = (0, 1, 2, 3)
METHODS = ("full", "lora")


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny_writer.make(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="module", params=METHODS)
def method(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def alone(base, method, tmp_path_factory) -> dict:
    """One rank, unsharded: what all others are held against."""
    return train_stage(Gang(), case_of(base, tmp_path_factory.mktemp("alone"), method=method))


@pytest.fixture(scope="module")
def gangs(base, tmp_path_factory) -> dict[str, list[dict]]:
    """What the first of two ranks saw at every stage, by method, and stopped; one start for all."""
    folder = tmp_path_factory.mktemp("gang")
    cases = [
        case_of(base, folder / f"{method}-{stage}", method=method, stage=stage)
        for method in METHODS
        for stage in STAGES
    ]
    cases.append(cases[3] | {"checkpoints": str(folder / "stopped/checkpoints"), "stop_after": 2})
    seen = run_gang(folder, cases)[0]
    return {"full": seen[:4], "lora": seen[4:8], "stopped": seen[8:], "cases": cases}


def case_of(base: Path, folder: Path, **more) -> dict:
    """Five steps, of several micro-steps each."""
    fixed = {"writes": True, "rows": 40, "epochs": 1, "batch_size": 8, "max_length": 64}
    places = {"base": str(base), "checkpoints": str(folder / "checkpoints"), "micro_tokens": 128}
    return fixed | places | more


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_gives_the_loss_curve_and_weights_of_one_process(alone, gangs, method, stage):
    seen = gangs[method][stage]

    assert len(seen["losses"]) == 5
    assert seen["losses"][-1] < seen["losses"][0]
    # fp32 sums in another order: a few units in the sixth place
    assert seen["losses"] == pytest.approx(alone["losses"], abs=5e-5)
    assert seen["weights"] == pytest.approx(alone["weights"], abs=5e-3)


def test_a_resumed_run_is_equal_to_the_bit_and_saves_nothing_twice(base, alone, method, tmp_path):
    case = case_of(base, tmp_path, method=method)
    stopped = train_stage(Gang(), case | {"stop_after": 2})
    saved = FileSystemReader(tmp_path / "checkpoints/step-2").read_metadata().state_dict_metadata
    resumed = train_stage(Gang(), case)

    assert (stopped["stopped"], resumed["from"]) == (True, 2)
    assert resumed["bits"] == alone["bits"]
    weights = [name for name in saved if name.startswith("model.")]
    assert not [name for name in weights if "lm_head" in name]  # it is the word table
    if method == "lora":
        assert len(weights) == 2 * 7 * 2  # two small matrices beside each, and nothing else
        assert all("lora_" in name for name in weights)


def test_a_run_goes_on_with_other_ranks_and_stage(gangs):
    """Saved by two ranks with everything sharded, words tied; gone on alone."""
    resumed = train_stage(Gang(), gangs["cases"][-1] | {"stage": 0, "stop_after": 0})

    assert (gangs["stopped"][0]["stopped"], resumed["from"]) == (True, 2)
    assert resumed["losses"] == pytest.approx(gangs["full"][0]["losses"][2:], abs=5e-5)
