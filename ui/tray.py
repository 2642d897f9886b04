"""A mark in the system's tray while something long is at work, and a word when it has ended.

Where there is no tray everything else works as before.
"""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

_SHOWN_MS = 15_000


class Tray(QObject):
    """opened(): the person wants the window. quit_wanted(): the app shall end; work goes on."""

    opened = Signal()
    quit_wanted = Signal()

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(icon, self)
        self._menu = QMenu()
        self._menu.addAction("Open zeroapp").triggered.connect(self.opened)
        self._menu.addAction("Quit; training goes on").triggered.connect(self.quit_wanted)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._clicked)
        self._icon.messageClicked.connect(self.opened)

    @staticmethod
    def is_there() -> bool:
        """Whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_work(self, text: str) -> None:
        """What is at work; an empty text takes the mark away."""
        self._icon.setToolTip(text)
        self._icon.setVisible(bool(text) and self.is_there())

    def tell(self, title: str, text: str) -> None:
        """A message beside the clock; the mark stays so that it can be clicked."""
        if self.is_there():
            self._icon.setVisible(True)
            self._icon.showMessage(title, text, self._icon.icon(), _SHOWN_MS)

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.opened.emit()
