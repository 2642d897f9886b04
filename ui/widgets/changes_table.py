"""A table of changed rows: what happened, how it was before, how it is after. Edits nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ui import theme
from ui.shown_data import ChangeItem
from ui.widgets.plain_table import only_read

_HEADS = ("What", "Row", "Before", "After", "Where it stands")


class ChangesTable(QTableWidget):
    """A line for each changed row; the whole text of a cell is in its tool tip."""

    def __init__(self) -> None:
        super().__init__(0, len(_HEADS))
        only_read(self, _HEADS, name="Rows that differ")
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(theme.px(56))
        heads, mode = self.horizontalHeader(), QHeaderView.ResizeMode
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(_HEADS)):
            known = column in (0, len(_HEADS) - 1)
            heads.setSectionResizeMode(column, mode.ResizeToContents if known else mode.Stretch)

    def show_changes(self, changes: Sequence[ChangeItem]) -> None:
        """Show these changes instead."""
        self.setRowCount(len(changes))
        for line, change in enumerate(changes):
            cells = (change.what, change.text, change.before, change.after, change.where)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text.replace("\n", " "))
                item.setToolTip(text)
                self.setItem(line, column, item)
