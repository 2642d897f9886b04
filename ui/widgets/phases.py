"""The stretches of a long job as a row of marks: done, now, still to come."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme


class PhaseTrack(QWidget):
    """Names under dots on a line; the one at work is filled and bold, done ones carry a tick."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._at = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_phase(-1)

    @property
    def at(self) -> int:
        """Which stretch is at work; -1 none yet, the number of names when all are done."""
        return self._at

    def show_names(self, names: Sequence[str]) -> None:
        """Call the stretches by other names."""
        self._names = tuple(names)
        self.show_phase(self._at)

    def show_phase(self, at: int) -> None:
        """Move to stretch `at`."""
        self._at = at
        self.setAccessibleName(self.summary())
        self.update()

    def summary(self) -> str:
        """Where it is, in words."""
        n = len(self._names)
        if self._at < 0:
            return f"Not started. {n} stages: {', '.join(self._names)}."
        if self._at >= n:
            return f"All {n} stages are done."
        return f"Stage {self._at + 1} of {n}: {self._names[self._at]}."

    def sizeHint(self) -> QSize:
        """Dots and one line of text, or two when they are long."""
        return QSize(theme.px(480), theme.px(62))

    def minimumSizeHint(self) -> QSize:
        """Names wrap to two lines below this."""
        return QSize(theme.px(260), theme.px(62))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line, dots, names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        column = self.width() / len(self._names)
        centres = [QPointF((i + 0.5) * column, theme.px(12)) for i in range(len(self._names))]
        self._paint_lines(painter, centres)
        for index, centre in enumerate(centres):
            self._paint_dot(painter, index, centre)
            self._paint_name(painter, index, centre, column)
        painter.end()

    def _paint_lines(self, painter: QPainter, centres: list[QPointF]) -> None:
        gap = theme.px(16)
        for index, (a, b) in enumerate(pairwise(centres)):
            reached = index < self._at
            painter.setPen(QPen(theme.color("primary" if reached else "border"), 2))
            painter.drawLine(QLineF(a.x() + gap, a.y(), b.x() - gap, b.y()))

    def _paint_dot(self, painter: QPainter, index: int, centre: QPointF) -> None:
        radius = float(theme.px(10))
        if index < self._at:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("primary"))
            painter.drawEllipse(centre, radius, radius)
            side = radius * 1.3
            box = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
            theme.draw_icon(painter, "check", rect=box, hex_color=theme.tokens().on_primary)
        elif index == self._at:
            painter.setPen(QPen(theme.color("primary_text"), 2))
            painter.setBrush(theme.color("primary_soft"))
            painter.drawEllipse(centre, radius, radius)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("primary_text"))
            painter.drawEllipse(centre, radius * 0.42, radius * 0.42)
        else:
            painter.setPen(QPen(theme.color("strong"), 1.5))
            painter.setBrush(theme.color("surface"))
            painter.drawEllipse(centre, radius - 1, radius - 1)

    def _paint_name(self, painter: QPainter, index: int, centre: QPointF, width: float) -> None:
        now = index == self._at
        painter.setFont(theme.font(12, weight=600 if now else 400))
        painter.setPen(theme.color("text" if index <= self._at else "muted"))
        height = QFontMetricsF(painter.font()).height() * 2.1
        box = QRectF(centre.x() - width / 2 + 4, theme.px(28), width - 8, height)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(box, int(flags | Qt.TextFlag.TextWordWrap), self._names[index])
