"""A heat table of which kinds are mistaken for which; a cell tells its story to eyes and ears."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui import theme, words
from ui.confusion import OTHERS, Folded

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_FITS = 12
"""So many columns share the width; more of them are scrolled."""


class ConfusionModel(QAbstractTableModel):
    """Rows: what is true. Columns: what was answered, named by the number of their row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = Folded()

    def show_table(self, table: Folded) -> None:
        """Show this table instead."""
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a kind."""
        return 0 if parent.isValid() else len(self.table.labels)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """One column a kind."""
        return 0 if parent.isValid() else len(self.table.labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The count, and the whole sentence for tool tips and screen readers."""
        count = self.table.counts[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(count) if count else ""
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.sentence(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Numbers over the columns, number and name beside the rows."""
        name = self.table.labels[section]
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            said = "Answered" if orientation == Qt.Orientation.Horizontal else "Truly"
            return f"{said} “{name}”"
        if role == Qt.ItemDataRole.DisplayRole:
            across = orientation == Qt.Orientation.Horizontal
            return str(section + 1) if across else f"{section + 1}   {name}"
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Vertical:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sentence(self, truth: int, answer: int) -> str:
        """What a cell says: "3 examples of “a” were taken for “b”."""
        table = self.table
        count = words.plural(table.counts[truth][answer], "example")
        was = "was" if table.counts[truth][answer] == 1 else "were"
        of, to = table.labels[truth], table.labels[answer]
        if truth != answer:
            return f"{count} of “{of}” {was} taken for “{to}”."
        if of == OTHERS and table.others:
            right = words.count(table.others_right)
            return f"{count} of {OTHERS} stayed among them; {right} got the right answer."
        return f"{count} of “{of}” {was} answered rightly."

    def heat(self, truth: int, answer: int) -> tuple[str, float]:
        """Token and strength, 0 to 1, of a cell: right answers and mistakes have their own."""
        total = max(self.table.row_total(truth), 1)
        share = self.table.counts[truth][answer] / total
        return ("ok" if truth == answer else "bad"), share


class _Cell(QStyledItemDelegate):
    """Paints a cell as a rounded field; mistakes also carry a corner, so colour is not alone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Field, count, corner, ring."""
        model = index.model()
        if not isinstance(model, ConfusionModel):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = getattr(option, "rect")  # noqa: B009 - PySide's stubs do not know the field
        state = getattr(option, "state")  # noqa: B009 - the same
        box = QRectF(rect).adjusted(2, 2, -2, -2)
        token, share = model.heat(index.row(), index.column())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_blend(token, share))
        painter.drawRoundedRect(box, 6, 6)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.color("ring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
        text = str(index.data() or "·")
        painter.setFont(theme.font(13, weight=600 if share else 400))
        painter.setPen(theme.color("text" if share else "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


def _blend(token: str, share: float) -> QColor:
    """The colour of a field: never so strong that the text on it is hard to read."""
    ground, ink = theme.color("raised"), theme.color(token)
    strength = 0.0 if share == 0 else (0.42 * share if token == "ok" else 0.16 + 0.44 * share)
    return QColor(
        round(ground.red() + (ink.red() - ground.red()) * strength),
        round(ground.green() + (ink.green() - ground.green()) * strength),
        round(ground.blue() + (ink.blue() - ground.blue()) * strength),
    )


class ConfusionTable(QTableView):
    """Arrow keys walk over the cells; Enter or a click asks for the examples behind one.

    chosen(truth, answer): the labels of the cell.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ConfusionModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Cell(self))
        self.setAccessibleName("Which kinds are mistaken for which")
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().setStyleSheet("QHeaderView::section { border: none; }")
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.activated.connect(self._tell)
        self.clicked.connect(self._tell)

    @property
    def table(self) -> Folded:
        """What is shown."""
        return self._model.table

    def show_table(self, table: Folded) -> None:
        """Show this table; as high as its rows."""
        if table == self._model.table:
            return
        self._model.show_table(table)
        self.setAccessibleDescription(summary(table))
        self._measure()
        self.updateGeometry()

    def _measure(self) -> None:
        cell = theme.px(38)
        wide = len(self.table.labels) > _FITS
        mode = QHeaderView.ResizeMode.Fixed if wide else QHeaderView.ResizeMode.Stretch
        self.horizontalHeader().setSectionResizeMode(mode)
        self.horizontalHeader().setDefaultSectionSize(theme.px(46))
        self.horizontalHeader().setMinimumHeight(theme.px(34))
        self.verticalHeader().setDefaultSectionSize(cell)
        self.verticalHeader().setFixedWidth(min(theme.px(230), 320))
        bar = self.horizontalScrollBar().sizeHint().height()
        height = cell * len(self.table.labels) + theme.px(36) + bar + 8
        self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Header and every row."""
        return QSize(theme.px(640), self.height())

    def _tell(self, index: QModelIndex) -> None:
        labels = self.table.labels
        self.chosen.emit(labels[index.row()], labels[index.column()])


def summary(table: Folded) -> str:
    """The table in one sentence: what a screen reader says before the cells."""
    wrong = [
        (table.counts[i][j], table.labels[i], table.labels[j])
        for i in range(len(table.labels))
        for j in range(len(table.labels))
        if i != j and table.counts[i][j]
    ]
    if not wrong:
        return "No kind was mistaken for another."
    count, of, to = max(wrong)
    return (
        f"{words.plural(len(table.labels), 'row')}. The commonest mistake: "
        f"“{of}” taken for “{to}”, {words.plural(count, 'time')}."
    )
