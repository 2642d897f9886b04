"""What plan, training, verdict, rating and try box say of a model that writes."""

import pytest

from support import stories as of_labels
from support import text_stories as stories
from support.played import World
from ui.viewmodels import plan_form, text_words, train_words, writing_words
from ui.viewmodels.plan import PlanModel
from ui.viewmodels.quality import QualityModel
from ui.viewmodels.rating import RatingModel
from zeroapp.dataset import Answers, Reads
from zeroapp.protocol import Answered, Finished, PhaseEntered, PlanMade
from zeroapp.run_folder import RunFolder
from zeroapp.status import fold_all
from zeroapp.wizard import Step


@pytest.fixture
def world(qapp, tmp_path):
    made = World(tmp_path / "diary")
    made.project.task = stories.TASK.key
    return made


def test_only_starters_that_write_are_offered(world):
    model = PlanModel(world.session)
    world.open()
    offered = {item.key for item in model.bases}
    assert offered
    others = plan_form.bases(reads=Reads.text, answers=Answers.labels)
    assert offered.isdisjoint(item.key for item in others)
    assert "writes fits" in model.base_hint


def test_the_plan_shows_what_is_read_until_it_is_another_plan(world):
    model = PlanModel(world.session)
    world.open()
    model.entered()
    made = PlanMade(planned=stories.planned(), previews=stories.previews())
    world.tell("plan", made, Finished(outcome="completed"))
    assert model.previews == stories.previews()
    assert "kinds" not in " ".join(model.stages)
    world.session.open(None)
    assert model.previews == ()


def test_training_is_told_as_surprise_against_the_base():
    status = fold_all([*stories.beginning(), *stories.steps(150)])
    fact = train_words.facts(status, train_words.Look.running, now=0.0, answers=Answers.text)[0]
    assert (fact.name, fact.value) == ("Surprise, best so far", "36 % less")
    marks = train_words.chart(status, train_words.Look.running).marks
    assert [mark.quick for mark in marks] == [True, False, False]
    assert marks[0].share == 1.0
    assert marks[2].share < marks[1].share < 1.0
    assert train_words.quick(status) is None
    assert writing_words.change(0.1) == "11 % more"


def test_before_anything_was_heard_nothing_is_claimed():
    status = fold_all(stories.beginning()[:2])
    assert writing_words.best(status) == ""
    assert writing_words.marks(status) == ()
    labels = fold_all([*of_labels.beginning(), *of_labels.steps(100)])
    assert writing_words.marks(labels) == ()


def test_the_verdict_has_bars_and_no_dots():
    card = text_words.verdict(stories.report())
    assert card.of == 0
    assert card.headline == "37 % less surprised by your texts"
    assert [bar.words for bar in card.bars] == ["37 % less", "as before"]
    low, high = card.bars[0].interval
    assert low < card.bars[0].share < high


def test_what_is_no_better_than_chance_is_not_dressed_up():
    card = text_words.verdict(stories.report(good=False))
    assert not card.good
    assert card.interval == "On new texts like these, expect between 4 % more and 6 % less."
    assert card.bars[0].interval[1] == 1.0  # never drawn out of the bar


def test_every_measure_says_what_it_means():
    groups = text_words.groups(stories.report())
    assert [group.bars[0].words for group in groups] == ["24", "25%", "6%", "7 words"]
    assert all(group.meaning for group in groups)


def test_ratings_are_there_again_and_go_on_where_they_were(qapp, tmp_path):
    folder, pairs = RunFolder(tmp_path), stories.pairs(4)
    model = RatingModel()
    model.start(pairs, folder)
    liked = []
    for _ in range(2):
        ours_first = model.duel.first == pairs[0].ours
        model.choose(ours_first)
        liked.append(model.result)
    model.skip()
    again = RatingModel()
    again.start(pairs, folder)
    assert again.result == model.result
    assert again.result.startswith("You liked the taught model's text better in 2 of 2;")
    assert "1 pair you found alike" in again.result
    assert "Wilson" not in again.result  # the word for statisticians stands behind the (i)
    assert again.duel.left == "1 pair to go"
    again.rate_again()
    assert (again.result, again.duel.left) == ("", "4 pairs to go")
    model.start(pairs, folder)
    assert not model.rated


def test_a_rating_that_cannot_be_kept_is_said(qapp, tmp_path):
    model = RatingModel()
    model.start(stories.pairs(2), RunFolder(tmp_path / "gone"))
    model.choose(first=True)
    assert model.failure is not None


def test_the_try_box_sends_the_temperature_and_shows_answers_as_they_grow(world):
    model = QualityModel(world.session)
    world.project.add_report(stories.report())
    world.open()
    world.session.step = Step.quality
    model.entered()
    assert model.writes
    model.temperature = 0.7
    model.ask("What now?")
    assert world.launcher.last.temperatures == [0.7]
    growing = Answered(number=1, answer=stories.answer(whole=False))
    world.tell("tryout", PhaseEntered(phase="ready", title="Ready"), growing)
    assert model.trying.busy
    assert model.trying.answer == growing.answer
    world.tell("tryout", Answered(number=1, answer=stories.answer()))
    assert not model.trying.busy
