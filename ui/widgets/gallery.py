"""Mistakes with pictures, as tiles that flow; one is chosen and seen large below."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from ui import theme, words
from ui.shown import Looked
from ui.widgets.chart_paint import focus_ring
from ui.widgets.details import clear
from ui.widgets.flow import FlowLayout, flow, small
from ui.widgets.parts import chip
from ui.widgets.picture_look import PictureLook
from ui.widgets.thumbnails import Shelf, paint
from zeroapp.report import Mistake

_SIDE = 132
_PAD = 8


class Gallery(QWidget):
    """Tiles by Tab or mouse; Space or Enter chooses one. look_wanted(path): see PictureLook."""

    look_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[Tile] = []
        self._flow = FlowLayout(gap=10)
        self._shelf = Shelf(self)
        self.destroyed.connect(self._shelf.close)
        self.look = PictureLook()
        self.look.look_wanted.connect(self.look_wanted)
        self._said, self._right = chip("", kind="bad"), chip("", kind="ok")
        self._sure = small("")
        self._large = QWidget()
        large = QVBoxLayout(self._large)
        large.setContentsMargins(0, 8, 0, 0)
        large.addLayout(
            flow(small("It said"), self._said, self._sure, small("Right is"), self._right, gap=8)
        )
        large.addWidget(self.look)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addLayout(self._flow)
        body.addWidget(self._large)
        self._large.hide()

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Show these, in this order; none is chosen."""
        clear(self._flow)
        self._large.hide()
        self.tiles = [Tile(mistake, shelf=self._shelf) for mistake in mistakes]
        for tile in self.tiles:
            tile.clicked.connect(lambda _on, chosen=tile: self._choose(chosen))
            self._flow.addWidget(tile)

    def show_looked(self, looked: Looked) -> None:
        """Where the model looks in a picture."""
        self.look.show_looked(looked)

    def _choose(self, chosen: "Tile") -> None:
        for tile in self.tiles:
            tile.setChecked(tile is chosen)
        mistake = chosen.mistake
        self._said.setText(mistake.answer)
        self._right.setText(mistake.truth)
        self._sure.setText(f"{words.percent(mistake.confidence)} sure.")
        self.look.show_picture(mistake.text, name=chosen.accessibleName())
        self._large.show()


class Tile(QAbstractButton):
    """A picture that was taken for something else, with both kinds under it."""

    def __init__(self, mistake: Mistake, *, shelf: Shelf) -> None:
        super().__init__()
        self.mistake = mistake
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        said = (
            f"A picture of “{mistake.truth}” was answered “{mistake.answer}”, "
            f"{words.percent(mistake.confidence)} sure"
        )
        self.setAccessibleName(said)
        self.setToolTip(said)
        self._shelf = shelf
        shelf.came.connect(self._came)

    def _came(self, path: str) -> None:
        if path == self.mistake.text:
            self.update()

    def sizeHint(self) -> QSize:
        """The picture and two lines."""
        lines = 2 * self.fontMetrics().height()
        wide = theme.px(_SIDE) + 2 * theme.px(_PAD)
        return QSize(wide, wide + lines + theme.px(_PAD))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, picture, what it said and what is right."""
        colours, pad, side = theme.tokens(), theme.px(_PAD), theme.px(_SIDE)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        painter.setPen(QColor(colours.primary if chosen else colours.border))
        painter.setBrush(QColor(colours.primary_soft if chosen else colours.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), pad, pad)
        picture = self._shelf.picture(self.mistake.text)
        paint(painter, picture, area=QRectF(pad, pad, side, side))
        high, top = self.fontMetrics().height(), side + 2 * pad
        lines = (
            ("Said", self.mistake.answer, "bad_text"),
            ("Right", self.mistake.truth, "ok_text"),
        )
        for number, (what, kind, token) in enumerate(lines):
            text = self.fontMetrics().elidedText(
                f"{what}: {kind}", Qt.TextElideMode.ElideRight, side
            )
            painter.setPen(QColor(getattr(colours, token)))
            line = QRectF(pad, top + number * high, side, high)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        if self.hasFocus():
            focus_ring(painter, self.rect())
