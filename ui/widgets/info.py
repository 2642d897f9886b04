"""What a number means and how it was measured, one click or key press away."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import label, row


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

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
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
        self.setVisible(bool(text))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
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


class Fact(QWidget):
    """A number with its name under it and an (i): "4 min" / "Time left"."""

    def __init__(self, name: str, *, meaning: str = "") -> None:
        super().__init__()
        self._name = name
        self._value = label("–", role="heading", wrap=False)
        self._info = InfoButton(name, meaning)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2)
        caption = row(label(name, role="small", wrap=False), self._info, None, spacing=2)
        body.addLayout(caption)
        body.addWidget(self._value)

    def show_value(self, text: str) -> None:
        """Show `text`; an empty one becomes a dash."""
        self._value.setText(text or "–")
        self._value.setAccessibleName(f"{self._name}: {text or 'not known yet'}")

    def value(self) -> str:
        """What is shown."""
        return self._value.text()
