"""The training page's model: live, found again, paused, stopped, interrupted, failed, done."""

import time

import pytest

from support import stories
from ui.viewmodels import train_words
from ui.viewmodels.train import TrainModel
from ui.viewmodels.train_words import Look
from zeroapp.errors import Failure
from zeroapp.protocol import (
    CheckpointSaved,
    Continued,
    Failed,
    Finished,
    MemorySeen,
    Noted,
    Paused,
    Train,
)
from zeroapp.status import RunStatus


@pytest.fixture
def model(world):
    made = TrainModel(world.session)
    world.open()
    return made


def start(world, *events):
    world.session.launch(Train(project=world.session.folder, plan=stories.plan()))
    world.tell("train", *events)


def test_before_anything_it_points_to_the_plan(model):
    assert model.look is Look.idle
    assert model.title == "Nothing is being taught yet"
    assert [model.can_pause, model.can_stop, model.can_restart] == [False, False, False]


def test_it_warms_up_in_words(world, model):
    start(world)
    assert model.look is Look.running
    assert model.doing.total == 0  # not known yet: the bar travels
    assert model.subtitle == "You can close this window. Training keeps going."


def test_the_quick_result_comes_early(world, model):
    start(world, *stories.beginning())
    assert model.quick.title == "First quick result: right on 96 of 100"
    assert model.phase == 2
    assert model.doing.title == "Teaching"
    assert [mark.quick for mark in model.chart.marks] == [True]


def test_the_curve_grows_with_the_run(world, model):
    start(world, *stories.beginning(), *stories.steps(90))
    assert len(model.chart.points) == 90
    assert model.chart.x_max == 255
    assert model.chart.live
    assert model.trend == "Mistakes are going down"
    values = {fact.name: fact.value for fact in model.facts}
    assert values["Steps"] == "90 of 255"
    assert values["Examples a second"] == "81"
    assert values["Best so far"] == "96 of 100"
    assert model.doing.detail == "about 2 minutes left"


@pytest.mark.parametrize(
    ("rows", "said"), [(0.0, ""), (0.04, "under 0.1"), (0.35, "0.3"), (4.26, "4.3"), (81.2, "81")]
)
def test_a_slow_model_is_not_said_to_read_nothing(rows, said):
    status = RunStatus(rows_per_second=rows)
    named = {fact.name: fact.value for fact in train_words.facts(status, Look.running, now=0.0)}
    assert named["Examples a second"] == said


def test_last_saved_is_told_in_seconds_and_grows_by_itself(world, model):
    saved = CheckpointSaved(step=80, seconds=0.2, bytes=9, at=time.time() - 20)
    start(world, *stories.beginning(), *stories.steps(90), saved)
    fact = next(fact for fact in model.facts if fact.name == "Last saved")
    assert fact.value == "20 seconds ago"
    assert model._clock.isActive()
    later = train_words.facts(
        world.session.watcher("train").status, Look.running, now=time.time() + 100
    )
    assert later[-1].value == "2 minutes ago"


def test_pause_is_asked_shown_and_undone(world, model):
    start(world, *stories.beginning(), *stories.steps(30))
    model.pause()
    assert world.launcher.last.told == ["pause"]
    assert model.look is Look.pausing
    world.tell("train", Paused(step=31))
    assert model.look is Look.paused
    assert model.notice.title == "Training holds still"
    assert model.can_resume
    model.resume()
    assert world.launcher.last.told == ["pause", "resume"]
    world.tell("train", Continued(step=31))
    assert model.look is Look.running


def test_pause_waits_for_the_teaching(world, model):
    start(world, *stories.beginning()[:1])
    assert not model.can_pause
    assert model.can_stop


def test_stop_saves_and_offers_to_go_on(world, model):
    start(world, *stories.beginning(), *stories.steps(30))
    model.stop()
    assert model.look is Look.stopping
    assert model.doing.title == "Saving, then stopping"
    assert not model.can_stop
    saved = CheckpointSaved(step=30, seconds=0.2, bytes=9)
    world.tell("train", saved, Finished(outcome="stopped"))
    assert model.look is Look.stopped
    assert model.notice.text.startswith("Everything up to step 30 of 255 is saved.")
    model.resume()
    assert world.launcher.gone_on == [world.launcher.handles[0].folder]
    assert model.look is Look.running


def test_interrupted_says_what_is_safe_and_goes_on(world, model):
    saved = CheckpointSaved(step=120, seconds=0.2, bytes=9)
    start(world, *stories.beginning(), *stories.steps(126), saved)
    world.vanish("train")
    assert model.look is Look.interrupted
    said = model.notice.text
    assert "Everything up to step 120 of 255 is saved. 6 steps will be done again." in said
    assert model.can_restart


def test_interrupted_before_the_first_save_promises_nothing(world, model):
    start(world, *stories.beginning(), *stories.steps(3))
    world.vanish("train")
    assert "Nothing was saved of the run yet, so it begins anew." in model.notice.text


def test_a_failure_that_can_be_mended_offers_to_go_on(world, model):
    saved = CheckpointSaved(step=120, seconds=0.2, bytes=9)
    start(world, *stories.beginning(), *stories.steps(126), saved)
    world.tell("train", Failed(failure=stories.out_of_disk()))
    assert model.look is Look.failed
    assert model.failure == stories.out_of_disk()
    assert model.can_restart
    model.resume()
    assert model.failure is None


@pytest.mark.parametrize(
    ("code", "wish"),
    [("memory-short-full", ("method", "lora")), ("memory-short", None), ("disk-full", None)],
)
def test_what_would_change_the_result_is_offered_and_leads_to_the_plan(world, model, code, wish):
    wishes = []
    world.session.wished.connect(lambda *wish: wishes.append(wish))
    start(world, *stories.beginning())
    world.tell("train", Failed(failure=Failure(code=code, title="t", hint="h")))
    model.take_offer()
    assert wishes == ([wish] if wish else [])  # no starter is smaller than the smallest


def test_notes_are_shown(world, model):
    start(world, Noted(level="warning", text="One process was lost.", code="restarted"))
    assert model.notes == (("warning", "One process was lost."),)


def test_done_leads_to_the_verdict(world, model):
    report = stories.report()
    start(world, *stories.beginning(), *stories.steps(255))
    assert not model.can_go_on
    world.launcher.last.folder.report.write_bytes(b"{}")
    world.tell("train", *stories.ending(report))
    assert model.look is Look.done
    assert model.phase == len(train_words.PHASES)
    assert model.notice.text == report.verdict
    assert model.can_go_on
    assert model.quick is None  # the verdict is better


def test_a_run_is_found_again_with_its_whole_curve(world, model):
    start(world, *stories.beginning(), *stories.steps(90))
    handle = world.launcher.last
    world.launcher.known[handle.folder.id] = handle
    world.session.open(None)
    assert model.look is Look.idle
    world.open()
    assert model.look is Look.running
    assert len(model.chart.points) == 90


def test_shards_are_under_details(world, model):
    start(world, *stories.beginning())
    assert ("parameters on rank 0", "87 MB of 87 MB") in model.technical


def test_memory_held_is_shown_beside_what_was_foretold(world, model):
    seen = [
        MemorySeen(rank=rank, ranks=2, predicted=said, peak=900 * stories.MIB, whole=0)
        for rank, said in ((1, 0), (0, 880 * stories.MIB))
    ]
    start(world, *stories.beginning(), *seen)
    shown = [row for row in model.technical if row[0].startswith("memory")]
    assert shown == [
        ("memory held by rank 0", "900 MB, 880 MB foretold"),
        ("memory held by rank 1", "900 MB"),
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0] * 20, "How it is learning"),
        ([1.0 - i / 100 for i in range(60)], "Mistakes are going down"),
        ([1.0] * 10 + [0.2] * 50, "Mistakes have levelled off"),
        ([0.5] * 10 + [0.9] * 50, "Still finding its way"),
    ],
)
def test_trend(values, said):
    from zeroapp.status import Point, RunStatus

    points = tuple(Point(i, value) for i, value in enumerate(values))
    assert train_words.trend(RunStatus(losses=points)) == said
