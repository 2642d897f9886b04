"""The window's own fonts and colours, a desk with a whole window, a world for one model."""

import pytest

from support.desk import Desk
from support.look import _plain_look, look
from support.played import World

__all__ = ["_plain_look", "desk", "look"]


@pytest.fixture
def desk(qapp, look, tmp_path):
    """A whole window with real projects; import and check are done at once."""
    made = Desk(qapp, tmp_path / "desk")
    yield made
    made.end()


@pytest.fixture
def world(qapp, tmp_path):
    """A project and a session whose jobs are played, for a page's model alone."""
    return World(tmp_path / "bank")
