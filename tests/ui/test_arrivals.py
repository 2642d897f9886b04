"""One window: a second start hands its files over and ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket

from ui.arrivals import Arrivals, socket_name

# A second process loads Qt first; on a busy machine that takes seconds.
PATIENCE = 30_000
SECOND = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.arrivals import Arrivals
app = QCoreApplication([])
arrivals = Arrivals()
files = [Path(path) for path in sys.argv[1:]]
print("first" if arrivals.first() else arrivals.hand_over(files, os.environ))
"""


@pytest.fixture
def arrivals(qapp, zeroapp_home, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = Arrivals()
    assert made.first()
    yield made
    made.close()


def test_a_second_start_hands_over_and_is_not_first(arrivals, qtbot):
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", SECOND, "/tmp/Été 1.zeroapp", "/tmp/b.csv"]
    with qtbot.waitSignal(arrivals.arrived, timeout=PATIENCE) as told:
        second = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert told.args == [(Path("/tmp/Été 1.zeroapp"), Path("/tmp/b.csv"))]
    assert second.communicate(timeout=30)[0].strip() == "True"


def test_after_the_first_has_closed_the_next_is_first(arrivals):
    arrivals.close()
    again = Arrivals()
    assert again.first()
    again.close()


def test_a_socket_that_a_killed_window_left_is_no_obstacle(arrivals):
    arrivals._lock.release()
    arrivals._server.close()
    Path(socket_name()).touch()
    again = Arrivals()
    assert again.first()
    assert again._server.isListening()
    again.close()


@pytest.mark.parametrize("said", [b"nonsense\n", b'{"paths": 7}\n', b"[]\n", b"{}\n"])
def test_nonsense_on_the_socket_is_dropped(arrivals, qtbot, said):
    heard = []
    arrivals.arrived.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(socket_name())
    assert socket.waitForConnected(PATIENCE)
    with qtbot.waitSignal(socket.disconnected, timeout=PATIENCE):
        socket.write(said)
        socket.flush()
    assert heard == []


def test_the_desktop_token_is_passed_on(arrivals, qtbot, monkeypatch):
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    socket = QLocalSocket()
    socket.connectToServer(socket_name())
    assert socket.waitForConnected(PATIENCE)
    with qtbot.waitSignal(arrivals.arrived, timeout=PATIENCE):
        socket.write(json.dumps({"paths": [], "token": "abc"}).encode() + b"\n")
        socket.flush()
    import os

    assert os.environ.pop("XDG_ACTIVATION_TOKEN") == "abc"


def test_a_start_of_another_version_is_understood(arrivals, qtbot):
    """Two versions side by side share one window: a newer one may say more than this one knows."""
    socket = QLocalSocket()
    socket.connectToServer(socket_name())
    assert socket.waitForConnected(PATIENCE)
    with qtbot.waitSignal(arrivals.arrived, timeout=PATIENCE) as told:
        socket.write(json.dumps({"version": "9.0", "paths": ["/tmp/a.csv"]}).encode() + b"\n")
        socket.flush()
    assert told.args == [(Path("/tmp/a.csv"),)]


def test_a_file_that_macos_hands_over_arrives(arrivals, qtbot):
    event = QFileOpenEvent(QUrl.fromLocalFile("/tmp/x.zeroapp"))
    assert event.type() == QEvent.Type.FileOpen
    with qtbot.waitSignal(arrivals.arrived) as told:
        arrivals.eventFilter(QObject(), event)
    assert told.args == [(Path("/tmp/x.zeroapp"),)]


def test_a_home_that_cannot_be_written_opens_a_window_all_the_same(qapp, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZEROAPP_HOME", str(tmp_path / "file"))
    assert Arrivals().first()
