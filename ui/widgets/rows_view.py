"""A table of any number of rows: edit in place, choose labels from a list, delete with a key."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui import theme
from ui.widgets import thumbnails
from ui.widgets.table_preview import draw_chip

Index = QModelIndex | QPersistentModelIndex
_LABEL_WIDTH = 190
_OTHER_WIDTH = 150
_MOST_COLUMNS = 40
_LINE = 40


class _Cells(QStyledItemDelegate):
    """Draws a cell; the column with labels shows chips and is edited from a list, pictures are
    shown small.
    """

    def __init__(self, parent: QTableView) -> None:
        super().__init__(parent)
        self.shelf = thumbnails.Shelf(self)
        self.shelf.came.connect(parent.viewport().update)
        self.label_column = -1
        self.labels: tuple[str, ...] = ()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, on one line."""
        look, px = theme.tokens(), theme.px
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.fillRect(option.rect, QColor(look.primary_soft))
        painter.setPen(QColor(look.border))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        area = QRectF(option.rect).adjusted(px(12), 0, -px(8), 0)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        text = "" if picture else str(index.data() or "")
        label = index.column() == self.label_column
        painter.setFont(theme.font(12 if label else 14, weight=600 if label else 400))
        room = int(area.width() - (px(20) if label else 0))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        if picture:
            high = area.adjusted(0, px(6), 0, -px(6))
            thumbnails.paint(painter, self.shelf.picture(picture), area=high)
        elif label and text:
            draw_chip(painter, shown, area=area)
        else:
            painter.setPen(QColor(look.text))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(look.primary_text))
            painter.drawRect(QRectF(option.rect).adjusted(1, 1, -1, -1))
        painter.restore()

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A list of the labels there are, in which a new one may be typed; else a line."""
        name = str(index.model().headerData(index.column(), Qt.Orientation.Horizontal))
        if index.column() != self.label_column:
            line = QLineEdit(parent)
            line.setAccessibleName(f"Change {name}")
            return line
        box = QComboBox(parent)
        box.setEditable(True)
        box.setAccessibleName(f"Choose {name}")
        box.addItems(list(self.labels))
        box.activated.connect(lambda _at: self._chosen(box))
        return box

    def _chosen(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with what the cell says."""
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Keep what was typed, unless it is what was there."""
        typed = editor.currentText() if isinstance(editor, QComboBox) else ""
        typed = editor.text() if isinstance(editor, QLineEdit) else typed
        before = str(index.data(Qt.ItemDataRole.EditRole) or "")
        # A line shows no line ends: a text that was only looked at keeps its own.
        if typed != before.replace("\n", "").replace("\r", "") and typed != before:
            model.setData(index, typed)


class RowsView(QTableView):
    """delete_wanted(): the Delete key was pressed on chosen rows."""

    delete_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._cells = _Cells(self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName("All rows")
        self.setAccessibleDescription("F2 changes a cell, Delete puts chosen rows into the bin.")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        upright = self.verticalHeader()
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        upright.setDefaultSectionSize(theme.px(_LINE))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )

    def show_labels(self, labels: Sequence[str], *, column: int) -> None:
        """Which column holds labels (-1: none), and which labels there are."""
        self._cells.labels, self._cells.label_column = tuple(labels), column
        self.viewport().update()

    def fit(self) -> None:
        """The first column takes the room that the others leave; pictures want height."""
        model = self.model()
        columns = model.columnCount()
        if not columns:
            return
        pictures = bool(model.index(0, 0).data(Qt.ItemDataRole.DecorationRole))
        height = theme.px(thumbnails.SIDE + 12 if pictures else _LINE)
        self.verticalHeader().setDefaultSectionSize(height)
        for column in range(columns):
            label = column == self._cells.label_column
            self.setColumnWidth(column, theme.px(_LABEL_WIDTH if label else _OTHER_WIDTH))
        others = sum(self.columnWidth(column) for column in range(1, min(columns, _MOST_COLUMNS)))
        room = self.viewport().width() - others
        self.horizontalHeader().setStretchLastSection(pictures)
        self.setColumnWidth(
            0, theme.px(thumbnails.SIDE + 40) if pictures else max(theme.px(360), room)
        )

    def chosen(self) -> list[int]:
        """The places of the chosen rows, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def go_to(self, place: int) -> None:
        """Choose one row and show it."""
        if 0 <= place < self.model().rowCount():
            index = self.model().index(place, 0)
            flags = QItemSelectionModel.SelectionFlag
            chosen = flags.ClearAndSelect | flags.Rows
            self.selectionModel().setCurrentIndex(index, chosen)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks for the bin; Enter edits; everything else moves about."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if editing:
            # An editor lets Enter through, after it has taken it for itself.
            event.accept()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)
