"""Widgets side by side that go on in the next row when the width is used up."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QSizePolicy, QWidget

from ui.widgets.parts import label


class FlowLayout(QLayout):
    """Left to right, then down. tail: how many items at the end keep to the right-hand side."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 10, tail: int = 0) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._tail = tail
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        """Put an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """An item by its place; None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """Take an item out; None past the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        """It takes the width it is given and no more height than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrow means high."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height at `width` pixels."""
        around = self.contentsMargins()
        room = width - around.left() - around.right()
        high = self._place(QRect(0, 0, room, 0), move=False)
        return high + around.top() + around.bottom() if high else 0

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        """Move the items."""
        super().setGeometry(rect)
        self._place(rect.marginsRemoved(self.contentsMargins()), move=True)

    def sizeHint(self) -> QSize:
        """All in one row."""
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        size = QSize(width, max((size.height() for size in sizes), default=0))
        return size.grownBy(self.contentsMargins()) if sizes else size

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        """The widest item alone."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins()) if self._shown() else size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Lay the items out in `rect`; the height that takes."""
        y, rows = rect.top(), self._rows(rect.width())
        tail = self._shown()[-self._tail :] if self._tail else []
        for row in rows:
            sizes = [_size(item, rect.width()) for item in row]
            height = max(size.height() for size in sizes)
            spare = rect.width() - sum(s.width() for s in sizes) - self._gap * (len(row) - 1)
            x = rect.left()
            for item, size in zip(row, sizes, strict=True):
                if tail and item is tail[0] and len(row) > len(tail):
                    x += max(0, spare)
                if move:
                    top = y + (height - size.height()) // 2
                    item.setGeometry(QRect(QPoint(x, top), size))
                x += size.width() + self._gap
            y += height + self._gap
        return max(0, y - self._gap - rect.top())

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        used = 0
        for item in self._shown():
            wide = _size(item, width).width()
            if rows and used + self._gap + wide <= width:
                rows[-1].append(item)
                used += self._gap + wide
            else:
                rows.append([item])
                used = wide
        return rows


def _size(item: QLayoutItem, width: int) -> QSize:
    hint = item.sizeHint()
    wide = min(hint.width(), width)
    tall = item.heightForWidth(wide) if item.hasHeightForWidth() else hint.height()
    return QSize(wide, max(tall, 0))


class FlowLabel(QLabel):
    """A text that likes to be on one line, and wraps when there is no room for that."""

    def __init__(self, text: str = "", *, role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)

    def sizeHint(self) -> QSize:
        """The whole text on one line."""
        metrics = self.fontMetrics()
        lines = self.text().split("\n")
        width = max(metrics.horizontalAdvance(line) for line in lines)
        return QSize(width + 2, metrics.height() * len(lines))


def flow(*items: QWidget, gap: int = 10, tail: int = 0) -> FlowLayout:
    """Widgets in a flow; the last `tail` of them at the right while there is room."""
    made = FlowLayout(gap=gap, tail=tail)
    for item in items:
        made.addWidget(item)
    return made


def heading(text: str = "") -> FlowLabel:
    """A heading for a flow."""
    return FlowLabel(text, role="heading")


def small(text: str) -> QLabel:
    """A small text for a flow."""
    return label(text, role="small", wrap=False)
