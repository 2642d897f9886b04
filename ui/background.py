"""The one door for short calls off the GUI thread. Long work is a job for the worker instead."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from ui.errors import failure_of
from zeroapp.errors import Failure

Result = TypeVar("Result")


class Door(Protocol):
    """What view-models are given: `Background` in the app, `Inline` in tests."""

    def run(
        self,
        work: Callable[[], Result],
        *,
        done: Callable[[Result], object],
        failed: Callable[[Failure], object] | None = None,
    ) -> None:
        """Call `work`, then `done` with its result in the GUI thread, or `failed`."""


class _Reply(QObject):
    """Carries an outcome over to the GUI thread, where it lives."""

    ready = Signal(object)

    def __init__(self, parent: QObject, take: Callable[[tuple[Any, Failure | None]], None]) -> None:
        super().__init__(parent)
        self._take = take
        self.ready.connect(self.deliver, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def deliver(self, outcome: tuple[Any, Failure | None]) -> None:
        """Hand the outcome on, once."""
        self.deleteLater()
        self._take(outcome)


class _Task(QRunnable):
    def __init__(self, work: Callable[[], Any], reply: _Reply) -> None:
        super().__init__()
        self._work = work
        self._reply = reply

    def run(self) -> None:
        """Call the work and send back what came of it."""
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - this is the door: whatever happens is told
            self._reply.ready.emit((None, failure_of(error)))
        else:
            self._reply.ready.emit((result, None))


class Background(QObject):
    """Runs calls on one small thread pool. `failed` gets what no caller took care of.

    waits: nothing is begun before `begin`, so that it does not take time from the first frame.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, waits: bool = False) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._waiting: list[_Task] | None = [] if waits else None

    def begin(self) -> None:
        """Begin what waits, and from now on everything at once."""
        waiting, self._waiting = self._waiting or [], None
        for task in waiting:
            self._pool.start(task)

    def run(
        self,
        work: Callable[[], Result],
        *,
        done: Callable[[Result], object],
        failed: Callable[[Failure], object] | None = None,
    ) -> None:
        """Call `work` on a thread; `done` or `failed` follow in the GUI thread."""

        def take(outcome: tuple[Any, Failure | None]) -> None:
            result, failure = outcome
            if failure is None:
                done(result)
            else:
                (failed or self.failed.emit)(failure)

        reply = _Reply(self, take)
        task = _Task(work, reply)
        if self._waiting is None:
            self._pool.start(task)
        else:
            self._waiting.append(task)

    def finish(self) -> None:
        """Wait for what is running, at most two seconds; the app calls it when it closes."""
        self._pool.waitForDone(2000)


class Inline:
    """Calls at once in the caller's thread; for tests of view-models."""

    def run(
        self,
        work: Callable[[], Result],
        *,
        done: Callable[[Result], object],
        failed: Callable[[Failure], object] | None = None,
    ) -> None:
        """Call `work` and then `done`; without `failed` an AppError is raised."""
        try:
            result = work()
        except Exception as error:
            if failed is None:
                raise
            failed(failure_of(error))
        else:
            done(result)
