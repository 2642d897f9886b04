"""The quality page's model: the verdict in words, mistakes behind a cell, the try box."""

import pytest
from msgspec.structs import replace

from support import stories
from ui.confusion import OTHERS
from ui.shown import Looked
from ui.viewmodels import quality_words, reports
from ui.viewmodels.quality import QualityModel
from zeroapp.protocol import Answered, Failed, Finished, PhaseEntered, TryOut
from zeroapp.wizard import Step


@pytest.fixture
def model(world):
    made = QualityModel(world.session)
    world.run = world.project.add_report(stories.report())
    world.open()
    world.session.step = Step.quality
    made.entered()
    return made


def test_the_verdict_is_a_sentence_with_its_doubt(model):
    verdict = model.verdict
    assert verdict.headline == "Right on 98 of 100"
    assert (verdict.right, verdict.of) == (98, 100)
    assert verdict.interval == "On new examples like these, expect 96 to 99 of 100 right."
    assert "19 times out of 20" in verdict.interval_meaning
    assert verdict.good


def test_the_bars_compare_on_the_same_rows_best_first(model):
    titles = [bar.title for bar in model.verdict.bars]
    assert titles == [
        "Your model",
        "The quick model",
        "The untrained model",
        "Always answering “card arrival”",
    ]
    assert model.verdict.bars[0].leading
    assert all(bar.meaning for bar in model.verdict.bars)
    assert "exact McNemar test" in model.verdict.bars[1].meaning


def test_a_weak_model_is_not_sold_as_good():
    verdict = quality_words.verdict(stories.report(right=34, n=52, good=False))
    assert verdict.headline == "Right on 34 of 52"
    assert verdict.judgement == "Not reliable yet"
    assert not verdict.good
    assert "that can be chance" in verdict.bars[1].meaning


def test_every_number_is_explained(model):
    assert all(fact.meaning for fact in model.facts)
    assert model.why_in_use.startswith("Fine-tuning made it right more often")


def test_a_cell_shows_its_examples(model):
    model.choose("card payment fee charged", "cash withdrawal charge")
    assert model.mistakes_title == "“card payment fee charged” taken for “cash withdrawal charge”"
    assert [m.answer for m in model.mistakes] == ["cash withdrawal charge"]
    model.choose("card payment fee charged", "card payment fee charged")
    assert model.mistakes == ()
    assert model.mistakes_empty.startswith("Right answers are not kept")
    model.choose_none()
    assert model.mistakes == stories.report().worst[:12]


def test_the_folded_rest_shows_its_examples_too(model):
    inside = model.table.labels[:-1]
    model.choose(inside[0], OTHERS)
    wanted = [m for m in stories.report().worst if m.truth == inside[0] and m.answer not in inside]
    assert list(model.mistakes) == wanted


def test_folding_can_be_undone(model):
    assert len(model.table.labels) == 9  # eight and the rest
    assert model.unfold_text == "Show all 22 kinds"
    model.turn_fold()
    assert len(model.table.labels) == 22
    model.turn_fold()
    assert len(model.table.labels) == 9


def test_kinds_come_worst_first(model):
    f1 = [float(row[-1]) for row in model.kinds]
    assert f1 == sorted(f1)


def test_a_question_starts_the_model_once_and_says_that_it_warms_up(world, model):
    model.ask("Where is my new card?")
    assert world.launcher.jobs == [TryOut(project=world.session.folder, run_id=world.run.id)]
    assert model.trying.busy
    assert model.trying.note.startswith("Getting the model ready")
    world.tell("tryout", PhaseEntered(phase="ready", title="Ready"))
    assert model.trying.note == "Thinking"
    world.tell("tryout", Answered(number=1, answer=stories.answer()))
    assert model.trying.answer == stories.answer()
    assert not model.trying.busy
    model.ask("And again")
    assert len(world.launcher.jobs) == 1
    assert world.launcher.last.questions == ["Where is my new card?", "And again"]


def test_after_it_fell_asleep_it_is_started_again(world, model):
    model.ask("One")
    world.tell("tryout", Answered(number=1, answer=stories.answer()), Finished(outcome="completed"))
    model.ask("Two")
    assert len(world.launcher.jobs) == 2
    assert world.launcher.last.questions == ["Two"]


def test_a_model_that_cannot_answer_says_why(world, model):
    model.ask("One")
    world.tell("tryout", Failed(failure=stories.out_of_disk()))
    assert model.failure == stories.out_of_disk()
    assert not model.trying.busy


def test_where_it_looks_comes_from_the_model_that_answers(world, model):
    model.look("/photos/a.png")
    world.tell("tryout", PhaseEntered(phase="ready", title="Ready"))
    busy = model.looked
    answer = replace(stories.answer(), text="/photos/a.png", heat=((0.5,),))
    world.tell("tryout", Answered(number=1, answer=answer))

    assert busy == Looked(path="/photos/a.png", busy=True)
    assert model.looked == Looked(path="/photos/a.png", heat=((0.5,),))
    assert model.trying.answer is None  # the try box was not asked
    assert world.launcher.last.questions == ["where in /photos/a.png"]


def test_a_look_that_is_cut_off_may_be_asked_again(world, model):
    model.look("/photos/a.png")
    world.tell("tryout", Failed(failure=stories.out_of_disk()))

    assert not model.looked.busy
    assert model.failure == stories.out_of_disk()


def test_leaving_the_page_lets_the_model_go(world, model):
    model.ask("One")
    world.session.step = Step.train
    assert world.launcher.last.told == ["stop"]


def test_a_new_run_replaces_the_verdict(world, model):
    world.project.add_report(stories.report(right=570, run_id="r2"))
    model.entered()
    assert model.verdict.sentence.startswith("Right on 570 of 580")


def test_another_project_forgets_it(world, model):
    world.session.open(None)
    assert model.verdict is None


def test_a_broken_report_is_passed_over(world, tmp_path):
    world.project.add_report(stories.report())
    broken = world.project.new_run("train")
    broken.report.write_bytes(b'{"run_id"')
    assert reports.newest(world.project).report == stories.report()


def test_the_quick_model_is_no_rival_of_itself():
    import msgspec

    report = stories.report()
    chosen = msgspec.structs.replace(report.selection, in_use="probe")
    bars = quality_words.bars(msgspec.structs.replace(report, selection=chosen))
    assert "The quick model" not in [bar.title for bar in bars]
