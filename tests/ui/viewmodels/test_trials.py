"""Trying a plan before it is trained: when it is offered, what comes of it, what is in its way."""

import pytest

from support import stories
from ui.viewmodels import trial_words
from ui.viewmodels.plan import PlanModel
from zeroapp.errors import Failure
from zeroapp.protocol import Benchmark, Failed, Finished, PlanMade, Progressed, Rehearse

LONG = 9400.0


@pytest.fixture
def model(world):
    made = PlanModel(world.session)
    world.open()
    made.entered()
    return made


def planned(world, **changes):
    done = PlanMade(planned=stories.planned(**changes)), Finished(outcome="completed")
    world.tell("plan", *done)


@pytest.mark.parametrize(("seconds", "offered"), [(236.0, False), (1199.0, False), (LONG, True)])
def test_it_is_offered_before_a_long_training(world, model, seconds, offered):
    planned(world, seconds=seconds)
    assert model.trials.offered is offered
    assert model.trials.can_try


def test_while_it_rehearses_nothing_else_starts(world, model):
    planned(world, seconds=LONG)
    model.trials.rehearse()
    world.tell("rehearse", Progressed(done=3, total=90, unit="steps"))

    assert isinstance(world.launcher.jobs[-1], Rehearse)
    assert (model.trials.doing.done, model.trials.doing.total) == (3, 90)
    assert not model.trials.offered
    assert not model.can_go_on
    assert "being tried" in model.why_not
    model.trials.compare()
    assert not any(isinstance(job, Benchmark) for job in world.launcher.jobs)
    model.trials.stop()
    assert world.launcher.last.told == ["stop"]


def test_what_it_measures_corrects_the_plan(world, model):
    planned(world, seconds=LONG)
    before = model.gauge.needed
    model.trials.rehearse()
    world.tell("rehearse", stories.rehearsed(), Finished(outcome="completed"))

    assert model.headline == "Ready in about 1 h 54 min"
    assert model.gauge.needed == 812 * stories.MIB != before
    assert model.between.startswith("Between 1 h 43 min and")
    assert [row.right for row in model.trials.rehearsal.rows] == [True, False]
    assert model.can_go_on
    assert not model.trials.offered


def test_another_plan_is_not_corrected_by_it(world, model):
    planned(world, seconds=LONG)
    model.trials.rehearse()
    world.tell("rehearse", stories.rehearsed(), Finished(outcome="completed"))
    model.plan_again()
    planned(world, seconds=LONG, batch_size=8)

    assert model.trials.rehearsal is None
    assert model.trials.offered
    assert model.headline == "Ready in about 2 h 37 min"


def test_a_new_plan_stops_the_trial_first(world, model):
    planned(world, seconds=LONG)
    model.trials.rehearse()
    trial = world.launcher.last
    model.plan_again()

    assert trial.told == ["stop"]
    assert len(world.launcher.jobs) == 2
    world.tell("rehearse", Finished(outcome="stopped"))
    assert len(world.launcher.jobs) == 3


def test_what_goes_wrong_is_told(world, model):
    planned(world)
    model.trials.compare()
    world.tell("benchmark", Failed(failure=Failure(code="x", title="No.", hint="Wait.")))
    assert model.failure.title == "No."


def test_stages_are_compared_in_bars(world, model):
    planned(world)
    model.trials.compare()
    assert world.launcher.jobs[-1].ranks == 2
    world.tell("benchmark", *stories.stages(), Finished(outcome="completed"))

    states, _, step, _ = model.trials.stages
    assert [bar.words for bar in states.bars] == ["218 MB", "131 MB", "109 MB", "does not fit"]
    assert [round(bar.share, 2) for bar in states.bars] == [1.0, 0.6, 0.5, 0.0]
    assert [bar.leading for bar in step.bars] == [True, False, False, False]
    assert trial_words.SHARED in model.trials.stages_note
