"""A place to drop files on. A button too, so that keyboards and screen readers can use it."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui import theme

_RADIUS = 16
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class DropZone(QAbstractButton):
    """dropped(list[Path]): files or folders were dropped. clicked(): the user wants to choose.

    compact: one line high, for a page that shows something already.
    """

    dropped = Signal(list)

    def __init__(self, title: str, *, hint: str, formats: str = "", compact: bool = False) -> None:
        super().__init__()
        self._hint = hint
        self._formats = formats
        self._compact = compact
        self._over = False
        self._by_key = False
        self.setText(title)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(" ".join(part for part in (hint, formats) if part))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Tall enough for icon, title, hint, the button and the formats."""
        return QSize(theme.px(420), theme.px(72 if self._compact else 264))

    def minimumSizeHint(self) -> QSize:
        """As tall as it wants to be; the width may shrink."""
        return QSize(theme.px(220), self.sizeHint().height())

    # --- what happens to it ------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome, anything else is not."""
        if _paths(event):
            event.acceptProposedAction()
            self._set_over(over=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went away again."""
        self._set_over(over=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Here they are."""
        self._set_over(over=False)
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, like Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who came by the keyboard."""
        self._by_key = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Back to rest."""
        self.update()
        super().leaveEvent(event)

    def _set_over(self, *, over: bool) -> None:
        self._over = over
        self.update()

    # --- how it looks ------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dashed frame, icon in a soft field, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame(painter)
        if self._compact:
            self._line(painter)
        else:
            self._stack(painter)
        painter.end()

    def _frame(self, painter: QPainter) -> None:
        look = theme.tokens()
        hot = self._over or self.underMouse() or self.isDown()
        pen = QPen(QColor(look.primary if hot else look.strong), 2 if self._over else 1.5)
        pen.setDashPattern([5, 4])
        if self.hasFocus() and self._by_key:
            pen = QPen(QColor(look.ring), 2.5)
        painter.setPen(pen)
        painter.setBrush(QColor(look.primary_soft if self._over else look.surface))
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)

    def _field(self, painter: QPainter, box: QRectF) -> None:
        look = theme.tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.surface if self._over else look.primary_soft))
        painter.drawRoundedRect(box, box.width() * 0.28, box.width() * 0.28)
        inset = box.width() * 0.28
        icon = "plus" if self._compact else "upload"
        theme.draw_icon(
            painter,
            icon,
            rect=box.adjusted(inset, inset, -inset, -inset),
            hex_color=look.primary_text,
        )

    def _stack(self, painter: QPainter) -> None:
        px, width = theme.px, self.width()
        top = (self.height() - px(216)) / 2
        self._field(painter, QRectF((width - px(60)) / 2, top, px(60), px(60)))
        title = "Let go to add" if self._over else self.text()
        self._words(painter, title, at=top + px(74), size=17, weight=600)
        self._words(painter, self._hint, at=top + px(102), size=14, token="muted")
        self._button(painter, top + px(138))
        self._words(painter, self._formats, at=top + px(192), size=12, token="muted")

    def _words(
        self,
        painter: QPainter,
        text: str,
        *,
        at: float,
        size: int,
        weight: int = 400,
        token: str = "text",
    ) -> None:
        painter.setFont(theme.font(size, weight=weight))
        painter.setPen(theme.color(token))
        room = self.width() - theme.px(32)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        box = QRectF(theme.px(16), at, room, theme.px(26))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _button(self, painter: QPainter, top: float) -> None:
        """Looks like a button, because the whole zone is one."""
        words, look = "Choose files…", theme.tokens()
        made = theme.font(14, weight=600)
        width = QFontMetrics(made).horizontalAdvance(words) + theme.px(36)
        box = QRectF((self.width() - width) / 2, top, width, theme.px(40))
        painter.setPen(QPen(QColor(look.strong), 1))
        painter.setBrush(QColor(look.raised if self.underMouse() else look.surface))
        painter.drawRoundedRect(box, 10, 10)
        painter.setFont(made)
        painter.setPen(QColor(look.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _line(self, painter: QPainter) -> None:
        px, left = theme.px, theme.px(72)
        self._field(painter, QRectF(px(18), (self.height() - px(40)) / 2, px(40), px(40)))
        room = self.width() - left - px(16)
        for words, top, size, weight, token in (
            ("Let go to add" if self._over else self.text(), 14, 14, 600, "text"),
            (self._hint, 36, 12, 400, "muted"),
        ):
            painter.setFont(theme.font(size, weight=weight))
            painter.setPen(theme.color(token))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            box = QRectF(left, px(top), room, px(22))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


def _paths(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
