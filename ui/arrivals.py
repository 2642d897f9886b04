"""What comes to the window from outside: a second start hands its files over, the first is raised.

One window for each person and settings folder. A lock that the system frees on death says who is
first; a socket carries what the others were started with.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import filelock
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from zeroapp import paths

PATIENCE_MS = 3000
# The first one may just be starting, from a slow disk; an app that does not answer by then hangs.
ANSWER_MS = 15_000
_TOKEN = "XDG_ACTIVATION_TOKEN"
_LONGEST = 1 << 20


class Arrivals(QObject):
    """arrived(paths): files or projects to open; empty when the window is only to be raised."""

    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = filelock.FileLock(paths.settings_dir() / "window.lock", blocking=False)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def first(self) -> bool:
        """Whether no other window is open; from then on this one hears of later starts."""
        try:
            paths.settings_dir().mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout:
            return False
        except OSError:
            return True  # a home that cannot be written has no lock; two windows do no harm
        name = socket_name()
        QLocalServer.removeServer(name)  # of one that was killed
        self._server.listen(name)
        return True

    def hand_over(self, files: Sequence[Path], environ: Mapping[str, str]) -> bool:
        """Give the files to the window that is open; False when it does not answer.

        environ: holds the token with which some desktops let a window come to the front.
        """
        socket = QLocalSocket()
        socket.connectToServer(socket_name())
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        said = {"paths": [str(file) for file in files], "token": environ.get(_TOKEN, "")}
        socket.write(json.dumps(said).encode() + b"\n")
        socket.flush()
        return socket.waitForReadyRead(ANSWER_MS)

    def close(self) -> None:
        """The window closes: the next start opens one."""
        self._server.close()
        self._lock.release()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine() and socket.bytesAvailable() < _LONGEST:
            return
        with contextlib.suppress(ValueError, TypeError, KeyError):
            said = json.loads(bytes(socket.readLine(_LONGEST).data()))
            files = tuple(Path(str(one)) for one in said["paths"])
            if said.get("token"):
                os.environ[_TOKEN] = str(said["token"])
            socket.write(b"ok\n")
            socket.flush()
            self.arrived.emit(files)
        socket.disconnectFromServer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """MacOS tells of a double-clicked file by an event; installed on the application."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.arrived.emit((Path(event.file()),))
            return True
        return super().eventFilter(watched, event)


def socket_name() -> str:
    """Where the open window listens: one name for each person and settings folder."""
    whose = f"{paths.settings_dir().absolute()}".encode()
    name = f"zeroapp-{hashlib.sha256(whose).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name
    private = os.environ.get("XDG_RUNTIME_DIR", "")
    return str(Path(private if Path(private).is_dir() else tempfile.gettempdir()) / name)
