"""What is handed to the desktop, and what is said where no program takes it."""

import sys

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from support.desk import table
from ui import app
from ui.home import Home


@pytest.fixture
def handed(monkeypatch):
    """The addresses that the desktop was given; it has a program for none of them."""
    found = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: found.append(url) and False)
    return found


def told(window) -> list[str]:
    return [box.text() for box in window.findChildren(QMessageBox) if box.isVisible()]


def test_a_project_folder_that_nothing_shows_is_named_instead(desk, qapp, handed, tmp_path):
    Home(qapp, desk.window, desk.app.models)
    desk.window.show()
    desk.start.add_files([table(tmp_path)])
    desk.window.side.folder.click()
    folder = desk.session.project.folder
    assert [url.toLocalFile() for url in handed] == [str(folder)]
    [said] = told(desk.window)
    assert str(folder) in said


def test_a_folder_that_is_shown_needs_no_words(desk, qapp, monkeypatch, tmp_path):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    Home(qapp, desk.window, desk.app.models)
    desk.window.show()
    desk.start.add_files([table(tmp_path)])
    desk.window.side.folder.click()
    assert told(desk.window) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_the_next_step_is_said(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert app.main([]) == 1
    assert "zeroapp --help" in capsys.readouterr().err
