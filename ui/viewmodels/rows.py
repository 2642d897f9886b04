"""All rows: look through them, search, edit, and take every change back. QtCore only."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from ui import words
from ui.binding import Observable, Property
from ui.errors import failure_of
from ui.shown_data import KindItem
from ui.viewmodels.rows_table import RowsTable
from ui.viewmodels.session import Session
from zeroapp.data import editing
from zeroapp.data.searching import Wanted, find_rows
from zeroapp.edits import Edit, said
from zeroapp.errors import AppError, Failure
from zeroapp.project import Project
from zeroapp.work import Stopped


class RowsModel(Observable):
    """What the window with all rows shows and does.

    table: the rows as a Qt model. count: how many are shown, in words. kinds: the labels there
    are. label: the column that holds them. told: what was done last. undo_text, redo_text: what
    Undo and Redo would do ("" when nothing). busy: a search is at work. binned: rows in the bin.
    shown(): other rows are shown now.
    """

    shown = Signal()
    count = Property("")
    kinds: Property[tuple[KindItem, ...]] = Property(())
    label = Property("")
    told = Property("")
    undo_text = Property("")
    redo_text = Property("")
    busy = Property(default=False)
    binned = Property(0)
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = Wanted()
        self._among: tuple[int, ...] = ()
        self._search = 0
        self.table = RowsTable(self._set_cell, self)
        session.opened.connect(self._forget)

    def show_every(self) -> None:
        """Look at all rows again, not only at those the window was opened for."""
        self._among = ()
        self.find(self._wanted.text, value=self._wanted.value, binned=self._wanted.binned)

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return self._wanted

    def entered(self, *, among: Sequence[int] = ()) -> None:
        """The window is shown: look at the project as it is now. among: at these rows only."""
        self.told, self._among = "", tuple(among)
        self.find("")
        self._tally()

    def find(self, text: str, *, value: str | None = None, binned: bool = False) -> None:
        """Show rows with this text and this kind, or those in the bin."""
        project = self._session.project
        if project is None:
            return
        self.label = project.roles().get("label", "")
        self._wanted = Wanted(
            text=text.strip(), column=self.label, value=value, binned=binned, among=self._among
        )
        self._search += 1
        mine, wanted = self._search, self._wanted
        self.busy = True
        self._session.door.run(
            lambda: _found(project, wanted, stop=lambda: self._search != mine),
            done=lambda ids: self._show(ids, search=mine),
        )
        self._offer()

    def _show(self, ids: "array[int] | None", *, search: int) -> None:
        project = self._session.project
        if ids is None or search != self._search or project is None:
            return
        self.busy = False
        used = [name for name in project.roles().values() if name in project.columns()]
        columns = dict.fromkeys([*used, *project.columns()])
        self.table.show(project.store, ids=ids, columns=tuple(columns))
        what = " in the bin" if self._wanted.binned else " to look at" if self._among else ""
        self.count = f"{words.plural(len(ids), 'row')}{what}"
        self.shown.emit()

    # --- edits -----------------------------------------------------------------------------------

    def set_label(self, places: Sequence[int], label: str) -> None:
        """Give the rows at these places a label."""
        ids = self.table.ids(places)
        self._do(lambda p: editing.set_cells(p.store, ids, column=self.label, value=label))

    def delete(self, places: Sequence[int]) -> None:
        """Put rows into the bin, or out of it while the bin is shown."""
        ids = self.table.ids(places)
        call = editing.restore_rows if self._wanted.binned else editing.bin_rows
        self._do(lambda p: call(p.store, ids), rows_too=True)

    def rename(self, before: Sequence[str], after: str) -> None:
        """Rename a label, or merge labels into one."""
        after = after.strip()
        if after:
            self._do(
                lambda p: editing.rename_values(p.store, before, column=self.label, after=after),
                rows_too=self._wanted.value is not None,
            )

    def drop_duplicates(self) -> None:
        """Put rows that repeat a text and its label into the bin."""
        self._do(lambda p: editing.drop_duplicates(p.store, roles=p.roles()), rows_too=True)

    def undo(self) -> None:
        """Take the last change back."""
        self._do(lambda p: p.store.undo(), word="Undone: {}", rows_too=True)

    def redo(self) -> None:
        """Do again what was undone."""
        self._do(lambda p: p.store.redo(), word="Done again: {}", rows_too=True)

    def _set_cell(self, row: int, column: str, text: str) -> bool:
        return self._do(lambda p: editing.set_cells(p.store, [row], column=column, value=text))

    def _do(
        self, call: Callable[[Project], Edit | None], *, word: str = "{}", rows_too: bool = False
    ) -> bool:
        """Make one change and tell of it; rows_too: other rows may be shown after it."""
        project = self._session.project
        if project is None:
            return False
        try:
            edit = call(project)
        except AppError as error:
            self.failure = failure_of(error)
            return False
        self.failure = None
        if edit is None:
            self.told = "Nothing had to be changed."
            return False
        self.told = f"{word.format(said(edit))}."
        self._session.refresh()
        self.table.renew()
        if rows_too:
            wanted = self._wanted
            self.find(wanted.text, value=wanted.value, binned=wanted.binned)
        self._offer()
        self._tally()
        return True

    # --- what is shown besides -------------------------------------------------------------------

    def _offer(self) -> None:
        project = self._session.project
        if project is None:
            return
        undo, redo = project.store.undoable(), project.store.redoable()
        self.undo_text = said(undo) if undo else ""
        self.redo_text = said(redo) if redo else ""
        self.binned = len(project.store.binned_now())

    def _tally(self) -> None:
        """Count the labels anew, in the background: a million rows take seconds."""
        project, column = self._session.project, self.label
        if project is None or not column:
            self.kinds = ()
            return
        self._session.door.run(lambda: _counted(project, column), done=self._counted)

    def _counted(self, counts: Counter[str]) -> None:
        self.kinds = tuple(KindItem(name=n, count=c) for n, c in counts.most_common())

    def _forget(self) -> None:
        self._search += 1
        self.table.show(None, ids=array("q"), columns=())
        self.kinds, self.told, self.undo_text, self.redo_text = (), "", "", ""


def _found(project: Project, wanted: Wanted, *, stop: Callable[[], bool]) -> "array[int] | None":
    """Searches on a connection of its own, so that nobody waits for it."""
    store = project.store.again()
    try:
        return find_rows(store, wanted, stop=stop)
    except Stopped:
        return None
    finally:
        store.close()


def _counted(project: Project, column: str) -> Counter[str]:
    store = project.store.again()
    try:
        return editing.value_counts(store, column=column)
    finally:
        store.close()
