"""Help: what a report for the makers would hold, and saving it. QtCore only."""

from pathlib import Path

from PySide6.QtCore import QObject

from ui.binding import Observable, Property
from ui.viewmodels.session import Session
from zeroapp import problem_report
from zeroapp.errors import Failure
from zeroapp.problem_report import Entry


class HelpModel(Observable):
    """entries: the files of the report, shown before anything is saved. saved: where it went."""

    entries: Property[tuple[Entry, ...]] = Property(())
    saved = Property("")
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def gather(self, failure: Failure | None = None) -> None:
        """Put the report together; nothing is written."""
        project = self._session.project
        folder = project.folder if project is not None else None
        self.saved = ""
        self._session.door.run(
            lambda: problem_report.gather(failure=failure, project=folder), done=self._gathered
        )

    def save(self, place: Path) -> None:
        """Write exactly what was shown."""
        entries = self.entries
        self._session.door.run(
            lambda: problem_report.save(place, entries),
            done=lambda _none: setattr(self, "saved", str(place)),
            failed=lambda failure: setattr(self, "failure", failure),
        )

    def _gathered(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
