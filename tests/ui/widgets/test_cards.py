"""Cards of problems, projects and failures, the rail, progress and rows that fold."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from support.screens import UNEXPECTED
from ui.shown_data import ProblemItem
from ui.shown_start import ProjectItem, Stage
from ui.widgets.checks_help import ChecksHelp
from ui.widgets.error_card import ErrorCard
from ui.widgets.export_result import CommandBox
from ui.widgets.parts import FlowRow, IconMark, ProgressCard, ProgressLine
from ui.widgets.problem_card import ProblemCard
from ui.widgets.project_card import ProjectCard
from ui.widgets.side import STEPS
from ui.widgets.step_rail import StepRail
from zeroapp.errors import Severity
from zeroapp.wizard import Mark, Step


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


@pytest.mark.parametrize("severity", list(Severity))
def test_a_problem_says_what_where_why_and_what_to_do(qtbot, severity):
    item = ProblemItem(
        severity=severity,
        word="Must be mended",
        title="All rows are of one kind.",
        where="column “kind”",
        why="It must see two.",
        remedy="Add rows.",
        examples=("same",),
    )
    card = ProblemCard(item)
    qtbot.addWidget(card)
    said = texts(card)
    for part in (item.word, item.title, item.where, item.why, item.remedy, "“same”"):
        assert part in said
    # An icon and a word stand beside the colour.
    assert card.findChildren(IconMark)
    assert card.accessibleName() == "Must be mended: All rows are of one kind."


def test_a_project_opens_by_click_and_leaves_the_list_by_menu(qtbot, tmp_path):
    item = ProjectItem(folder=tmp_path, name="Shop", state="Ready", stage=Stage.ready, when="now")
    card = ProjectCard(item)
    qtbot.addWidget(card)
    with qtbot.waitSignal(card.opened):
        card.face.click()
    with qtbot.waitSignal(card.forgotten):
        card.more.menu().actions()[0].trigger()


def test_a_project_card_follows_its_project(qtbot, tmp_path):
    first = ProjectItem(folder=tmp_path, name="Shop", state="Training now", stage=Stage.working)
    card = ProjectCard(first)
    qtbot.addWidget(card)
    card.show_item(replace(first, state="Ready to use", stage=Stage.ready, when="just now"))
    assert "Ready to use" in texts(card)
    assert card.face.accessibleName() == "Shop. Ready to use"


def test_a_lost_project_cannot_be_opened_but_taken_off(qtbot, tmp_path):
    item = ProjectItem(folder=tmp_path, name="Gone", state="Moved.", stage=Stage.lost)
    card = ProjectCard(item)
    qtbot.addWidget(card)
    assert not card.face.isEnabled()
    assert card.more.isEnabled()


def test_a_failure_hides_its_trace_until_asked_and_can_be_copied(qtbot):
    card = ErrorCard()
    qtbot.addWidget(card)
    assert card.isHidden()
    card.show_failure(UNEXPECTED)
    assert not card.isHidden()
    assert UNEXPECTED.hint in texts(card)
    buttons = {b.accessibleName(): b for b in card.findChildren(QPushButton)}
    buttons["Copy report"].click()
    assert "Traceback" in QGuiApplication.clipboard().text()
    with qtbot.waitSignal(card.closed):
        buttons["Close this message"].click()
    assert card.isHidden()


def test_a_failure_uses_the_width_it_has(qtbot):
    card = ErrorCard()
    qtbot.addWidget(card)
    card.resize(800, 120)
    card.show_failure(UNEXPECTED)
    card.show()
    title = next(text for text in card.findChildren(QLabel) if text.text() == UNEXPECTED.title)
    assert title.width() > 650  # all but the icon and the margins


def test_the_rail_tells_only_of_open_steps(qtbot):
    rail = StepRail(STEPS)
    qtbot.addWidget(rail)
    rail.buttons[Step.check].show_mark(Mark.open, reason="")
    with qtbot.waitSignal(rail.chosen) as heard:
        rail.buttons[Step.check].click()
    assert heard.args == [Step.check]
    with qtbot.assertNotEmitted(rail.chosen):
        qtbot.mouseClick(rail.buttons[Step.use], Qt.MouseButton.LeftButton)
    said = rail.buttons[Step.use].accessibleName()
    assert said == "Step 6, Use it, not open yet"


@pytest.mark.parametrize("mark", list(Mark))
def test_each_mark_looks_different(qtbot, mark):
    rail = StepRail(STEPS)
    qtbot.addWidget(rail)
    button = rail.buttons[Step.plan]
    pictures = set()
    for one in Mark:
        button.show_mark(one, reason="")
        pictures.add(bytes(button.grab().toImage().constBits()))
    assert len(pictures) == len(Mark)


def test_progress_says_how_far_and_can_be_stopped(qtbot):
    card = ProgressCard(stop_text="Stop reading")
    qtbot.addWidget(card)
    card.tell("Reading", detail="3 minutes left", done=3, total=10)
    bar = card.findChild(ProgressLine)
    assert (bar.value(), bar.maximum()) == (3, 10)
    assert bar.accessibleName() == "Reading"
    with qtbot.waitSignal(card.stop_wanted):
        card.stop_button.click()
    card.tell("Warming up")
    assert bar.maximum() == 0


def test_a_bar_without_an_end_moves(qtbot):
    bar = ProgressLine()
    bar.resize(200, 10)
    bar.setRange(0, 0)
    qtbot.addWidget(bar)
    bar.show()
    first = bytes(bar.grab().toImage().constBits())
    qtbot.waitUntil(lambda: bytes(bar.grab().toImage().constBits()) != first)


def test_a_row_folds_when_it_is_narrow(qtbot):
    one, other = QPushButton("A button with many words"), QPushButton("And another of the kind")
    host, flow = QWidget(), FlowRow(one, other)
    qtbot.addWidget(host)
    flow.setParent(host)
    flow.resize(800, 60)
    host.show()
    assert other.y() == one.y()
    flow.resize(flow.minimumSizeHint().width(), 120)
    qtbot.waitUntil(lambda: other.y() > one.y())


@pytest.mark.parametrize("severity", list(Severity))
def test_only_what_weighs_something_asks_aloud_to_be_mended(qtbot, severity):
    item = ProblemItem(
        severity=severity, word="", title="t", where="", why="", remedy="", key="k", mend="Mend it"
    )
    card = ProblemCard(item)
    qtbot.addWidget(card)
    mend = next(b for b in card.findChildren(QPushButton) if b.text() == "Mend it")
    assert (mend.property("kind") == "primary") == (severity is not Severity.info)


def test_commands_are_seen_whole_at_every_text_size(qtbot, look):
    box = CommandBox()
    qtbot.addWidget(box)
    box.show_commands("one\ntwo\nthree")
    box.show()
    text = box.findChild(QPlainTextEdit)
    for percent in (100, 150):
        look.set_scale(percent)
        qtbot.waitUntil(lambda: text.height() >= 3 * text.fontMetrics().lineSpacing() + 18)


def test_the_page_about_the_checks_has_gaps_and_one_bar(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ChecksHelp(parent)
    dialog.show()
    first = dialog.page.document().firstBlock().next()
    assert first.text().startswith("The first look")
    assert first.blockFormat().bottomMargin() > 0
    assert not dialog.page.horizontalScrollBar().isVisible()
