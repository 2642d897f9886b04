"""What is foretold and what is seen come together, for this computer."""

import pytest

from zeroapp import memory_record
from zeroapp.paths import settings_dir
from zeroapp.plan import MemoryPart, TrainPlan

MB = 2**20


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ZEROAPP_HOME", str(tmp_path))


def plan(**fields) -> TrainPlan:
    return TrainPlan(task="t", base="b", data_version="v", labels=("a",), **fields)


def foretell(plan: TrainPlan, size: int) -> None:
    memory_record.foretell(plan, parts=(MemoryPart(name="runtime", bytes=size),))


def test_a_computer_that_takes_more_than_was_said_is_learnt_from():
    foretell(plan(), 1000 * MB)
    for more in (30, 50, 40):
        memory_record.learn(plan(), peak=(1000 + more) * MB)
    known = memory_record.load()

    assert known.correction == 40 * MB
    assert known.error == pytest.approx(10 / 1030, rel=0.05)  # the furthest of the three


def test_what_is_said_back_holds_what_was_learnt():
    foretell(plan(), 1000 * MB)
    first, second = (memory_record.learn(plan(), peak=1100 * MB) for _ in range(2))

    assert (first, second) == (1000 * MB, 1100 * MB)


def test_a_training_that_nobody_foretold_teaches_nothing():
    assert memory_record.learn(plan(seed=3), peak=MB) == 0
    assert memory_record.load().seen == ()


def test_one_disturbed_run_does_not_move_the_constant():
    foretell(plan(), 1000 * MB)
    memory_record.learn(plan(), peak=4000 * MB)

    assert memory_record.load().correction == 0


def test_a_damaged_record_is_as_none():
    file = settings_dir() / memory_record.FILE
    file.parent.mkdir(parents=True)
    file.write_text("{")

    assert memory_record.load() == memory_record.Record(version=memory_record.__version__)


def test_what_another_version_foretold_is_not_heeded(monkeypatch):
    foretell(plan(), 1000 * MB)
    memory_record.learn(plan(), peak=1100 * MB)
    monkeypatch.setattr(memory_record, "__version__", "99.0")

    known = memory_record.load()
    assert (known.parts(plan()), known.correction) == (None, 0)


def test_the_record_does_not_grow_for_ever():
    for seed in range(60):
        foretell(plan(seed=seed), MB)
        memory_record.learn(plan(seed=seed), peak=MB)
    known = memory_record.load()

    assert len(known.foretold) <= 41
    assert len(known.seen) <= 40
    assert known.parts(plan(seed=59))
