"""The deeper checks: they start by themselves after the first look, and arrive one by one."""

from PySide6.QtCore import QObject, Signal

from ui import words
from ui.binding import Observable, Property
from ui.shown import Doing
from ui.shown_data import LookItem
from ui.viewmodels.session import Session
from zeroapp.inspection import Look
from zeroapp.protocol import Inspect
from zeroapp.status import Outcome, RunStatus

_COMING = "Deeper checks"


class Deeper(Observable):
    """doing: the check at work, None when none is. looks: what is done, in order.

    arrived(): another check is done, or the kept ones were read.
    """

    arrived = Signal()

    doing: Property[Doing | None] = Property(None)
    looks: Property[tuple[LookItem, ...]] = Property(())

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._watcher = session.watcher("inspect")
        self._watcher.status_changed.connect(self._told)
        self._watcher.ended.connect(self._ended)
        self.found: tuple[Look, ...] = ()
        self._begun_for = (-1, "")

    def entered(self) -> None:
        """Show what is kept; look deeper when that was not done since the data changed."""
        self.show_kept()
        project = self._session.project
        if project is None or project.profile() is None or self._watcher.busy:
            return
        now = (project.store.revision(), self._session.folder)
        if now != self._begun_for and not self._session.training_alive():
            self._begun_for = now
            self.start()

    def start(self) -> None:
        """Make the checks whose result is not kept."""
        self.doing = Doing(title=_COMING)
        if self._session.launch(Inspect(project=self._session.folder)) is None:
            self.doing = None

    def stop(self) -> None:
        """Stop looking; what was found stays."""
        self.doing = None
        self._session.stop("inspect")

    def show_kept(self) -> None:
        """Read what is kept of today's data."""
        project = self._session.project
        self.found = project.store.looks() if project else ()
        self._say()

    def _told(self, status: RunStatus) -> None:
        if not self._watcher.busy:
            self.doing = None
            return
        self.doing = Doing(
            title=status.phase_title or _COMING,
            detail=words.time_left(status.seconds_left),
            done=status.done,
            total=status.total,
        )
        names = {look.name for look in self.found}
        if any(look.name not in names for look in status.looks):
            self.show_kept()

    def _ended(self, status: RunStatus) -> None:
        self.doing = None
        if status.outcome is Outcome.failed and status.failure is not None:
            self._session.report_failure(status.failure)
        self.show_kept()

    def _say(self) -> None:
        self.looks = tuple(_item(look) for look in self.found)
        self.arrived.emit()


def _item(look: Look) -> LookItem:
    if look.skipped:
        state = f"Not made: {look.skipped[:1].lower()}{look.skipped[1:]}"
    elif look.problems:
        state = words.plural(len(look.problems), "finding")
    else:
        state = "Nothing found"
    return LookItem(title=look.title, state=state, blind=look.blind, found=bool(look.problems))
