"""How much memory a plan needs against what is there: one stacked bar with a legend in words."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme, words
from ui.shown import GaugeData, GaugePart

_BAR = 26
_SLIM = 12
_FUNNEL = 22
_SLIVER = 0.35
_TINTS = (1.0, 0.74, 0.54, 0.38, 0.26, 0.18)


class MemoryGauge(QWidget):
    """The bar is as long as the memory that is free; what the plan needs is filled in.

    Arrow keys walk over the parts; hovering says them too.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = GaugeData()
        self._chosen: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Memory")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def data(self) -> GaugeData:
        """What is shown."""
        return self._data

    def show_data(self, data: GaugeData) -> None:
        """Show another plan's memory."""
        self._data = data
        self._chosen = None
        self.setAccessibleDescription(self.summary())
        self.updateGeometry()
        self.update()

    def summary(self) -> str:
        """The gauge in words, with its numbers."""
        if not self._data.parts:
            return "Not known yet."
        said = [part_words(part) for part in self._data.parts]
        verdict = "It fits." if self._data.fits else "It does not fit."
        return (
            f"Needs {words.size(self._data.needed)} of {words.size(self._data.available)} "
            f"that are free. {verdict} {'; '.join(said)}."
        )

    def hasHeightForWidth(self) -> bool:
        """The legend wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Bar, scale and as many rows of legend as the width asks for."""
        rows = self._legend(float(width))
        bottom = rows[-1][0].y() + theme.px(12) if rows else self._legend_top()
        return round(bottom + theme.px(4))

    def sizeHint(self) -> QSize:
        """A comfortable width."""
        width = theme.px(560)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """The legend can wrap to one entry a row."""
        return QSize(theme.px(240), theme.px(_BAR + 90))

    @property
    def _zoomed(self) -> bool:
        """A small need would be a sliver: its parts get a bar of their own below."""
        return 0 < self._data.needed < _SLIVER * self._data.available

    def _scale(self) -> float:
        return float(max(self._data.needed, self._data.available, 1))

    def _whole(self) -> QRectF:
        height = theme.px(_SLIM if self._zoomed else _BAR)
        return QRectF(3, theme.px(26), self.width() - 6, height)

    def _bar(self) -> QRectF:
        """The bar that shows the parts."""
        whole = self._whole()
        if not self._zoomed:
            return whole
        top = whole.bottom() + theme.px(_FUNNEL)
        return QRectF(whole.left(), top, whole.width(), theme.px(_BAR))

    def _legend_top(self) -> float:
        return self._bar().bottom() + theme.px(22)

    def _needed_width(self, bar: QRectF) -> float:
        return self._data.needed / self._scale() * bar.width()

    def _segments(self) -> list[QRectF]:
        bar, left, out = self._bar(), self._bar().left(), []
        scale = self._data.needed if self._zoomed else self._scale()
        for part in self._data.parts:
            width = part.bytes / scale * bar.width()
            out.append(QRectF(left, bar.top(), width, bar.height()))
            left += width
        return out

    def _legend(self, width: float) -> list[tuple[QPointF, int, str]]:
        """Place, part number and text of each entry; wraps."""
        metrics = QFontMetricsF(theme.font(13))
        x, y, out = 3.0, self._legend_top(), []
        for index, part in enumerate(self._data.parts):
            text = part_words(part)
            wide = theme.px(20) + metrics.horizontalAdvance(text)
            if x > 3 and x + wide > width:  # noqa: PLR2004 - the left edge
                x, y = 3.0, y + theme.px(24)
            out.append((QPointF(x, y), index, text))
            x += wide + theme.px(22)
        return out

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, parts, the mark of what is there, scale, legend, focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_amounts(painter)
        if self._zoomed:
            self._paint_funnel(painter)
        self._paint_bar(painter)
        for at, index, text in self._legend(float(self.width())):
            self._paint_entry(painter, at, index=index, text=text)
        painter.end()

    def _paint_bar(self, painter: QPainter) -> None:
        bar = self._bar()
        rounded = QPainterPath()
        rounded.addRoundedRect(bar, 9, 9)
        painter.fillPath(rounded, theme.color("border"))
        painter.save()
        painter.setClipPath(rounded)
        for index, segment in enumerate(self._segments()):
            painter.fillRect(segment, tint(index, self._data))
            painter.setPen(QPen(theme.color("surface"), 2))
            painter.drawLine(segment.topRight(), segment.bottomRight())
        self._paint_overflow(painter, bar)
        painter.restore()
        self._paint_choice(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("ring"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bar.adjusted(-2, -2, 2, 2), 10, 10)

    def _paint_overflow(self, painter: QPainter, bar: QRectF) -> None:
        """What is not there is hatched, so that colour is not alone."""
        if self._data.fits or not self._data.parts:
            return
        left = bar.left() + self._data.available / self._scale() * bar.width()
        missing = QRectF(left, bar.top(), bar.right() - left, bar.height())
        painter.fillRect(missing, theme.color("bad"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tokens().surface))
        painter.setBrush(Qt.BrushStyle.BDiagPattern)
        painter.fillRect(missing, painter.brush())

    def _paint_choice(self, painter: QPainter) -> None:
        if self._chosen is None:
            return
        segment = self._segments()[self._chosen]
        painter.setPen(QPen(theme.color("text"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(segment.adjusted(0, -1, 0, 1), 4, 4)

    def _paint_funnel(self, painter: QPainter) -> None:
        """The whole memory on top; its needed share opens into the bar of parts below."""
        whole, bar = self._whole(), self._bar()
        rounded = QPainterPath()
        rounded.addRoundedRect(whole, 6, 6)
        painter.fillPath(rounded, theme.color("border"))
        needed = QRectF(whole)
        needed.setWidth(max(self._needed_width(whole), 4.0))
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(needed, theme.color("primary"))
        painter.restore()
        corners = [
            needed.bottomLeft() + QPointF(0, 3),
            needed.bottomRight() + QPointF(0, 3),
            bar.topRight() - QPointF(0, 3),
            bar.topLeft() - QPointF(0, 3),
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("primary_soft"))
        painter.drawPolygon(QPolygonF(corners))

    def _paint_amounts(self, painter: QPainter) -> None:
        """Needed at the left, what is there at the right, above the bar."""
        if not self._data.parts:
            return
        box = QRectF(3, 0, self.width() - 6, theme.px(20))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(13, weight=600))
        painter.setPen(theme.color("text" if self._data.fits else "bad_text"))
        needed = f"{words.size(self._data.needed)} needed"
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | middle), needed)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("muted"))
        there = f"{words.size(self._data.available)} free"
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | middle), there)

    def _paint_entry(self, painter: QPainter, at: QPointF, *, index: int, text: str) -> None:
        side = theme.px(12)
        swatch = QRectF(at.x(), at.y() - side / 2, side, side)
        painter.setPen(QPen(theme.color("strong"), 1))
        painter.setBrush(tint(index, self._data))
        painter.drawRoundedRect(swatch, 3, 3)
        painter.setFont(theme.font(13, weight=600 if index == self._chosen else 400))
        painter.setPen(theme.color("text"))
        drop = QFontMetricsF(painter.font()).capHeight() / 2
        painter.drawText(QPointF(at.x() + theme.px(20), at.y() + drop), text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the part under the pointer."""
        hits = [i for i, s in enumerate(self._segments()) if s.contains(event.position())]
        self._choose(hits[0] if hits else None)
        if hits:
            part = self._data.parts[hits[0]]
            QToolTip.showText(event.globalPosition().toPoint(), part_words(part), self)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self._choose(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is pointed at."""
        self._choose(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk over the parts."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._data.parts:
            super().keyPressEvent(event)
            return
        here = self._chosen if self._chosen is not None else (-1 if step > 0 else 0)
        self._choose((here + step) % len(self._data.parts))
        said = part_words(self._data.parts[self._chosen or 0])
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _choose(self, index: int | None) -> None:
        if index != self._chosen:
            self._chosen = index
            self.update()


def part_words(part: GaugePart) -> str:
    """A part as it is said: "the model itself 90 MB"."""
    return f"{part.title} {words.size(part.bytes)}"


def tint(index: int, data: GaugeData) -> QColor:
    """The colour of a part: the primary colour, paler for each one."""
    share = _TINTS[min(index, len(_TINTS) - 1)]
    ink = theme.color("primary" if data.fits else "warn")
    ground = theme.color("border")
    return QColor(
        round(ink.red() * share + ground.red() * (1 - share)),
        round(ink.green() * share + ground.green() * (1 - share)),
        round(ink.blue() * share + ground.blue() * (1 - share)),
    )
