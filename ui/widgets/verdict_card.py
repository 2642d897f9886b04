"""The verdict, as one would frame it: a hundred dots, one sentence, what it was compared with."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.shown import VerdictData
from ui.widgets.bars import BarList
from ui.widgets.flow import flow, heading
from ui.widgets.info import InfoButton
from ui.widgets.parts import Card, chip, label, line, restyle, row

_COLUMNS = 10


class Dots(QWidget):
    """Right answers as filled dots, wrong ones as rings, ten in a row."""

    def __init__(self) -> None:
        super().__init__()
        self._right = 0
        self._of = 100
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_share(self, right: int, *, of: int) -> None:
        """Fill `right` of `of` dots."""
        self._right, self._of = right, max(of, 1)
        self.setAccessibleName(f"{right} of {of} right")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ten dots wide and as high as it takes."""
        rows = -(-self._of // _COLUMNS)
        return QSize(_pitch() * _COLUMNS, _pitch() * rows)

    def minimumSizeHint(self) -> QSize:
        """All of it."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dots, right ones first."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pitch, size = float(_pitch()), _pitch() * 0.67
        ring = QPen(theme.color("bad"), 1.8)
        for number in range(self._of):
            at_row, at_column = divmod(number, _COLUMNS)
            box = QRectF(at_column * pitch + 2, at_row * pitch + 2, size, size)
            if number < self._right:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("primary"))
            else:
                painter.setPen(ring)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                box.adjust(1, 1, -1, -1)
            painter.drawEllipse(box)
        painter.end()


def _pitch() -> int:
    """Pixels from dot to dot; large text needs the room more than the dots do."""
    return min(theme.px(18), 21)


class BigText(QWidget):
    """A line in the largest type; wraps, grows with the text size, is read out as it is."""

    def __init__(self, *, size: int = 40) -> None:
        super().__init__()
        self._size = size
        self._text = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_text(self, text: str) -> None:
        """Say `text`."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the wrapped text."""
        flags = int(Qt.TextFlag.TextWordWrap)
        metrics = QFontMetrics(theme.font(self._size, weight=700))
        return metrics.boundingRect(0, 0, width, 10_000, flags, self._text).height() + 2

    def sizeHint(self) -> QSize:
        """One line if there is room."""
        metrics = QFontMetrics(theme.font(self._size, weight=700))
        return QSize(metrics.horizontalAdvance(self._text) + 4, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Room for one word."""
        return QSize(theme.px(96), theme.px(self._size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text."""
        painter = QPainter(self)
        painter.setFont(theme.font(self._size, weight=700))
        painter.setPen(theme.color("text"))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(self.rect(), flags, self._text)
        painter.end()


class VerdictCard(Card):
    """Dots and sentence on top, comparison bars below."""

    def __init__(self) -> None:
        super().__init__(margin=24, spacing=20)
        self.setObjectName("verdict")
        self._dots = Dots()
        self._headline = BigText()
        self._sentence = label()
        self._judgement = chip("")
        self._interval = label(role="muted")
        self._interval_info = InfoButton("How sure is this")
        self._bars_title = heading()
        self._bars_info = InfoButton("How was this compared")
        self._bars = BarList(thickness=14)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(10)
        words.addLayout(row(self._judgement, None))
        words.addWidget(self._headline)
        words.addWidget(self._sentence)
        sure = row(self._interval_info, self._interval, spacing=6)
        sure.setStretch(1, 1)
        words.addLayout(sure)
        words.addStretch(1)
        top = row(self._dots, spacing=32)
        top.setAlignment(self._dots, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        self.body.addLayout(top)
        self.body.addWidget(line())
        self.body.addLayout(flow(self._bars_title, self._bars_info, gap=6))
        self.body.addWidget(self._bars)

    def show_verdict(self, data: VerdictData) -> None:
        """Show this verdict."""
        self._dots.setVisible(data.of > 0)
        self._dots.show_share(data.right, of=data.of)
        self._headline.show_text(data.headline)
        self._sentence.setText(data.sentence)
        self._judgement.setText(data.judgement)
        restyle(self._judgement, "chip", "ok" if data.good else "warn")
        self._interval.setText(data.interval)
        self._interval_info.explain("How sure is this", data.interval_meaning)
        self._bars_title.setText(data.bars_title)
        self._bars_info.explain("How was this compared", data.bars_meaning)
        self._bars.show_bars(data.bars)
        self.setAccessibleName(f"{data.headline}. {data.judgement}.")
        self.setAccessibleDescription(f"{data.sentence} {data.interval}")
