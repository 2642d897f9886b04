"""Only the window is a window: a widget shown before it has a parent flashes on the screen."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from support import run_screens, screens, text_screens

SCREENS = screens.SCREENS | run_screens.SCREENS | text_screens.SCREENS


class Shown(QObject):
    """Notes every top-level widget that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            said = getattr(watched, "text", str)()
            self.names.append(f"{type(watched).__name__} {watched.accessibleName()} {said}")
        return False


@pytest.mark.parametrize("name", SCREENS)
def test_only_the_window_is_shown(desk, qapp, tmp_path, name):
    desk.window.show()
    seen = Shown()
    qapp.installEventFilter(seen)
    SCREENS[name](desk, tmp_path)
    qapp.removeEventFilter(seen)
    # Explanations and dialogs float over the page on purpose.
    wanted = ("InfoPopup", "RowsDialog", "FixDialog", "VersionsDialog")
    assert [name for name in seen.names if not name.startswith(wanted)] == []
