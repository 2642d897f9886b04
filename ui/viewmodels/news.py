"""What is worth a word when nobody looks: a training that took long has ended. QtCore only."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ui import words
from ui.viewmodels.session import Session
from zeroapp.report import TextReport
from zeroapp.status import Outcome, RunStatus, State

LONG = 60.0
"""Seconds of work after which people have turned to something else."""


class NewsModel(QObject):
    """told(title, text): something long has ended. at_work(text): what is going on, or ""."""

    told = Signal(str, str)
    at_work = Signal(str)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self._began: float | None = None
        watcher = session.watcher("train")
        watcher.status_changed.connect(self._changed)
        watcher.ended.connect(self._ended)

    def _changed(self, status: RunStatus) -> None:
        if self._session.watcher("train").handle is None or status.state is State.ended:
            self.at_work.emit("")
            return
        if self._began is None:
            self._began = self._clock()
        self.at_work.emit(_doing(status))

    def _ended(self, status: RunStatus) -> None:
        began, self._began = self._began, None
        self.at_work.emit("")
        if began is not None and self._clock() - began >= LONG:
            self.told.emit(*_said(status))


def _doing(status: RunStatus) -> str:
    return f"Training, step {status.step} of {status.steps}" if status.steps else "Training"


def _said(status: RunStatus) -> tuple[str, str]:
    if status.judged is not None and status.outcome is Outcome.completed:
        report = status.judged.report
        if isinstance(report, TextReport):
            return "Your model is ready", "Open zeroapp to read what it writes."
        right, of = words.of_hundred(report.right, report.n)
        return "Your model is ready", f"Right on {right} of {of} it had never seen."
    if status.outcome is Outcome.failed:
        return "Training needs a look", "What was saved is safe. Open zeroapp to see what to do."
    return "Training has stopped", "It can go on from where it was."
