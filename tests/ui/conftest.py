"""The window's own fonts and colours, and a desk with a whole window."""

import pytest

from support.desk import Desk
from support.look import _plain_look, look

__all__ = ["_plain_look", "desk", "look"]


@pytest.fixture
def desk(qapp, look, tmp_path):
    """A whole window with real projects; import and check are done at once."""
    made = Desk(qapp, tmp_path / "desk")
    yield made
    made.end()
