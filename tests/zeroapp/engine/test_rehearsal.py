"""The first steps of a run tell how long it takes, once, and later forecasts use their speed."""

import pytest
from msgspec.structs import replace

from support.hardware import plain_computer
from zeroapp.engine import device, few_steps
from zeroapp.engine.rehearsal import FirstSteps
from zeroapp.plan import Method, TrainPlan
from zeroapp.protocol import Continued, Rehearsed, StepLogged
from zeroapp.work import Silent

PLAN = TrainPlan(task="t", base="all-minilm-l6-v2", data_version="v", labels=("a", "b"))


class Heard(Silent):
    def __init__(self):
        self.said = []

    def say(self, event):
        self.said.append(event)

    @property
    def rehearsed(self):
        return [event for event in self.said if isinstance(event, Rehearsed)]


def step(number: int, *, at: float) -> StepLogged:
    return StepLogged(
        at=at,
        step=number,
        total=1000,
        epoch=0.1,
        loss=1.0,
        learning_rate=1e-4,
        grad_norm=1.0,
        rows_per_second=32.0,
        tokens_per_second=640.0,
        seconds_left=2.0 * (1000 - number),
    )


@pytest.fixture
def remembers(monkeypatch):
    """What would be remembered of this computer."""
    kept = {"now": plain_computer()}
    monkeypatch.setattr(device, "remembered", lambda: kept["now"])
    monkeypatch.setattr(device, "_remember", lambda profile: kept.update(now=profile))
    return kept


def speed_of(kept, base):
    return [speed for speed in kept["now"].speeds if speed.base == base]


def test_half_a_minute_of_steps_foretells_the_run_once(remembers):
    heard = Heard()
    work = FirstSteps(heard, plan=PLAN)
    for number in range(1, 60):
        work.say(step(number, at=100.0 + 2.0 * number))
    (told,) = heard.rehearsed
    assert told.steps == 15  # the first step starts the clock, 30 seconds are 15 steps
    assert told.seconds_per_step == pytest.approx(2.0)
    assert told.seconds == pytest.approx(2.0 * (1000 - 16), abs=5)
    assert told.peak > 10**7
    (speed,) = speed_of(remembers, PLAN.base)
    assert speed.training_tokens == 640.0


def test_a_short_run_says_nothing(remembers):
    heard = Heard()
    work = FirstSteps(heard, plan=PLAN)
    for number in range(1, 20):
        work.say(step(number, at=100.0 + number))
    assert heard.rehearsed == []


def test_a_pause_is_no_part_of_the_speed(remembers):
    heard = Heard()
    work = FirstSteps(heard, plan=PLAN)
    work.say(step(1, at=100.0))
    work.say(Continued(step=1))
    for number in range(2, 60):
        work.say(step(number, at=1000.0 + 2.0 * number))
    (told,) = heard.rehearsed
    assert told.seconds_per_step == pytest.approx(2.0)


@pytest.mark.parametrize("change", [{"ranks": 2}, {"method": Method.lora}, {"recompute": True}])
def test_only_plain_training_speaks_for_other_runs(remembers, change):
    work = FirstSteps(Heard(), plan=replace(PLAN, **change))
    before = remembers["now"]
    for number in range(1, 60):
        work.say(step(number, at=100.0 + 2.0 * number))
    assert remembers["now"] == before


def test_overlapping_exchanges_count_once():
    assert few_steps._covered([(0.0, 4.0), (1.0, 2.0), (3.0, 6.0), (10.0, 11.0)]) == 7.0
