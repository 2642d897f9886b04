"""A curve that grows while one watches, with scores marked on it. Values in; knows no training."""

from dataclasses import dataclass, field

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.shown import ChartData, Mark
from ui.widgets import chart_paint as paint
from ui.widgets import curve

_REPAINT_MS = 200
"""At most five repaints a second: a curve is read, not played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartWords:
    """Every word on the chart. point takes x and value, as in "Step {x}: {y}"."""

    name: str
    line: str
    mark: str
    quick: str
    empty: str
    x_axis: str
    point: str = "Step {x}: {y}"


@dataclass(slots=True)
class _Shape:
    """What is derived from the data once per change, not once per paint."""

    smooth: curve.Curve = field(default_factory=list)
    noisy: bool = False


class LineChart(QWidget):
    """Draws points as a soft-filled curve; arrow keys, Home and End walk along it.

    A noisy curve is smoothed and the raw one stays as a shadow behind it.
    """

    def __init__(self, words: ChartWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._data = ChartData()
        self._shape = _Shape()
        self._cursor: int | None = None
        self._dirty = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=_REPAINT_MS, singleShot=True)
        self._timer.timeout.connect(self._due)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(words.name)
        self.setAccessibleDescription(self.summary())

    @property
    def data(self) -> ChartData:
        """What is shown."""
        return self._data

    def speak(self, words: ChartWords) -> None:
        """Call what is drawn by other names."""
        self._words = words
        self.setAccessibleName(words.name)
        self.setAccessibleDescription(self.summary())
        self.update()

    def show_data(self, data: ChartData) -> None:
        """Show `data` instead; repaints at most five times a second, and never loses the last."""
        if data == self._data:
            return
        self._data = data
        if self._cursor is not None and self._cursor >= len(data.points):
            self._cursor = None
        self._dirty = True
        if not self._timer.isActive():
            self._due()

    def _due(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        self._shape = _shape(self._data.points)
        self.setAccessibleDescription(self.summary())
        self.update()
        self._timer.start()

    def summary(self) -> str:
        """The chart in words, with its numbers: what a screen reader says."""
        points, marks = self._data.points, self._data.marks
        if not points and not marks:
            return self._words.empty
        said = []
        if points:
            first, last = points[0], points[-1]
            said.append(
                f"{self._words.line}: {first[1]:.2f} at the start, {last[1]:.2f} now, "
                f"{len(points)} points up to {last[0]:g} of {self._data.x_max:g}."
            )
        said.extend(f"{self._title(mark)}: {mark.words}." for mark in marks[-3:])
        return " ".join(said)

    def reading(self) -> str:
        """The point under the cursor in words; empty without one."""
        if self._cursor is None:
            return ""
        x, y = self._data.points[self._cursor]
        return self._words.point.format(x=f"{x:g}", y=f"{y:.3f}")

    def _title(self, mark: Mark) -> str:
        return self._words.quick if mark.quick else self._words.mark

    def sizeHint(self) -> QSize:
        """Room for a curve one likes to look at."""
        return QSize(theme.px(560), theme.px(230))

    def minimumSizeHint(self) -> QSize:
        """Below this the labels would touch."""
        return QSize(theme.px(260), theme.px(200))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Grid, shadow of the raw curve, fill, curve, marks, cursor, focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, places = self._layout()
        paint.legend(painter, places)
        if frame.empty:
            paint.empty(painter, frame, self._words.empty)
        else:
            self._draw(painter, frame)
        if self.hasFocus():
            paint.focus_ring(painter, self.rect())

    def _layout(self) -> tuple[paint.Frame, list[tuple[QPointF, str, paint.Stroke]]]:
        places = paint.legend_places(self._entries(), self.width())
        frame = paint.Frame.around(
            self.rect(),
            points=self._data.points,
            shares=[mark.share for mark in self._data.marks],
            x_max=self._data.x_max,
            top=places[-1][0].y(),
        )
        return frame, places

    def _entries(self) -> list[tuple[str, paint.Stroke]]:
        entries = [(self._words.line, paint.Stroke.line)]
        if any(not mark.quick for mark in self._data.marks):
            entries.append((self._words.mark, paint.Stroke.mark))
        if any(mark.quick for mark in self._data.marks):
            entries.append((self._words.quick, paint.Stroke.dashes))
        return entries

    def _draw(self, painter: QPainter, frame: paint.Frame) -> None:
        paint.grid(painter, frame, x_axis=self._words.x_axis)
        columns = max(1, int(frame.plot.width()))
        if self._shape.noisy:
            paint.shadow(painter, frame, curve.decimate(self._data.points, columns))
        thin = curve.decimate(self._shape.smooth, columns)
        paint.curve_and_fill(painter, frame, thin)
        lines = [mark.share for mark in self._data.marks if mark.quick]
        for share in lines:
            paint.quick_line(painter, frame, share)
        scores = [QPointF(mark.x, mark.share) for mark in self._data.marks if not mark.quick]
        for at in scores:
            paint.score(painter, frame, at)
        # Many scores side by side are read by their height; the best and the last are named.
        for at in _worth_naming(scores):
            paint.score_words(painter, frame, at, avoid=lines)
        if thin:
            paint.end_dot(painter, frame, at=thin[-1], glow=self._data.live)
        if self._cursor is not None:
            point = self._data.points[self._cursor]
            paint.cursor(painter, frame, at=point, text=self.reading())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the point nearest to the pointer."""
        points = self._data.points
        frame, _ = self._layout()
        if points and frame.plot.contains(event.position()):
            self._move_to(curve.nearest(points, frame.value_at(event.position().x())))
        else:
            self._move_to(None)

    def leaveEvent(self, event: QEvent) -> None:
        """The reading goes with the pointer."""
        self._move_to(None)
        super().leaveEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """A cross says that there is something to read."""
        self.setCursor(Qt.CursorShape.CrossCursor)
        super().enterEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The reading goes with the focus."""
        self._move_to(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk, Page keys jump a tenth, Home and End go to the ends."""
        n = len(self._data.points)
        target = _step(event.key(), self._cursor, n)
        if event.key() == Qt.Key.Key_Escape and self._cursor is not None:
            self._move_to(None)
        elif target is not None:
            self._move_to(target)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.reading()))
        else:
            super().keyPressEvent(event)

    def _move_to(self, index: int | None) -> None:
        if index != self._cursor:
            self._cursor = index
            self.update()


def _worth_naming(scores: list[QPointF]) -> list[QPointF]:
    few = 3
    if len(scores) <= few:
        return scores
    best, last = max(scores, key=lambda at: at.y()), scores[-1]
    return [best] if best is last else [best, last]


def _shape(points: tuple[tuple[float, float], ...]) -> _Shape:
    values = [y for _, y in points]
    span = curve.span_for(values)
    if span <= 1:
        return _Shape(smooth=list(points))
    smoothed = curve.smooth(values, span)
    return _Shape(
        smooth=[(p[0], y) for p, y in zip(points, smoothed, strict=True)],
        noisy=True,
    )


def _step(key: int, at: int | None, n: int) -> int | None:
    """Where a key leads; None when it leads nowhere."""
    if n == 0:
        return None
    here = n - 1 if at is None else at
    leap = max(1, n // 10)
    moves = {
        Qt.Key.Key_Left: here - 1,
        Qt.Key.Key_Right: here + 1,
        Qt.Key.Key_PageUp: here - leap,
        Qt.Key.Key_PageDown: here + leap,
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: n - 1,
    }
    for known, target in moves.items():
        if key == known:
            return min(max(target, 0), n - 1)
    return None
