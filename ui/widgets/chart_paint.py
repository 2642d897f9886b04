"""How the parts of a line chart are drawn: a frame that maps values to pixels, and brushes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QRadialGradient,
)

from ui import theme, words
from ui.widgets import curve

_SMALL = 12


class Stroke(StrEnum):
    """How a thing is drawn, in the chart and in its legend."""

    line = "line"
    mark = "mark"
    dashes = "dashes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where the plot is and which values it spans: left axis values, right axis shares."""

    whole: QRectF
    plot: QRectF
    x_max: float
    low: float
    high: float
    share_low: float
    empty: bool
    scored: bool

    @classmethod
    def around(
        cls,
        rect: QRect,
        *,
        points: Sequence[tuple[float, float]],
        shares: Sequence[float],
        x_max: float,
        top: float,
    ) -> Self:
        """The frame for these values; leaves room for labels, and `top` pixels for the legend."""
        whole = QRectF(rect)
        right = theme.px(52) if shares else theme.px(14)
        plot = whole.adjusted(theme.px(44), top + theme.px(24), -right, -theme.px(30))
        low, high = _extent([y for _, y in points])
        return cls(
            whole=whole,
            plot=plot,
            x_max=max([x_max, *(x for x, _ in points[-1:]), 1.0]),
            low=low,
            high=high,
            share_low=_share_floor(shares),
            empty=not points and not shares,
            scored=bool(shares),
        )

    def at(self, x: float, y: float) -> QPointF:
        """The pixel of a value on the left axis."""
        up = (y - self.low) / (self.high - self.low)
        return QPointF(self.x(x), self.plot.bottom() - up * self.plot.height())

    def x(self, value: float) -> float:
        """The pixel column of an x value."""
        return self.plot.left() + value / self.x_max * self.plot.width()

    def share(self, value: float) -> float:
        """The pixel row of a share on the right axis."""
        up = (value - self.share_low) / (1.0 - self.share_low)
        return self.plot.bottom() - up * self.plot.height()

    def value_at(self, pixel: float) -> float:
        """The x value of a pixel column."""
        return (pixel - self.plot.left()) / self.plot.width() * self.x_max


def _extent(values: Sequence[float]) -> tuple[float, float]:
    """From nothing (a loss is never less) to a little above the highest value."""
    if not values:
        return 0.0, 1.0
    return min(0.0, *values), max(max(values) * 1.08, 1e-6)


def _share_floor(shares: Sequence[float]) -> float:
    """Where the right axis begins: low enough that the lowest score is not at the bottom."""
    if not shares:
        return 0.0
    return max(0.0, math.floor(min(shares) * 10 - 0.3) / 10)


def legend_places(
    entries: Sequence[tuple[str, Stroke]], width: float
) -> list[tuple[QPointF, str, Stroke]]:
    """Where each name of the legend goes: side by side, on a new row when the width is used up."""
    metrics = QFontMetricsF(theme.font(_SMALL, weight=500))
    left, row = float(theme.px(10)), float(theme.px(24))
    x, y, places = left, float(theme.px(16)), []
    for name, stroke in entries:
        wide = theme.px(24) + metrics.horizontalAdvance(name)
        if x > left and x + wide > width:
            x, y = left, y + row
        places.append((QPointF(x, y), name, stroke))
        x += wide + theme.px(20)
    return places


def legend(painter: QPainter, places: Sequence[tuple[QPointF, str, Stroke]]) -> None:
    """Names of what is drawn, with their strokes, along the top."""
    painter.setFont(theme.font(_SMALL, weight=500))
    drop = QFontMetricsF(painter.font()).capHeight() / 2
    for at, name, stroke in places:
        _swatch(painter, at, stroke)
        painter.setPen(theme.color("muted"))
        painter.drawText(at + QPointF(theme.px(24), drop), name)


def _swatch(painter: QPainter, at: QPointF, stroke: Stroke) -> None:
    if stroke is Stroke.mark:
        _diamond(painter, at + QPointF(theme.px(8), 0))
        return
    painter.setPen(_quick_pen() if stroke is Stroke.dashes else _line_pen())
    painter.drawLine(at, at + QPointF(theme.px(16), 0))


def _line_pen() -> QPen:
    pen = QPen(theme.color("primary_text"), 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _quick_pen() -> QPen:
    pen = QPen(theme.color("ok"), 1.6)
    pen.setDashPattern([3.0, 3.0])
    return pen


def grid(painter: QPainter, frame: Frame, *, x_axis: str) -> None:
    """Quiet lines, values at the left, shares at the right, steps below."""
    painter.setFont(theme.font(_SMALL))
    plot, muted = frame.plot, theme.color("muted")
    height = QFontMetricsF(painter.font()).height()
    for value in curve.ticks(frame.low, frame.high):
        y = frame.at(0, value).y()
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        box = QRectF(frame.whole.left(), y - height / 2, plot.left() - theme.px(10), height)
        _label(painter, box, f"{value:g}", muted, Qt.AlignmentFlag.AlignRight)
    _x_labels(painter, frame, x_axis)
    if not frame.scored:
        return
    for share in curve.ticks(frame.share_low, 1.0, 3):
        if abs(100 * share - round(100 * share)) > 1e-6:  # noqa: PLR2004
            continue  # 97.5 would have to be shown as 98
        y = frame.share(share)
        box = QRectF(plot.right() + theme.px(8), y - height / 2, theme.px(44), height)
        _label(
            painter, box, words.percent(share), theme.color("ok_text"), Qt.AlignmentFlag.AlignLeft
        )


def _x_labels(painter: QPainter, frame: Frame, x_axis: str) -> None:
    metrics = QFontMetricsF(painter.font())
    top = frame.plot.bottom() + theme.px(8)
    muted, last = theme.color("muted"), -1e9
    for value in curve.ticks(0.0, frame.x_max, 5):
        text = f"{value:g}" if value else x_axis
        width = metrics.horizontalAdvance(text) + 4
        left = frame.plot.left() if not value else frame.x(value) - width / 2
        left = min(left, frame.whole.right() - width)
        if left < last:
            continue
        box = QRectF(left, top, width, metrics.height())
        _label(painter, box, text, muted, Qt.AlignmentFlag.AlignCenter)
        last = box.right() + theme.px(8)


def _label(
    painter: QPainter, box: QRectF, text: str, colour: QColor, align: Qt.AlignmentFlag
) -> None:
    painter.setPen(colour)
    painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), text)


def _path(frame: Frame, points: Sequence[tuple[float, float]]) -> QPainterPath:
    path = QPainterPath(frame.at(*points[0]))
    for x, y in points[1:]:
        path.lineTo(frame.at(x, y))
    return path


def shadow(painter: QPainter, frame: Frame, points: Sequence[tuple[float, float]]) -> None:
    """The raw curve, faint, behind the smooth one."""
    if len(points) > 1:
        colour = theme.color("primary_text")
        colour.setAlphaF(0.22)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.2))
        painter.drawPath(_path(frame, points))


def curve_and_fill(painter: QPainter, frame: Frame, points: Sequence[tuple[float, float]]) -> None:
    """The curve, and under it a fill that fades to nothing."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return
    path = _path(frame, points)
    area = QPainterPath(path)
    area.lineTo(frame.x(points[-1][0]), frame.plot.bottom())
    area.lineTo(frame.x(points[0][0]), frame.plot.bottom())
    area.closeSubpath()
    top = min(frame.at(x, y).y() for x, y in points)
    fade = QLinearGradient(0, top, 0, frame.plot.bottom())
    strong, none = theme.color("primary"), theme.color("primary")
    strong.setAlphaF(0.30)
    none.setAlphaF(0.0)
    fade.setColorAt(0.0, strong)
    fade.setColorAt(1.0, none)
    painter.fillPath(area, QBrush(fade))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_line_pen())
    painter.drawPath(path)


def end_dot(painter: QPainter, frame: Frame, *, at: tuple[float, float], glow: bool) -> None:
    """Where the curve is now; a halo says that it is still moving."""
    centre = frame.at(*at)
    if glow:
        radius = theme.px(16)
        halo = QRadialGradient(centre, radius)
        inner, outer = theme.color("primary_text"), theme.color("primary_text")
        inner.setAlphaF(0.45)
        outer.setAlphaF(0.0)
        halo.setColorAt(0.0, inner)
        halo.setColorAt(1.0, outer)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(halo))
        painter.drawEllipse(centre, radius, radius)
    painter.setPen(QPen(theme.color("surface"), 2))
    painter.setBrush(theme.color("primary_text"))
    painter.drawEllipse(centre, 5.0, 5.0)


def quick_line(painter: QPainter, frame: Frame, share: float) -> None:
    """The first quick result, as a dashed line across."""
    y = frame.share(share)
    painter.setPen(_quick_pen())
    painter.drawLine(QLineF(frame.plot.left(), y, frame.plot.right(), y))


def score(painter: QPainter, frame: Frame, at: QPointF) -> None:
    """A score at x; its height is read on the right."""
    _diamond(painter, QPointF(frame.x(at.x()), frame.share(at.y())))


def score_words(
    painter: QPainter, frame: Frame, at: QPointF, *, avoid: Sequence[float] = ()
) -> None:
    """A score's share, above its mark unless the names or an `avoid`ed line are there."""
    painter.setFont(theme.font(_SMALL, weight=600))
    painter.setPen(theme.color("ok_text"))
    text = words.percent(at.y())
    wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
    x, y = frame.x(at.x()), frame.share(at.y())
    left = min(x - wide / 2, frame.plot.right() - wide)
    above = y - theme.px(12)
    taken = above < frame.plot.top() - theme.px(2) or any(
        0 < above + 2 - frame.share(line) < theme.px(16) for line in avoid
    )
    painter.drawText(QPointF(left, y + theme.px(22) if taken else above), text)


def _diamond(painter: QPainter, at: QPointF) -> None:
    arm = theme.px(6)
    painter.setPen(QPen(theme.color("surface"), 1.5))
    painter.setBrush(theme.color("ok"))
    steps = (QPointF(0, -arm), QPointF(arm, 0), QPointF(0, arm), QPointF(-arm, 0))
    painter.drawPolygon(QPolygonF([at + step for step in steps]))


def cursor(painter: QPainter, frame: Frame, *, at: tuple[float, float], text: str) -> None:
    """A hair line through a point and a bubble that says what it is."""
    point = frame.at(*at)
    painter.setPen(QPen(theme.color("strong"), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QLineF(point.x(), frame.plot.top(), point.x(), frame.plot.bottom()))
    painter.setPen(QPen(theme.color("primary_text"), 2))
    painter.setBrush(theme.color("surface"))
    painter.drawEllipse(point, 5.0, 5.0)
    _bubble(painter, frame, point, text)


def _bubble(painter: QPainter, frame: Frame, point: QPointF, text: str) -> None:
    painter.setFont(theme.font(_SMALL, weight=600))
    metrics = QFontMetricsF(painter.font())
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + theme.px(20), theme.px(28))
    left = min(
        max(point.x() - box.width() / 2, frame.plot.left()), frame.plot.right() - box.width()
    )
    above = point.y() - box.height() - theme.px(12)
    box.moveTo(left, above if above > frame.whole.top() else point.y() + theme.px(12))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text"))
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(theme.color("bg"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def empty(painter: QPainter, frame: Frame, text: str) -> None:
    """A sketch of a falling curve and a sentence, so that the wait has a shape."""
    dots = QPen(theme.color("strong"), 2, Qt.PenStyle.DotLine)
    dots.setCapStyle(Qt.PenCapStyle.RoundCap)
    plot = frame.plot
    sketch = QPainterPath(plot.topLeft())
    sketch.cubicTo(
        QPointF(plot.left() + plot.width() * 0.18, plot.bottom() - plot.height() * 0.12),
        QPointF(plot.left() + plot.width() * 0.5, plot.bottom() - plot.height() * 0.10),
        QPointF(plot.right(), plot.bottom() - plot.height() * 0.08),
    )
    painter.setPen(dots)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(sketch)
    painter.setFont(theme.font())
    painter.setPen(theme.color("muted"))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(plot.adjusted(plot.width() * 0.25, 0, 0, -plot.height() * 0.2), flags, text)


def focus_ring(painter: QPainter, rect: QRect) -> None:
    """The ring every focused thing of the window has."""
    painter.setPen(QPen(theme.color("ring"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 10, 10)
