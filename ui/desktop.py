"""Hands things to the desktop: folders and pages are opened by the system's own programs."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget


def open_folder(place: Path, *, over: QWidget) -> None:
    """Show a folder, or a file's folder, in the file manager; over: the window that asks."""
    folder = place if place.is_dir() else place.parent
    _open(QUrl.fromLocalFile(str(folder)), named=str(folder), over=over)


def open_page(address: str, *, over: QWidget) -> None:
    """Show a page in the browser."""
    _open(QUrl(address), named=address, over=over)


def _open(url: QUrl, *, named: str, over: QWidget) -> None:
    """Where no program takes it, say where it is, so that the press was not for nothing."""
    if QDesktopServices.openUrl(url):
        return
    said = f"No program was found here that opens this. You find it yourself at:\n\n{named}"
    box = QMessageBox(QMessageBox.Icon.Information, "zeroapp", said, parent=over)
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
