"""Follows one run after the other: RunHandle.poll() whenever its log grows -> status_changed.

The watcher is for speed; a 500 ms poll catches what file watchers miss on shared disks.
"""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from zeroapp.protocol import Event, Job
from zeroapp.run_folder import RunFolder
from zeroapp.status import RunStatus, State

POLL_MS = 500


class Handle(Protocol):
    """What the window needs of zeroapp.runs.handle.RunHandle."""

    @property
    def folder(self) -> RunFolder:
        """Whose run this is."""

    @property
    def status(self) -> RunStatus:
        """All that was said so far."""

    def poll(self) -> Sequence[Event]:
        """What was said since the last poll."""

    def alive(self) -> bool:
        """Whether its process is there."""

    def stop(self) -> None:
        """Ask it to save and end."""

    def pause(self) -> None:
        """Ask it to hold still."""

    def resume(self) -> None:
        """Ask it to go on after a pause."""

    def ask(self, text: str, *, temperature: float = 0.0, look: bool = False) -> int:
        """Put a question to a TryOut; returns its number. look: and where in a picture it looks."""


class Launcher(Protocol):
    """How the window starts work; the composition root passes zeroapp.runs, tests a fake."""

    def has_engine(self) -> bool:
        """Whether there is anything to work with; else `launch` makes an engine and no more."""

    def launch(self, job: Job, folder: RunFolder) -> Handle:
        """Start a job in its run folder."""

    def go_on(self, folder: RunFolder) -> Handle:
        """Start a stopped or interrupted run again."""

    def attach(self, folder: RunFolder) -> Handle:
        """Follow a run that is there already, alive or ended."""

    def loose_folder(self, kind: str) -> RunFolder:
        """A place for a run that belongs to no project."""


class RunWatcher(QObject):
    """Tells what one kind of job is doing. Kept for the whole session; runs come and go.

    status_changed(RunStatus) at every news and when a run is taken up; ended(RunStatus) once.
    """

    status_changed = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handle: Handle | None = None
        self._status = RunStatus()
        self._told_end = False
        self._files = QFileSystemWatcher(self)
        self._files.fileChanged.connect(lambda _path: self.read())
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.read)

    @property
    def handle(self) -> Handle | None:
        """The run that is followed."""
        return self._handle

    @property
    def status(self) -> RunStatus:
        """What is known about it; an empty RunStatus when there is none."""
        return self._status

    @property
    def busy(self) -> bool:
        """Whether a run is followed that has not ended."""
        return self._handle is not None and self._status.state is not State.ended

    def watch(self, handle: Handle | None) -> None:
        """Follow `handle` from now on; None forgets the last run."""
        self._timer.stop()
        if self._files.files():
            self._files.removePaths(self._files.files())
        self._handle = handle
        self._status = RunStatus()
        self._told_end = False
        if handle is None:
            self.status_changed.emit(self._status)
            return
        self._timer.start()
        self.read(always=True)

    def read(self, *, always: bool = False) -> None:
        """Look for news now; the timer and the file watcher call this too."""
        handle = self._handle
        if handle is None:
            return
        handle.poll()
        status = handle.status
        if status != self._status or always:
            self._status = status
            self.status_changed.emit(self._status)
        if self._handle is handle:
            self._keep_watching(handle)

    def _keep_watching(self, handle: Handle) -> None:
        if self._status.state is not State.ended:
            events = str(handle.folder.events)
            if events not in self._files.files() and handle.folder.events.exists():
                self._files.addPath(events)
            return
        self._timer.stop()
        if not self._told_end:
            self._told_end = True
            self.ended.emit(self._status)
