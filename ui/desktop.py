"""Hands things to the desktop: folders and pages are opened by the system's own programs."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_folder(folder: Path) -> bool:
    """Show a folder in the file manager; whether one was found."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def open_page(address: str) -> bool:
    """Show a page in the browser; whether one was found."""
    return QDesktopServices.openUrl(QUrl(address))
