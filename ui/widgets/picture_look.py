"""A picture seen whole, and on demand where in it the model looks: the rest is dimmed."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme, words
from ui.shown import Looked
from ui.widgets.flow import flow
from ui.widgets.parts import button, label
from ui.widgets.thumbnails import Shelf

_SIDE = 280
_DIM = 215
"""How dark the parts become that decide nothing, of 255."""

_LITTLE = 0.05
"""A loss below this is no reason: the answer stays as it is whatever is covered."""

_SHOW = "Show where it looks"
_HIDE = "Hide where it looks"


class PictureLook(QWidget):
    """look_wanted(path): the user wants to see where the model looks in this picture."""

    look_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        self._looked = Looked()
        self.canvas = _Canvas()
        self.button = button(_SHOW, icon="eye")
        self.button.clicked.connect(self._clicked)
        self.note = label(role="muted")
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(self.canvas)
        body.addLayout(flow(self.button))
        body.addWidget(self.note)
        self.note.hide()

    def show_picture(self, path: str, *, name: str) -> None:
        """Show this picture; name is what a screen reader says."""
        if path != self._path:
            self._path = path
            self._show(Looked())
        self.canvas.show_picture(path, name=name)

    def show_looked(self, looked: Looked) -> None:
        """Show where the model looks, when it is about this picture."""
        if looked.path == self._path and looked.path:
            self._show(looked)

    def _show(self, looked: Looked) -> None:
        self._looked = looked
        self._unfold(on=bool(looked.heat))
        if looked.busy:
            self.note.setText("Covering one part after another, to see what changes its mind.")
            self.note.show()
        self.button.setEnabled(not looked.busy)

    def _unfold(self, *, on: bool) -> None:
        self.canvas.show_heat(self._looked.heat if on else ())
        self.button.setText(_HIDE if on else _SHOW)
        self.button.setAccessibleName(self.button.text())
        self.note.setText(meaning(self._looked.heat))
        self.note.setVisible(on)

    def _clicked(self) -> None:
        if not self._looked.heat:
            self.look_wanted.emit(self._path)
            return
        self._unfold(on=self.button.text() == _SHOW)


def meaning(heat: tuple[tuple[float, ...], ...]) -> str:
    """What the bright parts say, in words: they are all that a screen reader has."""
    if not heat:
        return ""
    most, row, column = max(
        (cell, y, x) for y, cells in enumerate(heat) for x, cell in enumerate(cells)
    )
    if most < _LITTLE:
        return (
            "No single part decides: whichever is covered, the answer stays about as sure. "
            "It may go by the whole, or by several parts that say the same."
        )
    where = _place((row + 0.5) / len(heat), (column + 0.5) / len(heat[0]))
    return (
        f"The bright parts decide. Covering the brightest, {where}, takes "
        f"{words.percent(most)} off how sure it is. It cannot show what parts say only together."
    )


def _place(down: float, along: float) -> str:
    """A ninth of the picture, in words."""
    high = ("at the top", "in the middle", "at the bottom")[min(2, int(down * 3))]
    side = (" left", "", " right")[min(2, int(along * 3))]
    return high + side


class _Canvas(QWidget):
    """The picture, whole, no higher than _SIDE; what has no heat is dimmed."""

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        self._heat = QImage()
        self._shelf = Shelf(self)
        self._shelf.came.connect(lambda _path: self.update())
        self.destroyed.connect(self._shelf.close)

    def show_picture(self, path: str, *, name: str) -> None:
        self._path = path
        self.setAccessibleName(name)
        self.update()

    def show_heat(self, heat: tuple[tuple[float, ...], ...]) -> None:
        self._heat = veil(heat)
        self.setAccessibleDescription(meaning(heat))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_SIDE), theme.px(_SIDE))

    def minimumSizeHint(self) -> QSize:
        """As high, but narrower where large text leaves no room."""
        return QSize(theme.px(_SIDE) // 2, theme.px(_SIDE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        picture = self._shelf.picture(self._path)
        side = theme.px(_SIDE)
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if picture is None or picture.isNull():
            painter.fillRect(QRectF(0, 0, side, side), QColor(theme.tokens().border))
            return
        size = picture.size().scaled(
            min(side, self.width()), side, Qt.AspectRatioMode.KeepAspectRatio
        )
        area = QRectF(0, 0, size.width(), size.height())
        frame = QPainterPath()
        frame.addRoundedRect(area, theme.px(8), theme.px(8))
        painter.setClipPath(frame)
        painter.drawPixmap(area, picture, QRectF(picture.rect()))
        if not self._heat.isNull():
            smooth = self._heat.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawImage(area, smooth)


def veil(heat: tuple[tuple[float, ...], ...]) -> QImage:
    """A dark veil with a pixel a cell, clear where the answer hangs on it; empty without heat."""
    if not heat:
        return QImage()
    most = max(_LITTLE, *(cell for row in heat for cell in row))
    image = QImage(len(heat[0]), len(heat), QImage.Format.Format_ARGB32_Premultiplied)
    for y, row in enumerate(heat):
        for x, cell in enumerate(row):
            image.setPixelColor(x, y, QColor(8, 8, 20, round(_DIM * (1 - max(0.0, cell) / most))))
    return image
