"""At home on the desktop: one window, a word when a long training ends, this computer and help."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from ui.arrivals import Arrivals
from ui.binding import bind, changed
from ui.desktop import open_folder
from ui.main_window import MainWindow, Models
from ui.tray import Tray
from ui.viewmodels.news import NewsModel
from ui.viewmodels.updates import UpdatesModel

if TYPE_CHECKING:
    from ui.pages.house import HouseDialog
    from ui.viewmodels.engine import EngineModel


class Home(QObject):
    """Ties the window to the desktop around it. Kept for the life of the app."""

    def __init__(self, qt: QApplication, window: MainWindow, models: Models) -> None:
        super().__init__(window)
        self._qt = qt
        self._window = window
        self._models = models
        session = models.session
        self.tray = Tray(qt.windowIcon(), self)
        self.news = NewsModel(session, self)
        self.updates = UpdatesModel(session, models.preferences, self)
        self.dialog: HouseDialog | None = None
        self._engine: EngineModel | None = None
        self._wire()

    def _wire(self) -> None:
        self._window.side.house_wanted.connect(self.open_house)
        self._window.side.folder_wanted.connect(self._open_folder)
        self.tray.opened.connect(self.raise_window)
        self.tray.quit_wanted.connect(self._qt.quit)
        self.news.at_work.connect(self._at_work)
        self.news.told.connect(self._tell)

    def take(self, paths: Sequence[Path]) -> None:
        """What a start of the app was given: opened, or read as examples; the window comes up."""
        self.raise_window()
        if paths:
            self._models.start.receive([path.absolute() for path in paths])

    def raise_window(self) -> None:
        """Bring the window in front of the others, as far as the desktop lets us."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def open_house(self) -> None:
        """Show this computer and help."""
        if self.dialog is None:
            self.dialog = self._make_house()
        self.dialog.look()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    @property
    def engine(self) -> "EngineModel":
        """The pack of this computer; made when it is first shown."""
        if self._engine is None:
            from ui.viewmodels.engine import EngineModel

            self._engine = EngineModel(self._models.session, self)
            changed(self._engine, "missing").connect(self._engine_came_or_went)
        return self._engine

    def offer_engine(self) -> None:
        """Where there is nothing to work with yet, say so on the start page and offer to get it."""
        if self._models.session.has_engine():
            return
        from ui.pages.engine import EngineCard

        card = EngineCard(self.engine)
        self._window.show_first(card)
        bind(self.engine, "missing", card, to=card.setVisible)
        self.engine.look()

    def _engine_came_or_went(self, missing: bool) -> None:  # noqa: FBT001 - a signal's value
        if not missing:
            self._models.computer.look()
            self._window.try_again()

    def _make_house(self) -> "HouseDialog":
        from ui.pages.house import HouseDialog, HouseModels
        from ui.viewmodels.help import HelpModel
        from ui.viewmodels.hub_token import TokenModel

        session = self._models.session
        house = HouseModels(
            engine=self.engine,
            token=TokenModel(session.door, self),
            updates=self.updates,
            help=HelpModel(session, self),
        )
        return HouseDialog(house, self._window)

    def _open_folder(self) -> None:
        project = self._models.session.project
        if project is not None:
            open_folder(project.folder, over=self._window)

    def _at_work(self, text: str) -> None:
        """While a training runs the app stays in the tray when its window is closed."""
        self.tray.show_work(text)
        self._qt.setQuitOnLastWindowClosed(not (text and Tray.is_there()))

    def _tell(self, title: str, text: str) -> None:
        if self._window.isActiveWindow():
            return
        self._qt.alert(self._window)
        self.tray.tell(title, text)
        # Nobody will see the window close again: the mark in the tray is what keeps the app.
        self._qt.setQuitOnLastWindowClosed(self._window.isVisible() or not Tray.is_there())


def listen(qt: QApplication, home: Home, arrivals: Arrivals) -> None:
    """Let later starts, and macOS, hand their files over to this window."""
    arrivals.arrived.connect(home.take)
    qt.installEventFilter(arrivals)
