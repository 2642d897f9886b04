"""Pictures of every page, light and dark: `pytest tests/ui --screenshots DIR`."""

import pytest

from support import run_screens, screens, text_screens
from ui.theme import Mode

SCREENS = screens.SCREENS | run_screens.SCREENS | text_screens.SCREENS


@pytest.mark.screenshots
@pytest.mark.parametrize("name", SCREENS)
def test_picture(desk, screenshots, tmp_path, qtbot, name):
    desk.window.resize(1180, 800)
    desk.window.show()
    SCREENS[name](desk, tmp_path)
    for mode in (Mode.light, Mode.dark):
        desk.app.theme.set_mode(mode)
        # Layouts settle over a few turns of the event loop, which on a busy machine are long ones.
        for _turn in range(5):
            qtbot.wait(50)
        assert desk.top.grab().save(str(screenshots / f"{name}-{mode.value}.png"))
