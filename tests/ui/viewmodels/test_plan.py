"""The plan page's model: plans by itself, replans on a change, starts only what fits."""

import pytest
from msgspec.structs import replace

from support import stories
from support.played import profile
from ui.viewmodels import plan_words
from ui.viewmodels.plan import PlanModel
from zeroapp.catalogue import Base, Source
from zeroapp.engine.planner import with_fields
from zeroapp.errors import ModelError
from zeroapp.plan import Method, PlanOptions, Pooling
from zeroapp.protocol import (
    Failed,
    Finished,
    MakePlan,
    PhaseEntered,
    PlanMade,
    Progressed,
    Started,
    Train,
)
from zeroapp.wizard import Step


@pytest.fixture
def model(world):
    made = PlanModel(world.session)
    world.open()
    return made


def make(world, **changes):
    done = PlanMade(planned=stories.planned(**changes)), Finished(outcome="completed")
    world.tell("plan", *done)


def test_being_shown_makes_a_plan(world, model):
    model.entered()
    assert world.launcher.jobs == [MakePlan(project=world.session.folder, options=PlanOptions())]
    assert not model.can_go_on
    assert model.why_not == "The plan is being made."


def test_while_it_measures_it_says_so(world, model):
    model.entered()
    world.tell(
        "plan",
        PhaseEntered(phase="measuring", title="Measuring how fast this computer is"),
        Progressed(done=3, total=8, unit="rounds", seconds_left=9),
    )
    assert model.doing.title == "Measuring how fast this computer is"
    assert (model.doing.done, model.doing.total) == (3, 8)
    assert model.doing.detail == "a few seconds left"


def test_a_plan_is_told_in_words(world, model):
    model.entered()
    make(world)
    assert model.doing is None
    assert model.ready
    assert model.can_go_on
    assert model.headline == "Ready in about 4 minutes"
    assert model.between == "Between 3 and 5 minutes, from the speed measured on this computer."
    assert model.stages[1].startswith("Then it reads your examples 3 times and learns.")
    assert model.memory_words == "Fits easily. You can go on using this computer."
    assert model.gauge.parts[0].title == "The training program"
    assert model.rejected[1] == ("A graphics card", "None was found that torch can use.")
    assert ("seed", "17") in model.technical
    assert ("optimizer states", "82 MB") in model.memory_rows


@pytest.mark.parametrize(("runs", "told"), [(0, ""), (3, "foretold within 2%.")])
def test_how_far_such_forecasts_were_off_here_is_told(runs, told):
    forecast = replace(stories.planned().forecast, seen_runs=runs, seen_error=0.018)
    assert plan_words.memory_record(forecast).endswith(told)
    assert bool(plan_words.memory_record(forecast)) is bool(runs)


def test_every_field_of_the_plan_is_under_details(world, model):
    model.entered()
    make(world)
    named = {name for name, _ in model.technical}
    assert set(stories.plan().__struct_fields__) <= named


def test_the_form_takes_ranges_from_the_types(world, model):
    model.entered()
    make(world)
    fields = {field.name: field for field in model.fields}
    assert (fields["epochs"].low, fields["epochs"].high) == (1, 100)
    assert (fields["max_length"].low, fields["max_length"].high) == (8, 8192)
    assert fields["learning_rate"].low > 0  # the type says greater than nothing
    assert fields["zero_stage"].choices[3] == ("3", "3: also the model itself")
    assert not any(field.changed for field in model.fields)


def test_a_second_visit_does_not_plan_again(world, model):
    model.entered()
    make(world)
    model.entered()
    assert len(world.launcher.jobs) == 1


def test_other_data_makes_another_plan(world, model):
    model.entered()
    make(world)
    world.project.data = profile("v2")
    world.session.refresh()
    model.entered()
    assert len(world.launcher.jobs) == 2
    assert not model.can_go_on


def test_quick_changes_make_one_new_plan(world, model, qtbot):
    model.entered()
    make(world)
    model.change("epochs", 5)
    model.change("ranks", 2)
    model.change("zero_stage", "3")
    assert not model.can_go_on
    assert len(world.launcher.jobs) == 1
    qtbot.waitUntil(lambda: len(world.launcher.jobs) == 2, timeout=3000)
    wanted = PlanOptions(ranks=2, zero_stage=3, overrides={"epochs": 5})
    assert world.launcher.jobs[1].options == wanted
    assert world.project.options() == wanted
    assert model.customised


def test_what_learns_and_what_is_kept_can_be_chosen(world, model, qtbot):
    model.entered()
    make(world)
    model.change("method", "lora")
    model.change("recompute", "true")
    qtbot.waitUntil(lambda: len(world.launcher.jobs) == 2, timeout=3000)
    wished = with_fields(stories.plan(), world.launcher.jobs[1].options.overrides)
    assert (wished.method, wished.recompute) == (Method.lora, True)


def test_a_change_while_planning_stops_that_and_plans_anew(world, model, qtbot):
    model.entered()
    model.change("epochs", 5)
    qtbot.waitUntil(lambda: world.launcher.last.told == ["stop"], timeout=3000)
    assert len(world.launcher.jobs) == 1
    world.tell("plan", Finished(outcome="stopped"))
    assert len(world.launcher.jobs) == 2
    assert world.launcher.jobs[1].options.overrides == {"epochs": 5}


def test_leaving_it_to_the_planner_drops_the_wishes(world, model):
    world.project.set_options(PlanOptions(ranks=4))
    world.open()
    model.entered()
    assert model.customised
    make(world)
    model.leave_it_to_the_planner()
    assert world.launcher.jobs[-1].options == PlanOptions()
    assert not model.customised


def test_a_plan_that_does_not_fit_cannot_be_started(world, model):
    model.entered()
    make(world, available=400 * stories.MIB)
    assert not model.fits
    assert not model.can_go_on
    assert model.why_not == "This needs more memory than is free."
    model.go_on()
    assert len(world.launcher.jobs) == 1


def test_start_launches_the_plan_as_it_was_shown(world, model):
    model.entered()
    make(world)
    model.go_on()
    assert world.launcher.jobs[-1] == Train(project=world.session.folder, plan=stories.plan())
    assert world.session.step is Step.train


def test_while_training_runs_it_leads_there_instead_of_starting_twice(world, model):
    model.entered()
    make(world)
    model.go_on()
    assert model.next_text == "&See the training"
    jobs = len(world.launcher.jobs)
    model.go_on()
    model.entered()
    assert len(world.launcher.jobs) == jobs


def test_a_failure_is_shown_and_a_new_try_clears_it(world, model):
    model.entered()
    world.tell("plan", Failed(failure=stories.out_of_disk()))
    assert model.failure == stories.out_of_disk()
    model.plan_again()
    assert model.failure is None
    assert len(world.launcher.jobs) == 2


def test_a_model_of_the_hub_shows_its_licence_and_makes_a_plan(world, model, qtbot, monkeypatch):
    base = Base(
        key="ada/lovely",
        title="lovely",
        blurb="",
        licence="cc-by-nc-4.0",
        licence_note="Not for sale.",
        may_sell=False,
        languages=(),
        parameters=1,
        embedding_parameters=1,
        layers=1,
        hidden=1,
        intermediate=1,
        vocabulary=1,
        max_length=128,
        pooling=Pooling.native,
        bytes=1,
        source=Source.hub,
    )
    monkeypatch.setattr("ui.viewmodels.plan.models.describe", lambda _key: base)
    model.entered()
    make(world)
    model.choose_base("ada/lovely")
    assert model.other_base.licence == "cc-by-nc-4.0"
    assert not model.other_base.sell
    qtbot.waitUntil(lambda: len(world.launcher.jobs) == 2, timeout=3000)
    assert world.launcher.jobs[1].options.base == "ada/lovely"


def test_a_model_that_is_not_there_changes_nothing(world, model, monkeypatch):
    def missing(_key):
        raise ModelError("model-missing", title="No such model.", hint="Check the name.")

    monkeypatch.setattr("ui.viewmodels.plan.models.describe", missing)
    model.entered()
    make(world)
    model.choose_base("ada/nothing")
    assert model.failure.code == "model-missing"
    assert model.doing is None
    assert world.project.options() == PlanOptions()


def test_a_wish_that_was_kept_but_not_planned_yet_is_planned_on_return(world, model):
    model.entered()
    make(world)
    handle = world.launcher.last
    world.launcher.known[handle.folder.id] = handle
    world.project.set_options(PlanOptions(ranks=2))
    world.open()
    model.entered()
    assert world.launcher.jobs[-1].options == PlanOptions(ranks=2)


def test_gauge_counts_every_rank():
    planned = stories.planned(ranks=2)
    assert plan_words.gauge(planned).needed == 2 * planned.forecast.peak_bytes


def test_a_started_event_alone_is_planning(world, model):
    model.entered()
    world.tell("plan", Started(job="MakePlan", pid=1))
    assert model.doing.title == "Looking at this computer and your examples"
