"""Plan, train, quality and use as a person meets them: shown, named, worked by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from support import stories
from ui.pages.plan import PlanPage
from ui.pages.quality import QualityPage
from ui.pages.train import TrainPage
from ui.pages.use import UsePage
from ui.shown import TryState
from ui.viewmodels.plan import PlanModel
from ui.viewmodels.quality import QualityModel
from ui.viewmodels.train import TrainModel
from ui.viewmodels.use import UseModel
from zeroapp.protocol import CheckpointSaved, Finished, Paused, PlanMade, Train
from zeroapp.wizard import Step

NARROW = 672
"""What a window of 1000 pixels leaves for a page beside the rail and between the margins."""


@pytest.fixture
def plan(world, qtbot):
    page = PlanPage(PlanModel(world.session))
    qtbot.addWidget(page)
    world.open()
    page.model.entered()
    world.tell("plan", PlanMade(planned=stories.planned()), Finished(outcome="completed"))
    page.show()
    return page


@pytest.fixture
def train(world, qtbot):
    page = TrainPage(TrainModel(world.session))
    qtbot.addWidget(page)
    world.open()
    world.session.launch(Train(project=world.session.folder, plan=stories.plan()))
    saved = CheckpointSaved(step=80, seconds=0.1, bytes=9)
    world.tell("train", *stories.beginning(), *stories.steps(90), saved)
    page.show()
    return page


@pytest.fixture
def quality(world, qtbot):
    page = QualityPage(QualityModel(world.session))
    qtbot.addWidget(page)
    world.project.add_report(stories.report())
    world.open()
    world.session.step = Step.quality
    page.model.entered()
    page.show()
    return page


@pytest.fixture
def use(world, qtbot):
    page = UsePage(UseModel(world.session))
    qtbot.addWidget(page)
    world.project.add_report(stories.report())
    world.project.records = [
        stories.export_record("/exports/onnx", name="onnx", agreement=1.0),
        stories.export_record("/exports/onnx-int8"),
    ]
    world.open()
    page.model.entered()
    page.show()
    return page


def texts(page):
    return [w.text() for w in page.findChildren(QLabel) if w.isVisible() and w.text()]


def nameless(page):
    """Focusable and visible, but a screen reader has nothing to say about it."""
    found = []
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() is Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        if isinstance(widget, QScrollArea) or widget.objectName().startswith("qt_"):
            continue
        heard = QAccessible.queryAccessibleInterface(widget)
        if not heard.text(QAccessible.Text.Name):
            found.append(widget)
    return found


@pytest.mark.parametrize("name", ["plan", "train", "quality", "use"])
def test_everything_that_can_be_focused_has_a_name(request, name):
    page = request.getfixturevalue(name)
    for details in (d for d in page.findChildren(QWidget) if hasattr(d, "is_open")):
        details.open()
    assert nameless(page) == []


@pytest.mark.parametrize("name", ["plan", "train", "quality", "use"])
@pytest.mark.parametrize("scale", [100, 200])
def test_a_narrow_window_cuts_nothing_off(request, look, name, scale):
    look.set_scale(scale)
    page = request.getfixturevalue(name)
    QApplication.processEvents()
    assert page.minimumSizeHint().width() <= NARROW


def test_the_plan_is_read_top_down(plan):
    said = texts(plan)
    assert "Between 3 and 5 minutes, from the speed measured on this computer." in said
    assert "Fits easily. You can go on using this computer." in said
    assert not plan.form.isVisible()


def test_details_of_the_plan_open_by_keyboard_and_hold_everything(plan, qtbot):
    qtbot.keyClick(plan.details.toggle, Qt.Key.Key_Space)
    assert plan.form.isVisible()
    said = texts(plan)
    assert "weight_decay" in said
    assert "optimizer states" in said
    assert "None was found that torch can use." in said


def test_a_change_in_the_form_replans(world, plan, qtbot):
    plan.details.open()
    plan.form.editor("epochs").setValue(7)
    qtbot.waitUntil(lambda: len(world.launcher.jobs) == 2, timeout=3000)
    assert world.launcher.jobs[1].options.overrides == {"epochs": 7}
    world.tell("plan", PlanMade(planned=stories.planned()), Finished(outcome="completed"))
    assert plan.reset.isVisible()


def test_the_curve_speaks_its_numbers(train, qtbot):
    # It is repainted, and speaks anew, five times a second at most.
    said = train.chart.accessibleDescription
    qtbot.waitUntil(lambda: "90 points up to 90 of 255" in said(), timeout=2000)


def test_pause_and_go_on(world, train, qtbot):
    qtbot.mouseClick(train.pause, Qt.MouseButton.LeftButton)
    world.tell("train", Paused(step=91))
    assert train.go_on.isVisible()
    assert not train.pause.isEnabled()
    qtbot.mouseClick(train.go_on, Qt.MouseButton.LeftButton)
    assert world.launcher.last.told == ["pause", "resume"]


def test_stop_and_save_then_go_on_from_there(world, train, qtbot):
    qtbot.keyClick(train.stop, Qt.Key.Key_Space)
    assert world.launcher.last.told == ["stop"]
    world.tell("train", Finished(outcome="stopped"))
    assert not train.stop.isVisible()
    assert "Stopped and saved" in texts(train)
    qtbot.mouseClick(train.go_on, Qt.MouseButton.LeftButton)
    assert len(world.launcher.gone_on) == 1
    assert train.stop.isVisible()


def test_an_interrupted_run_offers_to_go_on(world, train):
    world.vanish("train")
    assert train.go_on.isVisible()
    assert any("Everything up to step 80 of 255 is saved." in text for text in texts(train))


def test_the_verdict_is_read_as_one_sentence(quality):
    assert quality.verdict.accessibleName().startswith("Right on 98 of 100.")
    assert "expect 96 to 99 of 100 right" in quality.verdict.accessibleDescription()


def test_a_cell_brings_its_examples(quality, qtbot):
    labels = quality.table.table.labels
    at = (labels.index("pending top up"), labels.index("top up failed"))
    quality.table.setCurrentIndex(quality.table.model().index(*at))
    qtbot.keyClick(quality.table, Qt.Key.Key_Return)
    assert [m.text for m in quality.mistakes.shown] == [
        "My top-up from this morning is still not there."
    ]
    quality.all_mistakes.click()
    assert len(quality.mistakes.shown) > 1


def test_a_question_from_the_box_reaches_the_model(world, quality, qtbot):
    quality.try_box.field.setText("Where is my card?")
    qtbot.keyClick(quality.try_box.field, Qt.Key.Key_Return)
    assert world.launcher.last.questions == ["Where is my card?"]
    assert not quality.try_box.ask_button.isEnabled()
    quality.model.trying = TryState(answer=stories.answer())
    assert "card arrival — 94% sure" in texts(quality)


def test_without_a_report_the_page_says_so(world, qtbot):
    page = QualityPage(QualityModel(world.session))
    qtbot.addWidget(page)
    page.show()
    assert texts(page) == ["The verdict is on its way."]


def test_one_click_exports(world, use, qtbot):
    card = use.cards["safetensors"]
    qtbot.mouseClick(card.export_button, Qt.MouseButton.LeftButton)
    assert world.launcher.jobs[-1].format == "safetensors"
    assert use.progress.isVisible()
    assert not card.export_button.isEnabled()


def test_commands_are_copied(use):
    use.result._commands.copy.click()
    assert QGuiApplication.clipboard().text().endswith('python answer.py "your text"')


def test_an_older_export_is_listed(use):
    assert any(text.startswith("Exact, runs anywhere   ·") for text in texts(use))


def test_a_file_is_chosen_and_answered(world, use, tmp_path, monkeypatch, qtbot):
    file = tmp_path / "new.csv"
    file.write_text("message\nhello\n")
    monkeypatch.setattr("ui.pages.use.ask_paths", lambda *_args, **_options: (file,))
    use.choose.click()
    assert world.launcher.jobs[-1].file == str(file)
    assert use.answering.isVisible()
    assert not use.choose.isEnabled()
