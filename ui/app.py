"""Composition root: makes everything, ties it together, catches what nobody caught."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from ui import theme
from ui.arrivals import Arrivals
from ui.background import Background, Door
from ui.errors import install_excepthook
from ui.home import Home, listen
from ui.main_window import MainWindow, Models, ask_leave
from ui.run_watcher import Handle, Launcher
from ui.screens import Screens
from ui.viewmodels.computer import ComputerModel
from ui.viewmodels.preferences import Preferences
from ui.viewmodels.session import Session
from ui.viewmodels.start import StartModel
from ui.widgets.leave_dialog import Leave
from zeroapp import logs
from zeroapp.protocol import Job
from zeroapp.run_folder import RunFolder

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""What says, on Linux, where windows are shown."""
_NO_SCREEN = (
    "There is no screen here that a window could open on.\n"
    "Start zeroapp from a desktop, or work in this terminal: zeroapp --help\n"
)


class Runs:
    """The real launcher: workers as processes of their own. Loaded when the first is wanted."""

    def has_engine(self) -> bool:
        """Whether there is anything to work with."""
        from zeroapp.packs.launching import has_engine

        return has_engine()

    def launch(self, job: Job, folder: RunFolder) -> Handle:
        """Start a job in its run folder."""
        from zeroapp.packs.launching import launch

        return launch(job, folder)

    def go_on(self, folder: RunFolder) -> Handle:
        """Start a stopped or interrupted run again."""
        from zeroapp.packs.launching import go_on

        return go_on(folder)

    def attach(self, folder: RunFolder) -> Handle:
        """Follow a run that is there already."""
        from zeroapp.runs.handle import RunHandle

        return RunHandle(folder)

    def loose_folder(self, kind: str) -> RunFolder:
        """A place for a run that belongs to no project."""
        from zeroapp.runs import history

        return history.loose_folder(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything there is one of."""

    models: Models
    screens: Screens
    window: MainWindow
    theme: theme.Theme


def assemble(
    qt: QApplication,
    *,
    launcher: Launcher,
    door: Door,
    ask: Callable[[QWidget], Leave] = ask_leave,
) -> App:
    """Make the whole app around a launcher and a door to the background; ask: see MainWindow."""
    look = theme.Theme(qt)
    preferences = Preferences(qt)
    look.set_scale(preferences.text_percent)
    look.set_mode(theme.Mode(preferences.value.theme.value))
    session = Session(launcher, door, qt)
    models = Models(
        session=session,
        preferences=preferences,
        start=StartModel(session, preferences, qt),
        computer=ComputerModel(session, qt),
    )
    screens = Screens(models.start, session)
    window = MainWindow(models, screens, look, ask=ask)
    return App(models=models, screens=screens, window=window, theme=look)


def make_qt(argv: Sequence[str]) -> QApplication:
    """The one QApplication, with our name, icon and fonts."""
    qt = QApplication(["zeroapp", *argv])
    qt.setApplicationName("zeroapp")
    qt.setApplicationDisplayName("zeroapp")
    qt.setDesktopFileName("zeroapp")
    theme.load_fonts()
    mark = theme.pixmap("sparkles", size=64, hex_color=theme.LIGHT.primary)
    qt.setWindowIcon(QIcon(mark))
    return qt


def main(argv: Sequence[str]) -> int:
    """Open the window, on a project when one is named; the exit code of the event loop.

    A second start hands over what it was given and ends: one window is enough.
    """
    parser = argparse.ArgumentParser(prog="zeroapp", description="Open the window.")
    parser.add_argument("paths", nargs="*", type=Path, help="a project, or files with examples")
    wanted = parser.parse_args(list(argv))
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        sys.stderr.write(_NO_SCREEN)
        return 1
    qt = make_qt(())
    arrivals = Arrivals(qt)
    if not arrivals.first() and arrivals.hand_over(
        [path.absolute() for path in wanted.paths], os.environ
    ):
        return 0
    with contextlib.suppress(OSError):  # a home that cannot be written has no log
        logs.to_file("window")
    background = Background(qt, waits=True)
    app = assemble(qt, launcher=Runs(), door=background)
    install_excepthook(app.window.show_failure)
    background.failed.connect(app.window.show_failure)
    home = Home(qt, app.window, app.models)
    listen(qt, home, arrivals)
    app.window.seen.connect(background.begin)
    app.window.seen.connect(home.offer_engine)
    app.window.show()
    app.models.computer.look()
    home.updates.look()
    if wanted.paths:
        home.take(wanted.paths)
    code = qt.exec()
    arrivals.close()
    background.finish()
    return code
