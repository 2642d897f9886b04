"""The steps at the left, each with its state: done, current, open or locked."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from zeroapp.wizard import Mark, Step

_SAID = {
    Mark.done: "done",
    Mark.current: "you are here",
    Mark.open: "can be opened",
    Mark.locked: "not open yet",
}


@dataclass(frozen=True, slots=True)
class StepWords:
    """What a step is called and what it is about."""

    title: str
    about: str


class StepButton(QAbstractButton):
    """One step: a numbered or checked circle, title, what it is about, and a thread to the next."""

    def __init__(self, number: int, *, words: StepWords, last: bool) -> None:
        super().__init__()
        self._number = number
        self._words = words
        self._last = last
        self._mark = Mark.locked
        self.setText(words.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_mark(Mark.locked, reason="")

    @property
    def mark(self) -> Mark:
        """How it looks."""
        return self._mark

    def show_mark(self, mark: Mark, *, reason: str) -> None:
        """Change its state; reason: why it is locked."""
        self._mark = mark
        self.setEnabled(mark is not Mark.locked)
        self.setCursor(
            Qt.CursorShape.ArrowCursor
            if mark in (Mark.locked, Mark.current)
            else Qt.CursorShape.PointingHandCursor
        )
        self.setToolTip(reason or self._words.about)
        self.setAccessibleName(f"Step {self._number}, {self._words.title}, {_SAID[mark]}")
        self.setAccessibleDescription(reason or self._words.about)
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines and the thread below."""
        return QSize(theme.px(220), theme.px(62))

    def minimumSizeHint(self) -> QSize:
        """It does not shrink."""
        return QSize(theme.px(150), theme.px(62))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Field, thread, circle, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = theme.px
        self._field(painter, QRectF(1.5, 1.5, self.width() - 3, px(54) - 3))
        circle = QRectF(px(12), px(13), px(28), px(28))
        if not self._last:
            token = "primary" if self._mark is Mark.done else "border"
            painter.setPen(QPen(theme.color(token), 2))
            middle = circle.center().x()
            painter.drawLine(int(middle), int(circle.bottom() + px(2)), int(middle), self.height())
        self._circle(painter, circle)
        self._text(painter, px(52))
        painter.end()

    def _field(self, painter: QPainter, box: QRectF) -> None:
        look = theme.tokens()
        hover = self.underMouse() and self.isEnabled()
        painter.setPen(QPen(QColor(look.ring), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._mark is Mark.current:
            painter.setBrush(QColor(look.primary_soft))
        elif hover:
            painter.setBrush(QColor(look.raised if look is theme.DARK else look.bg))
        painter.drawRoundedRect(box, 12, 12)

    def _circle(self, painter: QPainter, circle: QRectF) -> None:
        look = theme.tokens()
        filled = self._mark in (Mark.done, Mark.current)
        painter.setBrush(QColor(look.primary if filled else look.rail))
        edge = look.primary if filled else look.strong if self._mark is Mark.open else look.border
        painter.setPen(QPen(QColor(edge), 2))
        painter.drawEllipse(circle.adjusted(1, 1, -1, -1))
        inset = circle.width() * 0.24
        inner = circle.adjusted(inset, inset, -inset, -inset)
        if self._mark is Mark.done:
            theme.draw_icon(painter, "check", rect=inner, hex_color=look.on_primary)
            return
        painter.setFont(theme.font(13, weight=600))
        painter.setPen(QColor(look.on_primary if filled else look.muted))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _text(self, painter: QPainter, left: int) -> None:
        px, room = theme.px, self.width() - left - theme.px(8)
        strong = self._mark in (Mark.done, Mark.current)
        about = QFontMetrics(theme.font(12)).horizontalAdvance(self._words.about)
        lines = [(self._words.title, 8, 14, 600, "text" if strong else "muted")]
        if about > room:
            lines = [(self._words.title, 17, 14, 600, lines[0][4])]
        else:
            lines.append((self._words.about, 28, 12, 400, "muted"))
        for words, top, size, weight, token in lines:
            painter.setFont(theme.font(size, weight=weight))
            painter.setPen(theme.color(token))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            box = QRectF(left, px(top), room, px(19))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


class StepRail(QWidget):
    """All steps under each other. chosen(Step): the user clicked one that is not locked."""

    chosen = Signal(Step)

    def __init__(self, words: Mapping[Step, StepWords]) -> None:
        super().__init__()
        self.setAccessibleName("Steps")
        self.buttons: dict[Step, StepButton] = {}
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        steps = list(words)
        for number, step in enumerate(steps, start=1):
            made = StepButton(number, words=words[step], last=number == len(steps))
            made.clicked.connect(lambda _checked=False, step=step: self.chosen.emit(step))
            self.buttons[step] = made
            body.addWidget(made)
