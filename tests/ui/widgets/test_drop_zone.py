"""The drop zone is a button that also takes files."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from ui.widgets.drop_zone import DropZone

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.NoModifier


@pytest.fixture(params=[False, True], ids=["large", "compact"])
def zone(request, qtbot):
    made = DropZone("Drop here", hint="A table.", formats="CSV", compact=request.param)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def carried(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def send_enter(zone, mime) -> bool:
    event = QDragEnterEvent(zone.rect().center(), COPY, mime, LEFT, NONE)
    event.setAccepted(False)
    QApplication.sendEvent(zone, event)
    return event.isAccepted()


def test_files_are_told_as_paths(zone, qtbot):
    mime = carried("file:///tmp/one%20file.csv", "file:///tmp/two.csv")
    assert send_enter(zone, mime)
    event = QDropEvent(QPointF(zone.rect().center()), COPY, mime, LEFT, NONE)
    with qtbot.waitSignal(zone.dropped) as heard:
        QApplication.sendEvent(zone, event)
    assert heard.args == [[Path("/tmp/one file.csv"), Path("/tmp/two.csv")]]
    assert event.isAccepted()


def test_web_addresses_are_no_files(zone):
    assert not send_enter(zone, carried("https://example.com/a.csv"))


def test_it_looks_different_while_files_hover(zone):
    def picture() -> bytes:
        return bytes(zone.grab().toImage().constBits())

    send_enter(zone, carried("file:///tmp/a.csv"))
    hovering = picture()
    QApplication.sendEvent(zone, QDragLeaveEvent())
    assert picture() != hovering


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_choose_files(zone, qtbot, key):
    with qtbot.waitSignal(zone.clicked):
        qtbot.keyClick(zone, key)


def test_the_ring_is_for_those_who_come_by_keyboard(zone):
    def picture(reason) -> bytes:
        zone.clearFocus()
        zone.setFocus(reason)
        return bytes(zone.grab().toImage().constBits())

    by_mouse = picture(Qt.FocusReason.MouseFocusReason)
    assert picture(Qt.FocusReason.TabFocusReason) != by_mouse


def test_long_hints_take_more_lines_when_it_is_narrow(qtbot):
    made = DropZone("Drop here", hint="word " * 40)
    qtbot.addWidget(made)
    assert made.heightForWidth(300) > made.heightForWidth(900)
