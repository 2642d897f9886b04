"""Every screen can be used without a mouse and without eyes, and nothing is cut at large text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from support import run_screens, screens
from ui.widgets.drop_zone import DropZone

SCREENS = screens.SCREENS | run_screens.SCREENS


def focusable(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
    ]


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


@pytest.fixture(params=SCREENS)
def screen(request, desk, tmp_path, qtbot):
    """The window with one screen, as small as it may be."""
    desk.window.resize(1000, 680)
    with qtbot.waitExposed(desk.window):
        desk.window.show()
    SCREENS[request.param](desk, tmp_path)
    return desk


def test_everything_that_takes_the_keyboard_has_a_name(screen):
    widgets = focusable(screen.window)
    assert widgets
    nameless = [f"{type(w).__name__} {w.objectName()}" for w in widgets if not name_of(w).strip()]
    assert nameless == []


def test_tab_reaches_everything_and_comes_round(screen):
    """Qt's focus chain is a ring; what is visible must be in it once."""
    window = screen.window
    start = at = window
    seen = []
    while (at := at.nextInFocusChain()) is not start:
        assert len(seen) < 2000  # far more widgets than any page has: the ring must close
        seen.append(at)
    assert set(focusable(window)) <= set(seen)


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_nothing_is_wider_than_the_window(screen, percent, qtbot):
    screen.app.theme.set_scale(percent)
    qtbot.wait(20)  # a turn of the event loop, so that layouts follow the new font
    assert screen.window.view.horizontalScrollBar().maximum() == 0
    assert screen.window.width() == 1000


def test_single_lines_are_not_cut(screen, qtbot):
    screen.app.theme.set_scale(130)
    qtbot.wait(20)
    for text in screen.window.findChildren(QLabel):
        if text.isVisible() and not text.wordWrap() and not text.pixmap().width():
            assert text.width() >= text.minimumSizeHint().width(), text.text()


def test_buttons_say_their_words_in_full(screen, qtbot):
    screen.app.theme.set_scale(130)
    qtbot.wait(20)
    for button in screen.window.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and not isinstance(button, DropZone):
            assert button.width() >= button.minimumSizeHint().width(), button.text()


def test_drop_zones_are_buttons_for_screen_readers(desk):
    for zone in desk.window.findChildren(DropZone):
        role = QAccessible.queryAccessibleInterface(zone).role()
        assert role == QAccessible.Role.Button
