import pytest

from zeroapp.data import editing
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths, read_again
from zeroapp.data.versions import NOW, What, compare, current, find_version
from zeroapp.errors import UsageError
from zeroapp.project import Project
from zeroapp.work import Silent

ROWS = ["one,Refund", "two,refunds", "three,order", "four,order", "five,ORDER"]


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", task="text_classification") as made:
        add(made, tmp_path, ROWS)
        yield made


def add(project, folder, rows, *, name="a.csv"):
    (folder / name).write_text("\n".join(["text,label", *rows]) + "\n")
    import_paths(project, [folder / name], Silent())


def checked(project):
    return check(project, Silent(), count_tokens=lambda texts: [1] * len(texts), limit=9)[0].version


def changes(project, older, newer):
    store = project.store
    found = compare(store, find_version(store, older), find_version(store, newer))
    assert sum(found.counts.values()) == len(found.changes)
    return [(change.what, change.file, change.line) for change in found.changes]


def test_a_comparison_names_every_row_that_differs_and_no_other(project, tmp_path):
    older = checked(project)
    assert changes(project, older, NOW) == []
    editing.set_cells(project.store, [1], column="label", value="refunds")
    editing.set_cells(project.store, [2], column="text", value="deux")
    editing.bin_rows(project.store, [3])
    add(project, tmp_path, ["six,order"], name="b.csv")
    expected = [
        (What.relabelled, "a.csv", 2),
        (What.edited, "a.csv", 3),
        (What.removed, "a.csv", 4),
        (What.added, "b.csv", 2),
    ]
    assert changes(project, older, NOW) == expected
    newer = checked(project)
    editing.rename_values(project.store, ["order"], column="label", after="x")
    assert changes(project, older, newer) == expected
    back = {(file, line): what for what, file, line in changes(project, newer, older)}
    assert back == {
        ("a.csv", 2): What.relabelled, ("a.csv", 3): What.edited,
        ("a.csv", 4): What.added, ("b.csv", 2): What.removed,
    }  # fmt: skip


def test_a_renamed_label_is_found_in_every_row_it_touches(project):
    older = checked(project)
    editing.rename_values(project.store, ["order"], column="label", after="sale")
    assert changes(project, older, NOW) == [(What.relabelled, "a.csv", n) for n in (4, 5, 6)]
    project.store.undo()
    assert changes(project, older, NOW) == []


def test_an_edit_that_was_undone_is_still_in_the_version_that_had_it(project):
    older = checked(project)
    editing.set_cells(project.store, [1], column="text", value="eins")
    newer = checked(project)
    project.store.undo()
    editing.set_cells(project.store, [1], column="text", value="uno")
    found = compare(
        project.store, find_version(project.store, newer), find_version(project.store, NOW)
    )
    change = found.changes[0]
    assert (change.before["text"], change.after["text"]) == ("eins", "uno")
    assert len(changes(project, older, newer)) == 1


def test_a_file_that_was_read_again_is_compared_row_by_row(project):
    older = checked(project)
    read_again(project, 1, without=("label-spelling",), work=Silent())
    assert changes(project, older, NOW) == [(What.relabelled, "a.csv", 6)]


def test_versions_are_named_by_how_they_begin(project):
    version = checked(project)
    assert find_version(project.store, version[:4]).version == version
    assert current(project.store).files == (1,)
    for name in (version[:3], "none", ""):
        with pytest.raises(UsageError):
            find_version(project.store, name)
