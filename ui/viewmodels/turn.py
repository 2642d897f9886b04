"""One job at a time: a project has one lock, so what is in the way is asked to end first."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ui.run_watcher import RunWatcher
from ui.viewmodels.session import Session
from zeroapp.protocol import Job


class Turn(QObject):
    """Starts jobs of one kind, after runs of the kinds in `over` have put themselves away.

    A later `take` replaces one that still waits. refused(): it could not even be started; the
    session has told why.
    """

    refused = Signal()

    def __init__(self, session: Session, *, over: tuple[str, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._in_way = [session.watcher(kind) for kind in over]
        self._waiting: Callable[[], Job | None] | None = None
        for watcher in self._in_way:
            watcher.ended.connect(self._next)
        session.opened.connect(self.drop)

    @property
    def waiting(self) -> bool:
        """Whether a job waits for its turn."""
        return self._waiting is not None

    def take(self, job: Callable[[], Job | None]) -> None:
        """Launch `job()` as soon as nothing is in the way; None from it means: not any more."""
        self._waiting = job
        busy = [watcher for watcher in self._in_way if watcher.busy]
        for watcher in busy:
            _stop(watcher)
        if not busy:
            self._next()

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting = None

    def _next(self) -> None:
        if self._waiting is None or any(watcher.busy for watcher in self._in_way):
            return
        made, self._waiting = self._waiting, None
        job = made()
        if job is not None and self._session.launch(job) is None:
            self.refused.emit()


def _stop(watcher: RunWatcher) -> None:
    if watcher.handle is not None:
        watcher.handle.stop()
