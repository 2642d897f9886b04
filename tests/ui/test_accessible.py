"""Every screen can be used without a mouse and without eyes, and nothing is cut at large text."""

import contextlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from support import run_screens, screens, text_screens
from ui.widgets.drop_zone import DropZone

SCREENS = screens.SCREENS | run_screens.SCREENS | text_screens.SCREENS


def focusable(window: QWidget) -> list[QWidget]:
    """What Tab can stop at; a field inside a spin box hands the keyboard on to it."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.focusProxy() is None
    ]


def name_of(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def tab_ring(window: QWidget) -> list[QWidget]:
    """Qt's focus chain from the window round to itself."""
    seen, at = [], window.nextInFocusChain()
    while at is not window:
        assert len(seen) < 5000  # far more widgets than the window has: the ring must close
        seen.append(at)
        at = at.nextInFocusChain()
    return seen


def cut_words(window: QWidget) -> list[str]:
    """Words on buttons and single lines that have less room than they need."""
    buttons = [b for b in window.findChildren(QAbstractButton) if not isinstance(b, DropZone)]
    lines = [text for text in window.findChildren(QLabel) if not text.wordWrap()]
    return [
        f"{widget.text()}: {widget.width()} of {widget.minimumSizeHint().width()}"
        for widget in (*buttons, *lines)
        if widget.isVisible() and widget.text()
        # Layouts share out whole pixels; one may be missing.
        if widget.width() + 1 < widget.minimumSizeHint().width()
    ]


def settle(qtbot, window: QWidget) -> None:
    """Layouts follow a new font over some turns of the event loop; a busy machine takes longer."""
    qtbot.wait(20)
    with contextlib.suppress(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: not cut_words(window), timeout=2000)


@pytest.fixture(params=SCREENS)
def screen(request, desk, tmp_path, qtbot):
    """The window with one screen, as small as it may be."""
    desk.window.resize(1000, 680)
    with qtbot.waitExposed(desk.window):
        desk.window.show()
    SCREENS[request.param](desk, tmp_path)
    return desk


def test_the_keyboard_reaches_everything_and_everything_has_a_name(screen):
    widgets = focusable(screen.top)
    assert widgets
    nameless = [f"{type(w).__name__} {w.objectName()}" for w in widgets if not name_of(w).strip()]
    assert nameless == []
    assert set(widgets) <= set(tab_ring(screen.top))
    keys = [b.shortcut().toString() for b in widgets if isinstance(b, QAbstractButton)]
    keys = [key for key in keys if key]
    assert sorted(keys) == sorted(set(keys)), "two buttons answer to one key, so neither does"


def test_larger_text_is_not_cut_and_needs_no_sideways_scrolling(screen, qtbot):
    for percent in (100, 130, 150, 200):
        screen.app.theme.set_scale(percent)
        settle(qtbot, screen.top)
        assert cut_words(screen.top) == [], percent
        assert screen.window.view.horizontalScrollBar().maximum() == 0, percent
        assert screen.window.width() == 1000


def test_drop_zones_are_buttons_for_screen_readers(desk):
    zones = desk.window.findChildren(DropZone)
    assert zones
    for zone in zones:
        role = QAccessible.queryAccessibleInterface(zone).role()
        assert role == QAccessible.Role.Button
