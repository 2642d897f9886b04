"""The corpus of awkward files: every row is stored or set aside, and what was put right is told."""

import pytest

from support.awkward import CORPUS
from support.listener import Listener
from zeroapp.data.importing import import_paths
from zeroapp.errors import DataError
from zeroapp.project import Project


def test_the_corpus_is_large_and_every_file_has_a_name_of_its_own():
    assert len({one.name for one in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("one", CORPUS, ids=[one.name for one in CORPUS])
def test_an_awkward_file_gives_its_rows_and_says_what_was_done(tmp_path, one):
    path = tmp_path / one.name
    path.write_bytes(one.content)
    with Project.create(tmp_path / "project", task="text_classification") as project:
        if one.refused:
            with pytest.raises(DataError) as caught:
                import_paths(project, [path], Listener())
            assert caught.value.code == one.refused
            assert project.files() == []
        else:
            import_paths(project, [path], Listener())
            assert (project.count(), len(project.set_aside())) == (one.stored, one.aside)
            for file in project.files():
                assert file.rows_in == file.rows_stored + file.rows_set_aside
            assert all(item.line > 0 and item.reason for item in project.set_aside())
            assert set(one.repairs) <= {repair.kind for repair in project.repairs()}
            if one.first:
                assert one.first.items() <= project.preview(limit=1)[0].cells.items()
    assert path.read_bytes() == one.content
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {one.name, "project"}
