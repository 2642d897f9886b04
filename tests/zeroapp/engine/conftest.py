"""What tests of training share."""

from pathlib import Path

import pytest

from support import tiny_model


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """The tiny model's folder."""
    return tiny_model.make(tmp_path_factory.mktemp("base") / "tiny")
