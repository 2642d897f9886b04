"""“Fix these rows”: one doubted label after the other, decided with one key each. QtCore only."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ui import words
from ui.binding import Observable, Property
from ui.errors import failure_of
from ui.shown_data import FixItem
from ui.viewmodels.session import Session
from zeroapp.data import editing
from zeroapp.data.examples import example_of
from zeroapp.dataset import Row
from zeroapp.edits import Edit, Reason, said
from zeroapp.errors import AppError, Failure
from zeroapp.inspection import Suspect
from zeroapp.project import Project

Decide = Callable[[Project, int], Edit | None]


class FixModel(Observable):
    """The doubted rows, best first. Every decision is an edit, so every one can be taken back.

    item: the row in question, None when all are decided. progress: "3 of 12"; done, total: the
    same as numbers. told: what was decided last. finished(): the last row was decided.
    """

    finished = Signal()
    item: Property[FixItem | None] = Property(None)
    progress = Property("")
    done = Property(0)
    total = Property(0)
    told = Property("")
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[tuple[Suspect, Row]] = []
        self._labels: tuple[str, ...] = ()

    def entered(self) -> None:
        """Look up which rows are doubted, and begin with the first."""
        project = self._session.project
        self.told, self.failure, self._rows = "", None, []
        if project is not None:
            self._rows = editing.doubted(project.store, column=self._column(project))
            profile = project.profile()
            known = [label.label for label in profile.labels] if profile else []
            found = [name for s, _ in self._rows for name in (s.given, s.suggested)]
            self._labels = tuple(sorted(dict.fromkeys([*known, *found])))
        self.total, self.done = len(self._rows), 0
        self._show()

    # --- decisions -------------------------------------------------------------------------------

    def keep(self) -> None:
        """The label is right as it is."""
        self._decide(lambda p, row: editing.keep_label(p.store, row, column=self._column(p)))

    def take(self) -> None:
        """The suggestion is right."""
        if self.item is not None:
            self.choose(self.item.suggested)

    def choose(self, label: str) -> None:
        """Another label is right."""
        if self.item is not None and label == self.item.given:
            self.keep()
            return
        self._decide(
            lambda p, row: editing.set_cells(p.store, [row], column=self._column(p), value=label)
        )

    def delete(self) -> None:
        """The row should not be there at all."""
        self._decide(lambda p, row: editing.bin_rows(p.store, [row], reason=Reason.suggestion))

    def undo(self) -> None:
        """Go back to the row before and forget what was decided about it."""
        project = self._session.project
        if project is None or not self.done:
            return
        edit = project.store.undo()
        self.done -= 1
        self.told = f"Undone: {said(edit)}." if edit else ""
        self._show()

    def _decide(self, call: Decide) -> None:
        project, item = self._session.project, self.item
        if project is None or item is None:
            return
        try:
            edit = call(project, item.row)
        except AppError as error:
            self.failure = failure_of(error)
            return
        self.told = f"{said(edit)}." if edit else ""
        self.done += 1
        self._show()
        if self.item is None:
            self.finished.emit()

    def _column(self, project: Project) -> str:
        return project.roles().get("label", "")

    def _show(self) -> None:
        project = self._session.project
        if project is None or self.done >= self.total:
            self.item = None
            self.progress = "All decided" if self.total else "Nothing is doubted"
        else:
            self.item = self._item(project, *self._rows[self.done])
            self.progress = f"{self.done + 1:,} of {words.count(self.total)}"
        self._session.refresh()

    def _item(self, project: Project, suspect: Suspect, row: Row) -> FixItem:
        example = example_of(row, roles=project.roles(), project=project.folder)
        pair = (suspect.given, suspect.suggested)
        return FixItem(
            row=row.id,
            text=example.name or example.text,
            given=suspect.given,
            suggested=suspect.suggested,
            sure=f"{100 * suspect.confidence:.0f} of 100",
            where=f"{row.file}, line {words.count(row.line)}",
            others=tuple(label for label in self._labels if label not in pair),
            picture=example.text if example.name else "",
        )
