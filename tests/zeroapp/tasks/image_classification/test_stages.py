"""Models that look at pictures train the same on one and two ranks, at every stage."""

import pytest

from support import tiny_eyes
from support.gang import run_gang
from support.snapshots import snapshots
from support.stages import train_stage
from zeroapp.engine.gang import Gang

STAGES = (0, 1, 2, 3)
ROWS = 60


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    place = tmp_path_factory.mktemp("bases")
    return {name: make(place / name) for name, make in tiny_eyes.ALL.items()}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    snapshots(folder, ROWS)
    return folder


def _case(base, photos, place, *, stage):
    return {
        "base": str(base),
        "pictures": str(photos),
        "rows": ROWS,
        "batch_size": 24,
        "stage": stage,
        "micro_tokens": 32,  # 8 pictures at a time, so that a step takes several
        "freeze_embeddings": False,
        "checkpoints": str(place / "checkpoints"),
    }


@pytest.fixture(scope="module")
def alone(bases, photos, tmp_path_factory):
    place = tmp_path_factory.mktemp("alone")
    return {
        name: train_stage(Gang(), _case(base, photos, place / name, stage=0))
        for name, base in bases.items()
    }


@pytest.fixture(scope="module")
def gangs(bases, photos, tmp_path_factory):
    """All bases at all stages on two ranks, in one pair of processes."""
    place = tmp_path_factory.mktemp("gang")
    wanted = [(name, stage) for name in bases for stage in STAGES]
    cases = [_case(bases[n], photos, place / f"{n}-{s}", stage=s) for n, s in wanted]
    ranks = run_gang(place, cases)
    return {pair: [rank[number] for rank in ranks] for number, pair in enumerate(wanted)}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", tiny_eyes.ALL)
def test_every_stage_learns_as_one_process_does(alone, gangs, name, stage):
    one, two = alone[name], gangs[name, stage][0]

    assert len(one["losses"]) == 6  # 60 pictures in steps of 24, two passes
    assert one["losses"][-1] < one["losses"][0]
    assert two["losses"] == pytest.approx(one["losses"], abs=2e-4)
    assert two["weights"].keys() == one["weights"].keys()
    assert two["weights"] == pytest.approx(one["weights"], abs=2e-2)


@pytest.mark.parametrize("name", tiny_eyes.ALL)
def test_stage_3_holds_half_of_everything(gangs, name):
    for seen in gangs[name, 3]:
        assert all(seen["distributed"])
        assert seen["local"]["parameters"] < 0.7 * seen["whole"]
        assert seen["local"]["optimizer"] < 0.7 * 2 * seen["trained"]
