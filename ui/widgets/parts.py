"""The small parts every page is made of: labels, chips, cards, buttons, icons, progress."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import theme

_FRAME_MS = 33
_TRAVEL_MS = 1600


def label(text: str = "", *, role: str = "", wrap: bool = True) -> QLabel:
    """A text; role: eyebrow, title, heading, strong, muted, small, number, ok, warn, bad."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and have it look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def chip(text: str, *, kind: str = "neutral") -> QLabel:
    """A short word in a pill; kind: neutral, primary, ok, warn, bad."""
    made = label(text, wrap=False)
    made.setProperty("chip", kind)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def button(text: str, *, kind: str = "", icon: str = "", name: str = "") -> QPushButton:
    """A button; kind: "" outlined, primary, danger, quiet, link. name: what a reader says."""
    made = QPushButton(text)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(True)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        tokens = {"primary": "on_primary", "danger": "bad_text", "quiet": "muted"}
        tokens["link"] = "primary_text"
        theme.set_icon(made, icon, token=tokens.get(kind, "text"))
    made.setAccessibleName(name or text.replace("&", ""))
    return made


def line() -> QFrame:
    """A thin rule."""
    made = QFrame()
    made.setProperty("line", "true")
    return made


def row(*items: QWidget | None, spacing: int = 12) -> QHBoxLayout:
    """Widgets side by side; None is a stretch."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    for item in items:
        if item is None:
            made.addStretch(1)
        else:
            made.addWidget(item)
    return made


class FlowRow(QWidget):
    """Widgets side by side while there is room, else under each other.

    fill: all get the same width; otherwise each is as wide as it likes. left: what is left over
    stays empty at the right.
    """

    def __init__(
        self, *items: QWidget, spacing: int = 12, fill: bool = False, left: bool = False
    ) -> None:
        super().__init__()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)
        self._items = items
        for item in items:
            self._box.addWidget(item, 1 if fill else 0)
        if left:
            self._box.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """As narrow as its widest widget: it can always stack."""
        widths = [item.minimumSizeHint().width() for item in self._items]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack when they would not fit side by side."""
        super().resizeEvent(event)
        shown = [item for item in self._items if not item.isHidden()]
        needed = sum(item.minimumSizeHint().width() for item in shown)
        needed += self._box.spacing() * max(0, len(shown) - 1)
        way = QBoxLayout.Direction
        self._box.setDirection(
            way.LeftToRight if event.size().width() >= needed else way.TopToBottom
        )


class Card(QFrame):
    """A rounded surface; `body` is its layout. kind: true, soft, primary, ok, warn, bad."""

    def __init__(
        self, *, kind: str = "true", margin: int = 20, spacing: int = 8, across: bool = False
    ) -> None:
        super().__init__()
        self.setProperty("card", kind)
        self.body: QBoxLayout = QHBoxLayout(self) if across else QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin - 2, margin, margin - 2)
        self.body.setSpacing(spacing)

    def set_kind(self, kind: str) -> None:
        """Change its colour."""
        restyle(self, "card", kind)


class IconMark(QWidget):
    """An icon that follows the theme, with a soft rounded field behind it when `soft` is set.

    icon: a file name in resources/icons; token and soft: names of colours.
    """

    def __init__(self, icon: str, *, token: str = "muted", size: int = 20, soft: str = "") -> None:
        super().__init__()
        self._icon = icon
        self._token = token
        self._size = size
        self._soft = soft
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, icon: str, *, token: str, soft: str = "") -> None:
        """Show another icon."""
        self._icon, self._token, self._soft = icon, token, soft
        self.update()

    def sizeHint(self) -> QSize:
        """The icon, or twice its size with a field behind it."""
        side = theme.px(self._size) * (2 if self._soft else 1)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Never smaller than it is."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw field and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._soft:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(theme.tokens(), self._soft)))
            radius = self.width() * 0.28
            painter.drawRoundedRect(self.rect(), radius, radius)
        side = theme.px(self._size)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        ink = getattr(theme.tokens(), self._token)
        theme.draw_icon(painter, self._icon, rect=box, hex_color=ink)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)


class ProgressLine(QProgressBar):
    """A thin rounded bar; without a known end a piece of it travels from left to right."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self._at = 0.0
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._travel)

    def sizeHint(self) -> QSize:
        """Thin."""
        return QSize(theme.px(200), theme.px(10))

    def minimumSizeHint(self) -> QSize:
        """Short bars are still bars."""
        return QSize(theme.px(60), theme.px(10))

    def showEvent(self, event: QShowEvent) -> None:
        """Travel only while someone can see it."""
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(event)

    def _travel(self) -> None:
        if self.maximum() == 0:
            self._at = (self._at + _FRAME_MS / _TRAVEL_MS) % 1.0
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track and fill."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = float(theme.px(8))
        track = QRectF(0, (self.height() - height) / 2, self.width(), height)
        round_off = QPainterPath()
        round_off.addRoundedRect(track, height / 2, height / 2)
        painter.setClipPath(round_off)
        painter.fillRect(track, theme.color("border"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("primary"))
        painter.drawRoundedRect(self._filled(track), height / 2, height / 2)
        painter.end()

    def _filled(self, track: QRectF) -> QRectF:
        made = QRectF(track)
        if self.maximum() == 0:
            piece = track.width() * 0.3
            made.setLeft(track.left() - piece + (track.width() + piece) * self._at)
            made.setWidth(piece)
        else:
            share = self.value() / self.maximum()
            made.setWidth(max(track.height(), track.width() * share) if share else 0)
        return made


class ProgressCard(Card):
    """A job at work: what it does, how far it is, how long it takes, and a way to stop it.

    stop_wanted(): the button was pressed.
    """

    stop_wanted = Signal()

    def __init__(self, *, stop_text: str = "Stop") -> None:
        super().__init__(spacing=12)
        self._title = label(role="heading")
        self._detail = label(role="muted", wrap=False)
        self._bar = ProgressLine()
        self.stop_button = button(stop_text, icon="square")
        self.stop_button.clicked.connect(self.stop_wanted)
        top = row(self._title, self._detail)
        top.setStretch(0, 1)
        bottom = row(self._bar, self.stop_button, spacing=20)
        self.body.addLayout(top)
        self.body.addLayout(bottom)

    def tell(self, title: str, *, detail: str = "", done: int = 0, total: int = 0) -> None:
        """Show how far the work is; total 0: not known, the bar runs back and forth."""
        self._title.setText(title)
        self._detail.setText(detail)
        self._bar.setRange(0, total)
        self._bar.setValue(min(done, total))
        self._bar.setAccessibleName(title)
