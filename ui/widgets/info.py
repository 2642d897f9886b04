"""What a number means and how it was measured, one click or key press away."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ui import theme
from ui.shown import Fact
from ui.widgets.flow import FlowLabel
from ui.widgets.parts import label, row

_MOST = 4
"""Numbers in a row."""


class InfoPopup(QFrame):
    """A small card that floats over the page until the next click or Escape."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        inner = QFrame(self)
        inner.setProperty("card", "true")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inner)
        body = QVBoxLayout(inner)
        body.setContentsMargins(18, 14, 18, 16)
        body.addWidget(label(title, role="strong"))
        body.addWidget(label(text))
        self.setFixedWidth(theme.px(340))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any of the keys that mean "I have read it" closes it."""
        keys = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in keys:
            self.close()
        else:
            super().keyPressEvent(event)


class InfoButton(QPushButton):
    """The round (i) beside a number. about: what the number is called."""

    def __init__(self, about: str, text: str = "") -> None:
        super().__init__()
        self._about = about
        self._text = ""
        self.setProperty("kind", "quiet")
        self.setStyleSheet("QPushButton { padding: 0px; border-radius: 12px; }")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.set_icon(self, "info", token="muted", size=16)
        self.clicked.connect(self.open)
        self.explain(about, text)

    def explain(self, about: str, text: str) -> None:
        """Say something else from now on; without a text the button hides."""
        self._about, self._text = about, text
        self.setAccessibleName(f"What does “{about}” mean?")
        self.setAccessibleDescription(text)
        self.setToolTip(text if len(text) < 100 else f"What does “{about}” mean?")  # noqa: PLR2004
        if not text:
            self.hide()
        elif self.parentWidget() is not None:
            # Without a parent it would be a window of its own for a moment.
            self.show()

    def sizeHint(self) -> QSize:
        """A round field around the icon, large enough to hit."""
        side = theme.px(24)
        return QSize(side, side)

    def open(self) -> InfoPopup:
        """Show the explanation under the button, inside the screen."""
        popup = InfoPopup(self._about, self._text, self)
        popup.adjustSize()
        at = self.mapToGlobal(QPoint(0, self.height() + 4))
        area = self.screen().availableGeometry()
        at.setX(max(area.left(), min(at.x(), area.right() - popup.width())))
        at.setY(max(area.top(), min(at.y(), area.bottom() - popup.height())))
        popup.move(at)
        popup.show()
        popup.setFocus()
        return popup


class FactLabel(QWidget):
    """A number with its name over it and an (i): "Time left" / "4 minutes"."""

    def __init__(self) -> None:
        super().__init__()
        self._fact = Fact(name="", value="")
        self._name = label(role="small", wrap=False)
        self._value = FlowLabel("–", role="heading")
        self._info = InfoButton("")
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2)
        body.addLayout(row(self._name, self._info, None, spacing=2))
        body.addWidget(self._value)
        body.addStretch(1)

    def show_fact(self, fact: Fact) -> None:
        """Show this number; an empty one becomes a dash."""
        if fact == self._fact:
            return
        self._fact = fact
        self._name.setText(fact.name)
        self._value.setText(fact.value or "–")
        self._value.setAccessibleName(f"{fact.name}: {fact.value or 'not known yet'}")
        self._info.explain(fact.name, fact.meaning)

    @property
    def fact(self) -> Fact:
        """What is shown."""
        return self._fact


class FactRow(QWidget):
    """Numbers side by side, of one width; as many in a row as there is room for, four at most."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[FactLabel] = []
        self._columns = _MOST
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(14)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these numbers; labels that are there already are kept."""
        while len(self._labels) < len(facts):
            made = FactLabel()
            self._labels.append(made)
            self._place(len(self._labels) - 1)
        for place, shown in enumerate(self._labels):
            shown.setVisible(place < len(facts))
            if place < len(facts):
                shown.show_fact(facts[place])
        self._fit(self.width())

    def minimumSizeHint(self) -> QSize:
        """As narrow as its widest number: the others can go below it."""
        return QSize(self._widest(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may hold another number of columns."""
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _widest(self) -> int:
        shown = (one for one in self._labels if not one.isHidden())
        return max((one.minimumSizeHint().width() for one in shown), default=0)

    def _fit(self, width: int) -> None:
        gap = self._grid.horizontalSpacing()
        room = (width + gap) // max(1, self._widest() + gap)
        shown = min(_MOST, sum(not one.isHidden() for one in self._labels))
        columns = next((n for n in (shown, 2) if 0 < n <= room), 1)
        if columns == self._columns:
            return
        self._columns = columns
        for column in range(_MOST):
            self._grid.setColumnStretch(column, 0)
        for number in range(len(self._labels)):
            self._place(number)

    def _place(self, number: int) -> None:
        line, column = divmod(number, self._columns)
        self._grid.addWidget(self._labels[number], line, column)
        self._grid.setColumnStretch(column, 1)
