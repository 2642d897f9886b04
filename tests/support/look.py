"""The window's fonts and colours, as every test of a widget needs them."""

import pytest

from ui import theme


@pytest.fixture(scope="session")
def look(qapp):
    """The theme of the app, light and at 100 % unless a test says otherwise."""
    theme.load_fonts()
    made = theme.Theme(qapp)
    made.set_mode(theme.Mode.light)
    return made


@pytest.fixture(autouse=True)
def _plain_look(look):
    yield
    if look.scale != 100:
        look.set_scale(100)
    if look.dark:
        look.set_mode(theme.Mode.light)
