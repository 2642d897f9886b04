"""A small table of texts, as high as its rows; sorts nothing and edits nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ui import theme


class PlainTable(QTableWidget):
    """The first column is text and takes the room; the others are numbers at the right."""

    def __init__(self, heads: Sequence[str], *, name: str, most_rows: int = 12) -> None:
        super().__init__(0, len(heads))
        self._most = most_rows
        only_read(self, heads, name=name)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        mode = QHeaderView.ResizeMode
        self.horizontalHeader().setSectionResizeMode(mode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, mode.Stretch)
        for column in range(len(heads)):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(_side(column))

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows instead."""
        self.setRowCount(len(rows))
        for line, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_side(column))
                item.setToolTip(text if column == 0 else "")
                self.setItem(line, column, item)
        height = theme.px(36)
        self.verticalHeader().setDefaultSectionSize(height)
        shown = min(max(len(rows), 1), self._most)
        self.setFixedHeight(height * shown + theme.px(42) + 4)


def only_read(table: QTableWidget, heads: Sequence[str], *, name: str) -> None:
    """Make it a table of lines that are chosen and read, with these names above its columns."""
    table.setHorizontalHeaderLabels(list(heads))
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.verticalHeader().setVisible(False)
    table.horizontalHeader().setHighlightSections(False)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
