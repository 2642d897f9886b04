"""The small parts every page is made of: labels, chips, cards, buttons, icons, progress."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
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

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The icon, or twice its size with a field behind it."""
        side = theme.px(self._size) * (2 if self._soft else 1)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never smaller than it is."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
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

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the text size."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)


class ProgressCard(Card):
    """A job at work: what it does, how far it is, how long it takes, and a way to stop it.

    stop_wanted(): the button was pressed.
    """

    stop_wanted = Signal()

    def __init__(self, *, stop_text: str = "Stop") -> None:
        super().__init__(spacing=12)
        self._title = label(role="heading")
        self._detail = label(role="muted", wrap=False)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
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
