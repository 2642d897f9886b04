"""The window with the versions of the data: which there are, and what changed. Layout only."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.binding import bind, bind_all
from ui.shown_data import VersionItem
from ui.viewmodels.versions import VersionsModel
from ui.widgets.changes_table import ChangesTable
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import button, label, row

_KEY = Qt.ItemDataRole.UserRole


class VersionsDialog(QDialog):
    """At the left the versions, the newest first; beside them what changed up to the chosen one."""

    def __init__(self, model: VersionsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("What has changed")
        self.resize(theme.px(1180), theme.px(720))
        self.versions = QListWidget()
        self.versions.setAccessibleName("Versions of your examples, the newest first")
        self.versions.setWordWrap(True)
        self.older = QComboBox()
        self.older.setAccessibleName("Compared with")
        self.summary = label(role="strong")
        self.changes = ChangesTable()
        self.error = ErrorCard()
        self.end = button("Do&ne", kind="primary")
        self._lay_out()
        self.versions.currentItemChanged.connect(self._chosen)
        self.older.activated.connect(self._compare)
        self.end.clicked.connect(self.accept)
        bind(model, "versions", self, to=self._show_versions)
        bind_all(model, ("older", "newer"), self, to=self._show_pair)
        bind_all(model, ("summary", "busy"), self, to=self._show_summary)
        bind(model, "changes", self, to=self.changes.show_changes)
        bind(model, "failure", self, to=self.error.show_failure)
        self.versions.setFocus()

    def _lay_out(self) -> None:
        beside = label("Compared w&ith", role="muted", wrap=False)
        beside.setBuddy(self.older)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(row(beside, self.older, None, spacing=10))
        right.addWidget(self.summary)
        right.addWidget(self.error)
        right.addWidget(self.changes, 1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self.versions, 1)
        middle.addLayout(right, 4)
        body = QVBoxLayout(self)
        body.setContentsMargins(24, 20, 24, 20)
        body.setSpacing(14)
        body.addWidget(
            label(
                "Each time your examples are looked at, how they were is kept. Nothing here "
                "changes anything.",
                role="muted",
            )
        )
        body.addLayout(middle, 1)
        body.addLayout(row(None, self.end))

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._model.choose(item.data(_KEY))

    def _compare(self, at: int) -> None:
        self._model.compare(self.older.itemData(at), self._model.newer)

    def _show_versions(self, versions: Sequence[VersionItem]) -> None:
        self.versions.blockSignals(True)
        self.versions.clear()
        self.older.clear()
        for version in versions:
            line = QListWidgetItem(f"{version.title}\n{version.detail}")
            line.setData(_KEY, version.key)
            line.setSizeHint(QSize(0, theme.px(60)))
            self.versions.addItem(line)
            self.older.addItem(version.title, version.key)
        self.versions.blockSignals(False)

    def _show_pair(self) -> None:
        keys = [item.key for item in self._model.versions]
        if self._model.newer in keys:
            self.versions.blockSignals(True)
            self.versions.setCurrentRow(keys.index(self._model.newer))
            self.versions.blockSignals(False)
        self.older.setCurrentIndex(self.older.findData(self._model.older))

    def _show_summary(self) -> None:
        self.summary.setText("Comparing…" if self._model.busy else self._model.summary)


def show_versions(model: VersionsModel, parent: QWidget) -> VersionsDialog:
    """Open the window with the versions."""
    model.entered()
    made = VersionsDialog(model, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.open()
    return made
