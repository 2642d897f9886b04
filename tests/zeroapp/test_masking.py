"""One switch hides personal data in training: versions and runs keep it, undo brings it back."""

import pytest

from zeroapp.data.examples import version_of
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Part
from zeroapp.project import Project
from zeroapp.work import Silent

ROWS = [
    f"please write to jane{n}@example.com about my {kind},{kind}"
    for n, kind in enumerate(["refund", "delivery", "account"] * 8)
]


@pytest.fixture
def project(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "\n".join(ROWS) + "\n", "utf-8")
    with Project.create(tmp_path / "p", task=None) as made:
        import_paths(made, [file], Silent())
        yield made


def version(project):
    return version_of(project.examples(), task=project.task, roles=project.roles())


def texts(project, name):
    parts = project.parts(version=name, seed=17)
    return [example.text for part in Part for example in parts[part]]


def test_training_sees_placeholders_under_a_version_of_its_own(project):
    plain = version(project)
    assert any("@" in text for text in texts(project, plain))
    project.set_masks(on=True)
    masked = version(project)
    assert masked != plain
    assert all("[EMAIL]" in text and "@" not in text for text in texts(project, masked))
    # what an earlier run learned from stays as it was, and rows are never changed
    assert any("@" in text for text in texts(project, plain))
    assert any("@" in text for text in (e.text for e in project.examples(raw=True)))


def test_the_switch_is_an_edit_that_can_be_undone(project):
    plain = version(project)
    project.set_masks(on=True)
    masked = version(project)
    texts(project, masked)
    assert project.store.undo() is not None
    assert not project.store.masks()
    assert version(project) == plain
    assert all("@" not in text for text in texts(project, masked))
