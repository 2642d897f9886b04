"""The first rows of a table; each column head shows the part it plays, one click changes it."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.shown_data import ColumnHead, RoleChoice, TableData
from ui.widgets import thumbnails
from ui.widgets.parts import label, row

_ROLE = Qt.ItemDataRole.UserRole
_LONG_TEXT = 40
_SHOW_ALL = 24
_ITEM_PADDING = 12
_INSET = 20
"""Cells begin where the names above them do: item padding of the style sheet and our margin."""


class _Pill(QPushButton):
    """menu_wanted(): Alt+Down, as on any list of choices; a button would take it for itself."""

    menu_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the menu, or be a button."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and event.key() == Qt.Key.Key_Down:
            self.menu_wanted.emit()
        else:
            super().keyPressEvent(event)


class ColumnCard(QWidget):
    """A column's head: its name, and a pill for each part it could play.

    chosen(column, role): role is empty when the column is not to be used.
    """

    chosen = Signal(str, str)

    def __init__(self, head: ColumnHead, *, choices: tuple[RoleChoice, ...]) -> None:
        super().__init__()
        self._head = head
        self._choices = choices
        title = label(head.name, role="strong" if head.role else "muted", wrap=False)
        title.setToolTip(head.name)
        self.pills = {choice.key: self._pill(choice) for choice in choices}
        body = QVBoxLayout(self)
        body.setContentsMargins(8, 12, 8, 12)
        body.setSpacing(6)
        body.addWidget(title)
        body.addLayout(row(*self.pills.values(), None, spacing=6))

    def _pill(self, choice: RoleChoice) -> QPushButton:
        on = choice.key == self._head.role
        made = _Pill(choice.title)
        made.menu_wanted.connect(self._open_menu)
        made.setProperty("kind", "pill")
        made.setProperty("on", on)
        made.setCheckable(True)
        made.setChecked(on)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.setToolTip(f"{choice.help} Click to {'stop using' if on else 'use'} this column.")
        said = "is" if on else "use as"
        made.setAccessibleName(f"Column {self._head.name}: {said} {choice.title}")
        made.setAccessibleDescription(choice.help)
        made.clicked.connect(lambda: self.chosen.emit(self._head.name, "" if on else choice.key))
        return made

    def wanted_width(self) -> int:
        """Room for the name and all pills; asked before the style sheet has reached them."""
        for pill in self.pills.values():
            pill.ensurePolished()
        return self.sizeHint().width() + 2 * _ITEM_PADDING

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same choice as a menu; the menu key opens it too."""
        self.menu().popup(event.globalPos())

    def _open_menu(self) -> None:
        self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """What this column can be."""
        made = QMenu(self)
        made.setAccessibleName(f"Part of column {self._head.name}")
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key, title in (*((c.key, c.title) for c in self._choices), ("", "Not used")):
            action = made.addAction(title)
            action.setCheckable(True)
            action.setChecked(key == self._head.role)
            action.triggered.connect(
                lambda _on=False, key=key: self.chosen.emit(self._head.name, key)
            )
        return made


class _Cells(QStyledItemDelegate):
    """Draws label cells as chips, pictures small, and unused columns in grey."""

    def __init__(self, table: QTableWidget) -> None:
        super().__init__(table)
        self.shelf = thumbnails.Shelf(self)
        self.shelf.came.connect(table.viewport().update)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One cell."""
        kind, text = index.data(_ROLE), str(index.data() or "")
        if index.row() == 0 or kind is None:
            return
        look, px = theme.tokens(), theme.px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(_INSET, 0, -px(8), 0)
        if index.row() > 0:
            painter.setPen(QColor(look.border))
            painter.drawLine(option.rect.topLeft(), option.rect.topRight())
        painter.setFont(
            theme.font(12 if kind == "chip" else 14, weight=600 if kind == "chip" else 400)
        )
        metrics = painter.fontMetrics()
        if kind == "picture":
            high = area.adjusted(0, px(6), 0, -px(6))
            thumbnails.paint(painter, self.shelf.picture(text), area=high)
        elif kind == "chip" and text:
            room = int(area.width() - px(20))
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            draw_chip(painter, text, area=area)
        else:
            painter.setPen(QColor(look.text if kind == "used" else look.muted))
            shown = metrics.elidedText(
                text.replace("\n", " "), Qt.TextElideMode.ElideRight, int(area.width())
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def draw_chip(painter: QPainter, text: str, *, area: QRectF) -> None:
    """A word in a pill at the left of an area, as labels are drawn in every table."""
    look, px = theme.tokens(), theme.px
    width = QFontMetrics(painter.font()).horizontalAdvance(text) + px(20)
    box = QRectF(area.left(), area.center().y() - px(12), width, px(24))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.primary_soft))
    painter.drawRoundedRect(box, px(12), px(12))
    painter.setPen(QColor(look.primary_text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class TablePreview(QTableWidget):
    """role_chosen(column, role): a head was clicked; role is empty for "not used"."""

    role_chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._data = TableData()
        self.heads: dict[str, ColumnCard] = {}
        self.setAccessibleName("The first rows")
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_Cells(self))
        self.setTabKeyNavigation(False)

    def show_table(self, data: TableData) -> None:
        """Show these rows and heads; the keyboard stays at the head it was at."""
        if data == self._data:
            return
        held = self._focused()
        self._data = data
        self.clear()
        self.setColumnCount(len(data.heads))
        self.setRowCount(len(data.rows) + 1)
        self.heads = {head.name: self._head(at, head) for at, head in enumerate(data.heads)}
        for line, cells in enumerate(data.rows, start=1):
            for column, text in enumerate(cells):
                self.setItem(line, column, self._cell(text, role=data.heads[column].role))
        self._fit()
        if held is not None and held[0] in self.heads:
            self.heads[held[0]].pills[held[1]].setFocus()

    def _focused(self) -> tuple[str, str] | None:
        for name, card in self.heads.items():
            for key, pill in card.pills.items():
                if pill.hasFocus():
                    return name, key
        return None

    def _head(self, column: int, head: ColumnHead) -> ColumnCard:
        made = ColumnCard(head, choices=self._data.choices)
        made.chosen.connect(self.role_chosen)
        self.setCellWidget(0, column, made)
        return made

    def _cell(self, text: str, *, role: str) -> QTableWidgetItem:
        made = QTableWidgetItem(text)
        kind = "plain" if not role else "chip" if role == self._data.label_role else "used"
        if thumbnails.shows_picture(text):
            kind = "picture"
            made.setData(Qt.ItemDataRole.AccessibleTextRole, "A picture")
        made.setData(_ROLE, kind)
        if kind == "picture":
            return made
        if len(text) > _SHOW_ALL:
            made.setToolTip(text[:600])
        return made

    def _fit(self) -> None:
        """Long texts share what the others leave; the table is as tall as its rows."""
        if not self._data.heads:
            return
        widths = [self._wanted(column) for column in range(len(self._data.heads))]
        spare = self.viewport().width() - sum(widths)
        if spare > 0:
            long = [c for c in range(len(widths)) if self._longest(c) >= _LONG_TEXT] or [0]
            for column in long:
                widths[column] += spare // len(long)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        head = max(card.sizeHint().height() for card in self.heads.values())
        self.setRowHeight(0, head)
        for line in range(1, self.rowCount()):
            self.setRowHeight(line, self._line())
        bar = self.horizontalScrollBar()
        extra = bar.sizeHint().height() if spare < 0 else 0
        self.setFixedHeight(head + self._line() * (self.rowCount() - 1) + 4 + extra)

    def _line(self) -> int:
        """Height of a row: pictures want more."""
        shown = any(thumbnails.shows_picture(cell) for cells in self._data.rows for cell in cells)
        return theme.px(thumbnails.SIDE + 12 if shown else 40)

    def _longest(self, column: int) -> int:
        texts = (cells[column] for cells in self._data.rows)
        return max((len(t) for t in texts if not thumbnails.shows_picture(t)), default=0)

    def _wanted(self, column: int) -> int:
        shown = self._data.heads[column]
        head = self.heads[shown.name].wanted_width()
        metrics = QFontMetrics(theme.font(14))
        cells_of = (cells[column] for cells in self._data.rows)
        texts = (text for text in cells_of if not thumbnails.shows_picture(text))
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        most = theme.px(300 if shown.role else 170)
        return max(head, min(widest + theme.px(44), most))

    def changeEvent(self, event: QEvent) -> None:
        """Another text size wants other widths, once the heads have taken it on."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            QTimer.singleShot(0, self, self._fit)

    def showEvent(self, event: QShowEvent) -> None:
        """The text size may have changed while nobody saw it: hidden heads do not take it on."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()
