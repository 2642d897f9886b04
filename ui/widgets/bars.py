"""Named horizontal bars: comparisons of models, confidence of an answer."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from ui import theme
from ui.shown import Bar
from ui.widgets.details import clear
from ui.widgets.info import InfoButton
from ui.widgets.parts import label

_WIDEST_TITLE = 250
"""Pixels at any text size: beyond them a title wraps, so that the bar keeps its room."""


class BarTrack(QWidget):
    """The painted part of one bar."""

    def __init__(self, bar: Bar, *, thickness: int) -> None:
        super().__init__()
        self._bar = bar
        self._thickness = thickness
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{bar.title}: {bar.words}")

    def sizeHint(self) -> QSize:
        """Thick enough for the bracket to stand out of the bar."""
        return QSize(theme.px(160), theme.px(self._thickness + 10))

    def minimumSizeHint(self) -> QSize:
        """Short bars are still bars."""
        return QSize(theme.px(24), theme.px(self._thickness + 10))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, bar, bracket."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = float(theme.px(self._thickness))
        track = QRectF(0, (self.height() - height) / 2, self.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("border"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        if self._bar.share > 0:
            filled = QRectF(track)
            filled.setWidth(max(height, track.width() * min(self._bar.share, 1.0)))
            painter.setBrush(theme.color("primary" if self._bar.leading else "strong"))
            painter.drawRoundedRect(filled, height / 2, height / 2)
        if self._bar.interval is not None:
            self._bracket(painter, *self._bar.interval)
        painter.end()

    def _bracket(self, painter: QPainter, low: float, high: float) -> None:
        """From low to high: where the true share may lie."""
        left, right = low * self.width(), min(high, 1.0) * self.width() - 1
        middle, arm = self.height() / 2, theme.px(self._thickness) / 2 + 3
        ends = [QLineF(x, middle - arm, x, middle + arm) for x in (left, right)]
        painter.setPen(QPen(theme.color("surface"), 3.6))
        painter.drawLines(ends)
        painter.setPen(QPen(theme.color("text"), 1.6))
        painter.drawLines([*ends, QLineF(left, middle, right, middle)])


class BarList(QWidget):
    """Bars under each other with aligned titles and words."""

    def __init__(self, *, thickness: int = 12) -> None:
        super().__init__()
        self._thickness = thickness
        self._bars: tuple[Bar, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these bars instead."""
        if tuple(bars) == self._bars:
            return
        self._bars = tuple(bars)
        clear(self._grid)
        for line, bar in enumerate(self._bars):
            self._add(line, bar)

    def _title_width(self) -> int:
        """Room for the longest title on one line, but never more than a third of a page."""
        metrics = QFontMetrics(theme.font(weight=600))
        longest = max(metrics.horizontalAdvance(bar.title) for bar in self._bars)
        return max(theme.px(90), min(longest + 4, _WIDEST_TITLE))

    def _add(self, line: int, bar: Bar) -> None:
        role = "strong" if bar.leading else ""
        title = label(bar.title, role=role)
        title.setMinimumWidth(self._title_width())
        words = label(bar.words, role=role or "muted", wrap=False)
        self._grid.addWidget(title, line, 0)
        self._grid.addWidget(BarTrack(bar, thickness=self._thickness), line, 1)
        self._grid.addWidget(words, line, 2)
        if bar.meaning:
            self._grid.addWidget(InfoButton(bar.title, bar.meaning), line, 3)
