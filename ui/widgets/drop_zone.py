"""A place to drop files on. A button too, so that keyboards and screen readers can use it."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
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
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Tall enough for icon, title, hint, the button and the formats."""
        width = theme.px(420)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """The words wrap, so it may become narrow."""
        width = theme.px(220)
        return QSize(width, theme.px(72) if self._compact else self.heightForWidth(width * 2))

    def hasHeightForWidth(self) -> bool:
        """Long hints take more lines when it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Icon, words, button and formats with room around them."""
        if self._compact:
            return theme.px(72)
        texts = sum(
            self._tall(text, size=size, width=width)
            for text, size in ((self.text(), 17), (self._hint, 14), (self._formats, 12))
        )
        return texts + theme.px(60 + 14 + 6 + 18 + 40 + 16 + 44)

    def _tall(self, text: str, *, size: int, width: int) -> int:
        made = theme.font(size, weight=600 if size > 14 else 400)  # noqa: PLR2004 - the title
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        room = QRect(0, 0, width - theme.px(40), theme.px(400))
        return QFontMetrics(made).boundingRect(room, int(flags), text).height()

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
        at = (self.height() - self.heightForWidth(width)) / 2 + px(22)
        self._field(painter, QRectF((width - px(60)) / 2, at, px(60), px(60)))
        title = "Let go to add" if self._over else self.text()
        at = self._words(painter, title, at=at + px(60 + 14), size=17)
        at = self._words(painter, self._hint, at=at + px(6), size=14)
        self._button(painter, at + px(18))
        self._words(painter, self._formats, at=at + px(18 + 40 + 16), size=12)

    def _words(self, painter: QPainter, text: str, *, at: float, size: int) -> float:
        """Draw centred, wrapped words; where they end."""
        title = size > 14  # noqa: PLR2004 - only the title is larger than body text
        painter.setFont(theme.font(size, weight=600 if title else 400))
        painter.setPen(theme.color("text" if title else "muted"))
        tall = self._tall(text, size=size, width=self.width())
        box = QRectF(theme.px(20), at, self.width() - theme.px(40), tall)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        painter.drawText(box, int(flags), text)
        return at + tall

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
