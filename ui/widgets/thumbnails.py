"""Small views of pictures, read off the GUI thread and kept; a grey field until one is there."""

from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPixmap

from ui import theme
from zeroapp.pictures import is_picture, is_stored_name

SIDE = 56
"""Height of a thumbnail in a table, at the usual text size."""

_READ = 256
_MOST = 500
_MOST_MEGABYTES = 256
"""QImageReader refuses what would take more."""


def shows_picture(text: str) -> bool:
    """Whether a text is the place of a picture that can be shown."""
    path = Path(text)
    return is_stored_name(path.name) or (path.is_absolute() and is_picture(path))


class _Reading(QRunnable):
    def __init__(self, path: str, shelf: "Shelf") -> None:
        super().__init__()
        self._path = path
        self._shelf = shelf

    def run(self) -> None:
        """Read it small; what cannot be read comes as an empty picture."""
        reader = QImageReader(self._path)
        reader.setAutoTransform(True)
        reader.setAllocationLimit(_MOST_MEGABYTES)
        size = reader.size()
        if size.isValid():
            box = QSize(_READ, _READ)
            reader.setScaledSize(size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio))
        self._shelf.read.emit(self._path, reader.read())


class Shelf(QObject):
    """Pictures that were asked for. came(path): one is there now."""

    read = Signal(str, QImage)
    came = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QPixmap] = {}
        self._asked: set[str] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.read.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def picture(self, path: str) -> QPixmap | None:
        """The picture when it is there; else it is read and `came` says when."""
        if path not in self._pictures and path not in self._asked:
            self._asked.add(path)
            self._pool.start(_Reading(path, self))
        return self._pictures.get(path)

    def close(self) -> None:
        """Wait for what is being read; nothing else is started."""
        self._pool.clear()
        self._pool.waitForDone()

    def _keep(self, path: str, image: QImage) -> None:
        self._asked.discard(path)
        while len(self._pictures) >= _MOST:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[path] = QPixmap.fromImage(image)
        self.came.emit(path)


def paint(painter: QPainter, picture: QPixmap | None, *, area: QRectF) -> None:
    """Draw a picture at the left of an area, whole and with round corners."""
    side = area.height()
    box = QRectF(area.left(), area.top(), side, side)
    frame = QPainterPath()
    frame.addRoundedRect(box, theme.px(6), theme.px(6))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(frame, QColor(theme.tokens().border))
    if picture is None or picture.isNull():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(frame)
    short = min(picture.width(), picture.height())
    cut = QRectF((picture.width() - short) / 2, (picture.height() - short) / 2, short, short)
    painter.drawPixmap(box, picture, cut)
    painter.restore()
