"""What the tests of importing and its neighbours share."""

import pytest

from zeroapp.project import Project


@pytest.fixture
def project(tmp_path):
    """A new project that sorts texts."""
    with Project.create(tmp_path / "project", task="text_classification") as made:
        yield made
