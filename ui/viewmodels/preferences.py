"""What the user set for the whole app, observable, saved at each change."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject

from ui.binding import Observable, Property
from zeroapp import paths, settings
from zeroapp.errors import AppError
from zeroapp.settings import Settings


class Preferences(Observable):
    """One copy of the settings for the whole window.

    notice: a sentence for the user when the settings could not be read or saved.
    """

    value = Property(Settings())
    notice = Property("")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        loaded = settings.load()
        self.value = loaded.settings
        self.notice = loaded.notice

    def set_theme(self, theme: str) -> None:
        """Light, dark or system."""
        self._keep(replace(self.value, theme=settings.Theme(theme)))

    def set_text_percent(self, percent: int) -> None:
        """Text size, 100 to 200."""
        self._keep(replace(self.value, text_scale=percent / 100))

    @property
    def text_percent(self) -> int:
        """Text size in per cent."""
        return round(self.value.text_scale * 100)

    def set_window(self, geometry: str) -> None:
        """Where the window was."""
        self._keep(replace(self.value, window=geometry))

    def set_tell_of_updates(self, *, allowed: bool) -> None:
        """Whether the app may ask for newer versions."""
        self._keep(replace(self.value, tell_of_updates=allowed))

    def remember(self, folder: Path) -> None:
        """A project was opened."""
        self._keep(settings.with_recent(self.value, folder))

    def forget(self, folder: Path) -> None:
        """Take a project off the list; its folder stays."""
        self._keep(settings.without_recent(self.value, folder))

    @property
    def projects_dir(self) -> Path:
        """Where new projects go."""
        chosen = self.value.projects_dir
        return Path(chosen) if chosen else paths.projects_dir()

    def _keep(self, value: Settings) -> None:
        if value == self.value:
            return
        self.value = value
        try:
            settings.save(value)
        except AppError as error:
            self.notice = f"{error.title} {error.hint}"
