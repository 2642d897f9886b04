"""Draws the app's icon in every form the systems want: `icons.py FOLDER`."""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parent / "zeroapp.svg"
SIDES = (16, 24, 32, 48, 64, 128, 256, 512)
# Windows shows its icons up to this size.
LARGEST_ICO = 256


def drawn(side: int) -> QImage:
    """The icon as a picture of so many pixels."""
    picture = QImage(side, side, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    return picture


def draw_all(folder: Path) -> None:
    """PNGs for Linux, an ICO for Windows, an ICNS for macOS."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        _save(drawn(side), folder / f"zeroapp-{side}.png")
    _save(drawn(LARGEST_ICO), folder / "zeroapp.ico")
    _save(drawn(max(SIDES)), folder / "zeroapp.icns")


def _save(picture: QImage, place: Path) -> None:
    if not picture.save(str(place)):
        raise SystemExit(f"{place} could not be written.")


if __name__ == "__main__":
    application = QGuiApplication(sys.argv)
    draw_all(Path(sys.argv[1]))
