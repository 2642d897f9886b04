"""The whole window, driven as a person would: drops, Enter, the rail, closing and coming back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from support.desk import Desk, table
from support.screens import UNEXPECTED, check_problems
from ui.widgets.leave_dialog import Leave, LeaveDialog
from zeroapp import protocol as p
from zeroapp.project import Project
from zeroapp.status import Outcome
from zeroapp.wizard import Mark, Step

# A started process on a busy machine may take seconds before it says its first word.
PATIENCE = 30_000


def drop(widget, *paths: Path) -> bool:
    """What Qt sends when files are dropped; whether the widget took them."""
    mime, at = QMimeData(), widget.rect().center()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.NoModifier
    enter = QDragEnterEvent(at, copy, mime, left, none)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(at), copy, mime, left, none)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def press_enter(desk, qtbot) -> None:
    """Enter, wherever the keyboard is."""
    qtbot.keyClick(QApplication.focusWidget() or desk.window, Qt.Key.Key_Return)


@pytest.fixture
def shown(desk, qtbot):
    with qtbot.waitActive(desk.window):
        desk.window.show()
        desk.window.activateWindow()
    return desk


def trained(desk, qtbot, tmp_path) -> None:
    """From the file to the verdict."""
    desk.start.add_files([table(tmp_path)])
    for _ in range(2):
        desk.window.next.click()
    qtbot.waitUntil(desk.window.next.isEnabled, timeout=PATIENCE)
    desk.window.next.click()


def test_four_interactions_from_launch_to_a_trained_model(shown, qtbot, tmp_path):
    desk, window = shown, shown.window
    start = desk.app.screens.start
    assert drop(start.drop_zone, table(tmp_path))  # 1: drop a file
    qtbot.waitUntil(window.next.isEnabled, timeout=PATIENCE)
    assert desk.session.step is Step.examples
    press_enter(desk, qtbot)  # 2: Continue
    assert desk.session.step is Step.check
    qtbot.waitUntil(window.next.isEnabled, timeout=PATIENCE)
    press_enter(desk, qtbot)  # 3: Continue
    assert desk.session.step is Step.plan
    qtbot.waitUntil(window.next.isEnabled, timeout=PATIENCE)
    press_enter(desk, qtbot)  # 4: Start
    assert desk.session.step is Step.train
    train = desk.session.watcher("train")
    qtbot.waitUntil(lambda: train.status.outcome is Outcome.completed, timeout=PATIENCE)
    kinds = [type(job).__name__ for job in desk.launcher.jobs]
    kinds.remove("Inspect")  # the deeper checks start by themselves and hold nobody up
    assert kinds == ["ImportData", "Check", "MakePlan", "Train"]
    desk.session.refresh()
    assert desk.session.draft.judged
    assert desk.session.go(Step.quality)
    assert desk.session.go(Step.use)


def test_the_rail_shows_what_is_done_and_what_is_locked_and_why(shown, tmp_path):
    desk = shown
    desk.start.add_files([table(tmp_path)])
    desk.window.next.click()
    buttons = desk.window.side.steps.buttons
    marks = [buttons[step].mark for step in Step]
    assert marks[:3] == [Mark.done, Mark.current, Mark.open]
    assert buttons[Step.quality].toolTip() == "Train a model first."
    assert not buttons[Step.quality].isEnabled()
    buttons[Step.examples].click()
    assert desk.session.step is Step.examples
    assert not desk.window.back.isEnabled()


def test_problems_stop_continue_and_enter_does_not_slip_through(shown, qtbot, tmp_path):
    desk = shown
    check_problems(desk, tmp_path)
    assert not desk.window.next.isEnabled()
    assert "must be mended" in desk.window.why_not.text()
    qtbot.keyClick(desk.window, Qt.Key.Key_Return)
    assert desk.session.step is Step.check


def test_a_wrong_file_is_told_on_the_start_page(shown, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3\x04")
    assert drop(shown.app.screens.start.drop_zone, path)
    assert shown.start.failure is not None
    assert shown.session.project is None


def test_a_drop_of_text_is_not_taken(shown):
    zone, mime = shown.app.screens.start.drop_zone, QMimeData()
    mime.setText("not a file")
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(zone.rect().center(), copy, mime, left, Qt.NoModifier)
    enter.setAccepted(False)
    QApplication.sendEvent(zone, enter)
    assert not enter.isAccepted()


def test_coming_back_to_a_training_shows_its_whole_curve(qapp, look, qtbot, tmp_path):
    first = Desk(qapp, tmp_path / "desk", steps=200, seconds=0.05)
    trained(first, qtbot, tmp_path)
    train = first.session.watcher("train")
    qtbot.waitUntil(lambda: train.status.step >= 3, timeout=PATIENCE)
    folder, before = first.session.project.folder, train.status.step
    first.leave = Leave.keep_going
    assert first.window.close()
    assert first.asked == 1
    first.session.open(None)
    second = Desk(qapp, tmp_path / "desk")
    second.start.open(folder)
    again = second.session.watcher("train")
    assert second.session.step is Step.train
    assert second.session.training_alive()
    steps = [point.step for point in again.status.losses]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= before
    again.handle.stop()
    qtbot.waitUntil(lambda: again.status.outcome is Outcome.stopped, timeout=PATIENCE)
    second.end()
    first.end()


@pytest.mark.parametrize("answer", list(Leave))
def test_closing_during_a_training_asks(qapp, look, qtbot, tmp_path, answer):
    desk = Desk(qapp, tmp_path / "desk", steps=400, seconds=0.05)
    desk.window.show()
    trained(desk, qtbot, tmp_path)
    train = desk.session.watcher("train")
    qtbot.waitUntil(desk.session.training_alive, timeout=PATIENCE)
    desk.leave = answer
    closed = desk.window.close()
    assert desk.asked == 1
    assert closed == (answer is not Leave.stay)
    if answer is Leave.stop:
        qtbot.waitUntil(lambda: train.status.outcome is Outcome.stopped, timeout=PATIENCE)
    else:
        train.read()
        assert train.handle.alive()
    desk.end()


def test_closing_without_a_training_does_not_ask(shown, tmp_path):
    shown.start.add_files([table(tmp_path)])
    assert shown.window.close()
    assert shown.asked == 0


def test_a_finished_project_lands_on_its_verdict(shown, qtbot, tmp_path):
    trained(shown, qtbot, tmp_path)
    train = shown.session.watcher("train")
    qtbot.waitUntil(lambda: train.status.outcome is Outcome.completed, timeout=PATIENCE)
    folder = shown.session.project.folder
    shown.session.open(None)
    assert [item.name for item in shown.start.projects] == [folder.name]
    assert shown.app.screens.start.isVisible()
    shown.app.screens.start.cards[0].face.click()
    assert shown.session.step is Step.quality


def test_the_list_follows_a_training_and_keeps_the_keyboard(shown, qtbot, tmp_path):
    shown.start.add_files([table(tmp_path)])
    folder = shown.session.project.folder
    shown.session.open(None)
    page = shown.app.screens.start
    card = page.cards[0]
    card.face.setFocus()
    with Project.open(folder) as project:
        run = project.new_run("train")
    said = (p.Started(job="Train", pid=1), p.Finished(outcome="stopped"))
    run.events.write_bytes(b"".join(p.encode(event) + b"\n" for event in said))
    shown.start.refresh()
    assert page.cards == [card]
    assert "it can go on" in card.face.accessibleName()
    assert card.face.hasFocus()


def test_failures_of_nobody_are_shown_and_can_be_put_away(shown, qtbot, tmp_path):
    shown.start.add_files([table(tmp_path)])
    shown.window.show_failure(UNEXPECTED)
    assert shown.window.error.isVisible()
    shown.window.error.closed.emit()
    shown.window.next.click()
    assert not shown.window.error.isVisible()


def test_the_window_comes_back_where_it_was(qapp, look, tmp_path):
    first = Desk(qapp, tmp_path / "desk")
    first.window.resize(1000, 700)  # no larger than the screen of tests
    first.window.show()
    first.window.close()
    second = Desk(qapp, tmp_path / "desk")
    assert (second.window.width(), second.window.height()) == (1000, 700)
    second.end()
    first.end()


def test_colours_and_text_size_are_kept(shown):
    shown.window.side.look.click()
    assert shown.app.models.preferences.value.theme == "dark"
    larger = [a for a in shown.window.side.menu.actions() if a.text() == "150% text"]
    larger[0].trigger()
    assert shown.app.theme.scale == 150
    assert shown.app.models.preferences.text_percent == 150


def test_keys_change_the_text_size(shown, qtbot):
    qtbot.keyClick(shown.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.app.theme.scale == 115)
    qtbot.keyClick(shown.window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.app.theme.scale == 100)


def test_mnemonics_reach_the_buttons(shown, qtbot, tmp_path):
    shown.start.add_files([table(tmp_path)])
    qtbot.keyClick(shown.window, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: shown.session.step is Step.check)
    qtbot.keyClick(shown.window, Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: shown.session.step is Step.examples)


def test_a_dialog_answers_what_was_clicked(shown, qtbot):
    for name, answer in (("keep", Leave.keep_going), ("stop", Leave.stop), ("stay", Leave.stay)):
        dialog = LeaveDialog(shown.window)
        qtbot.addWidget(dialog)
        getattr(dialog, name).click()
        assert dialog.answer is answer
    untouched = LeaveDialog(shown.window)
    qtbot.addWidget(untouched)
    untouched.reject()
    assert untouched.answer is Leave.stay


def test_the_dialog_has_room_for_its_words(shown, qtbot):
    shown.app.theme.set_scale(200)
    dialog = LeaveDialog(shown.window)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for made in (dialog.keep, dialog.stop, dialog.stay):
        assert made.width() >= made.minimumSizeHint().width()


def test_files_are_chosen_through_our_own_door(shown, monkeypatch, tmp_path):
    path = table(tmp_path)
    monkeypatch.setattr("ui.pages.start.ask_paths", lambda *_args, **_options: (path,))
    shown.app.screens.start.drop_zone.click()
    assert shown.model(Step.examples).rows == 60
    assert isinstance(shown.launcher.jobs[0], p.ImportData)


def test_the_keyboard_goes_from_a_page_made_late_to_the_buttons_below_it(shown, tmp_path):
    shown.start.add_files([table(tmp_path)])
    window, page = shown.window, shown.page(Step.examples)
    chain = [window.nextInFocusChain()]
    while chain[-1] is not window:
        chain.append(chain[-1].nextInFocusChain())
    places = [chain.index(own) for own in vars(page).values() if isinstance(own, QAbstractButton)]
    assert places
    assert max(places) < chain.index(window.back) < chain.index(window.next)
