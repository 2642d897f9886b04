"""The window with all rows: search, edit in place, labels at the side, undo. Layout only."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme, words
from ui.binding import bind, bind_all
from ui.shown_data import KindItem
from ui.viewmodels.rows import RowsModel
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import button, label, row
from ui.widgets.rows_view import RowsView

_WAIT_MS = 250
_ALL = "All rows"
_BIN = "Bin"
_NAME = Qt.ItemDataRole.UserRole


class RowsDialog(QDialog):
    """All rows of the project. Everything works by keys; what was done is said below."""

    def __init__(self, model: RowsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Your examples")
        self.resize(theme.px(1180), theme.px(760))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search in all rows (Ctrl+F)")
        self.search.setAccessibleName("Search in all rows")
        self.search.setClearButtonEnabled(True)
        self.kinds = QListWidget()
        self.kinds.setAccessibleName("Kinds; F2 renames or merges one")
        self.view = RowsView()
        self.view.setModel(model.table)
        self.count = label(role="muted", wrap=False)
        self.told = label(role="muted")
        self.error = ErrorCard()
        self._make_buttons()
        self._lay_out()
        self._wire()

    def _make_buttons(self) -> None:
        self.every = button("Show &all rows", kind="link")
        self.undo = button("&Undo", icon="rotate-ccw")
        self.redo = button("&Redo")
        self.set_label = button("Set &kind…", icon="tag")
        self.delete = button("&Delete", icon="x")
        self.same = button("Remove dou&bles")
        self.rename = button("R&ename or merge…", kind="quiet")
        self.close_button = button("Do&ne", kind="primary")
        self.same.setToolTip("Puts rows that repeat a text and its kind into the bin.")

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(label("Kinds", role="strong"))
        side.addWidget(self.kinds, 1)
        side.addWidget(self.rename)
        panel = QWidget()
        panel.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.view, 4)
        middle.addWidget(panel, 1)
        body = QVBoxLayout(self)
        body.setContentsMargins(24, 20, 24, 20)
        body.setSpacing(12)
        body.addLayout(row(self.search, self.count, self.every, spacing=14))
        body.addLayout(
            row(self.set_label, self.delete, self.same, None, self.undo, self.redo, spacing=8)
        )
        body.addWidget(self.error)
        body.addLayout(middle, 1)
        body.addLayout(row(self.told, None, self.close_button))

    def _wire(self) -> None:
        model = self._model
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._find)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        self.search.returnPressed.connect(self.view.setFocus)
        self.kinds.currentItemChanged.connect(lambda *_: self._find())
        self.kinds.itemActivated.connect(lambda _item: self._rename())
        self.every.clicked.connect(model.show_every)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self.set_label.clicked.connect(self._choose_label)
        self.delete.clicked.connect(self._delete)
        self.view.delete_wanted.connect(self._delete)
        self.same.clicked.connect(model.drop_duplicates)
        self.rename.clicked.connect(self._rename)
        self.close_button.clicked.connect(self.accept)
        for keys, call in (
            (QKeySequence.StandardKey.Undo, model.undo),
            (QKeySequence("Ctrl+Shift+Z"), model.redo),
            (QKeySequence.StandardKey.Find, self.search.setFocus),
            (QKeySequence("Ctrl+L"), self._choose_label),
        ):
            QShortcut(keys, self).activated.connect(call)
        bind(model, "count", self, to=self.count.setText)
        bind(model, "told", self, to=self.told.setText)
        bind(model, "failure", self, to=self.error.show_failure)
        bind_all(model, ("undo_text", "redo_text"), self, to=self._show_undo)
        bind_all(model, ("kinds", "binned"), self, to=self._show_kinds)
        model.shown.connect(self._shown)

    # --- what the user wants ---------------------------------------------------------------------

    def _find(self) -> None:
        binned = self._in_bin()
        name = None if binned else self._name()
        self._model.find(self.search.text(), value=name, binned=binned)

    def _name(self) -> str | None:
        """The chosen kind, None for all rows and for the bin."""
        found = [item.data(_NAME) for item in self.kinds.selectedItems()]
        return found[0] if found else None

    def _in_bin(self) -> bool:
        return self.kinds.currentRow() == self.kinds.count() - 1 > 0

    def _delete(self) -> None:
        places = self.view.chosen()
        if places:
            self._model.delete(places)
            self.view.go_to(min(places[0], self._model.table.rowCount() - 1))

    def _choose_label(self) -> None:
        places = self.view.chosen()
        if not places:
            self.told.setText("Choose rows first: click one, or press Shift and an arrow key.")
            return
        menu = QMenu(self)
        menu.setAccessibleName("Kind for the chosen rows")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for item in self._model.kinds:
            action = menu.addAction(item.name)
            action.triggered.connect(
                lambda _on=False, name=item.name: self._model.set_label(places, name)
            )
        menu.addSeparator()
        menu.addAction("Another…").triggered.connect(lambda _on=False: self._new_label(places))
        menu.popup(self.set_label.mapToGlobal(self.set_label.rect().bottomLeft()))

    def _new_label(self, places: list[int]) -> None:
        name, sure = QInputDialog.getText(self, "Another kind", "What are these rows?")
        if sure and name.strip():
            self._model.set_label(places, name.strip())

    def _rename(self) -> None:
        name = self._name()
        if not name:
            self.told.setText("Choose a kind in the list first.")
            return
        rows = {kind.name: kind.count for kind in self._model.kinds}
        names = list(rows)
        text = (
            f"In {words.plural(rows[name], 'row')} “{name}” becomes"
            " (the name of another kind merges both):"
        )
        after, sure = QInputDialog.getItem(
            self, "Rename or merge", text, names, names.index(name), editable=True
        )
        if sure:
            self._model.rename([name], after)

    # --- what the model tells --------------------------------------------------------------------

    def _shown(self) -> None:
        self.every.setVisible(bool(self._model.wanted.among))
        columns = self._model.table.columns()
        names = [item.name for item in self._model.kinds]
        at = columns.index(self._model.label) if self._model.label in columns else -1
        self.view.show_labels(names, column=at)
        self.view.fit()
        self.set_label.setEnabled(at >= 0)
        self.delete.setText("&Take out of the bin" if self._model.wanted.binned else "&Delete")
        if self.view.model().rowCount() and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.view.model().index(0, 0))

    def _show_undo(self) -> None:
        for made, text in ((self.undo, self._model.undo_text), (self.redo, self._model.redo_text)):
            made.setEnabled(bool(text))
            made.setToolTip(text)
            made.setAccessibleDescription(text)

    def _show_kinds(self) -> None:
        """The list keeps its choice by name."""
        before, in_bin = self._name(), self._in_bin()
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self.kinds.addItem(QListWidgetItem(_ALL))
        for kind in self._model.kinds:
            self.kinds.addItem(_kind_line(kind))
        self.kinds.addItem(f"{_BIN} · {words.count(self._model.binned)}")
        for n in range(self.kinds.count()):
            self.kinds.item(n).setSizeHint(QSize(0, theme.px(32)))
        names = [self.kinds.item(n).data(_NAME) for n in range(self.kinds.count())]
        at = self.kinds.count() - 1 if in_bin else names.index(before) if before in names else 0
        self.kinds.setCurrentRow(at)
        self.kinds.blockSignals(False)
        if self._model.table.columns():
            self._shown()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button it is on, and no other: in a search it must not edit rows."""
        held = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(held, QPushButton):
                held.click()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self.view.fit()


def _kind_line(kind: KindItem) -> QListWidgetItem:
    made = QListWidgetItem(f"{kind.name} · {words.count(kind.count)}")
    made.setData(_NAME, kind.name)
    return made


def show_rows(model: RowsModel, parent: QWidget, *, among: Sequence[int] = ()) -> RowsDialog:
    """Open the window with all rows, or only with those `among`."""
    model.entered(among=among)
    made = RowsDialog(model, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.open()
    return made
