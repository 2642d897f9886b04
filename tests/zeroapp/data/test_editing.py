"""Edits, undone and redone, against a plain list of tables that is changed step by step."""

import random
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeroapp.data import editing
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths, read_again
from zeroapp.dataset import Part
from zeroapp.edits import Reason, said
from zeroapp.errors import UsageError
from zeroapp.project import Project
from zeroapp.work import Silent

ROWS = ["one,Refund", "two,refunds", "three,order", "four,order", "two,refunds", "Two!,refunds"]
ROLES = {"text": "text", "label": "label"}


def write(path, rows, *, header="text,label"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", task="text_classification") as made:
        import_paths(made, [write(tmp_path / "a.csv", ROWS)], Silent())
        yield made


@pytest.fixture
def store(project):
    return project.store


def table(store):
    return [(row.id, row.cells["text"], row.cells["label"]) for row in store.rows()]


def labels(store):
    return [label for _, _, label in table(store)]


def test_a_cell_is_set_and_taken_back_and_the_stored_row_stays(store, tmp_path):
    before = table(store)
    edit = editing.set_cells(store, [1], column="text", value="eins")
    assert said(edit) == "Changed “one” to “eins” (a.csv, line 2)"
    assert table(store)[0] == (1, "eins", "Refund")
    assert store.undo() == edit
    assert table(store) == before
    assert store.undo() is None
    assert store.redo() == edit
    assert table(store)[0][1] == "eins"
    assert store._read("SELECT cells FROM rows WHERE id = 1") == [
        ('{"text":"one","label":"Refund"}',)
    ]
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == "one,Refund"


def test_nothing_is_entered_when_nothing_changes(store):
    assert editing.set_cells(store, [3, 4], column="label", value="order") is None
    assert editing.rename_values(store, ["gone"], column="label", after="x") is None
    assert editing.restore_rows(store, [1]) is None
    assert editing.drop_duplicates(store, roles={"text": "label", "label": "text"}) is not None
    assert store.undo() is not None
    assert store.edits() == []


def test_labels_are_merged_by_one_rule_that_holds_for_later_files_too(store, project, tmp_path):
    edit = editing.rename_values(store, ["refunds", "Refund"], column="label", after="money back")
    assert said(edit) == "Merged “refunds”, “Refund” into “money back” in 4 rows"
    assert labels(store).count("money back") == 4
    assert store._read("SELECT COUNT(*) FROM edit_cells") == [(0,)]
    import_paths(project, [write(tmp_path / "b.csv", ["five,refunds"])], Silent())
    assert labels(store)[-1] == "money back"


def test_a_rule_touches_what_was_there_and_not_what_is_written_after_it(store):
    editing.rename_values(store, ["order"], column="label", after="sale")
    editing.set_cells(store, [3], column="label", value="order")
    assert labels(store)[2:4] == ["order", "sale"]
    editing.rename_values(store, ["sale"], column="label", after="order")
    editing.rename_values(store, ["order"], column="label", after="buy")
    assert labels(store)[2:4] == ["buy", "buy"]
    for _ in range(4):
        store.undo()
    assert labels(store)[2:4] == ["order", "order"]


def test_binned_rows_are_gone_everywhere_until_they_are_restored(store, project):
    assert said(editing.bin_rows(store, [2, 3])) == "Put 2 rows into the bin"
    assert [row for row, *_ in table(store)] == [1, 4, 5, 6] == store.row_ids()
    assert (store.count(), len(project.examples()), store.binned_now()) == (4, 4, [2, 3])
    assert [row.id for row in store.rows_of([3])] == [3]
    editing.restore_rows(store, [3])
    assert store.row_ids() == [1, 3, 4, 5, 6]
    store.undo()
    store.undo()
    assert store.count() == 6


def test_rows_that_come_twice_go_into_the_bin_and_contradictions_stay(store):
    editing.set_cells(store, [5], column="label", value="order")
    edit = editing.drop_duplicates(store, roles=ROLES)
    assert (edit.count, edit.reason) == (1, Reason.duplicates)
    assert store.binned_now() == [6]


def test_undo_reaches_back_across_restarts_and_a_new_edit_ends_redoing(store, project):
    for value in "abc":
        editing.set_cells(store, [1], column="text", value=value)
    store.undo()
    with Project.open(project.folder) as again:
        assert again.store.redoable().after == "c"
        assert again.store.undo().after == "b"
        assert table(again.store)[0][1] == "a"
        editing.set_cells(again.store, [1], column="text", value="d")
    assert store.redo() is None
    assert [entry.edit.after for entry in store.edits()] == ["d", "a"]


def test_a_setting_is_undone_too(store):
    editing.choose(store, "mask", before=None, after=True, said="Masked personal data")
    assert store.setting("mask", kind=bool) is True
    assert said(store.undo()) == "Masked personal data"
    assert store.setting("mask", kind=bool | None) is None
    store.redo()
    assert store.setting("mask", kind=bool) is True


def test_labels_can_be_given_to_texts_that_have_none(tmp_path):
    with Project.create(tmp_path / "p", task="text_classification") as project:
        import_paths(project, [write(tmp_path / "a.csv", ["hello there", "bye"], header="text")],
                     Silent())  # fmt: skip
        store = project.store
        editing.add_column(store, "label")
        project.set_roles(ROLES)
        editing.set_cells(store, [1, 2], column="label", value="greeting")
        assert [example.label for example in project.examples()] == ["greeting"] * 2
        profile, problems = check(
            project, Silent(), count_tokens=lambda texts: [1] * len(texts), limit=9
        )
        assert profile.usable == 2
        assert "missing-column" not in {problem.code for problem in problems}
        with pytest.raises(UsageError):
            editing.add_column(store, "Text")


@pytest.mark.parametrize("call", [
    lambda store: editing.set_cells(store, [1], column="nope", value=""),
    lambda store: editing.set_cells(store, [99], column="text", value=""),
    lambda store: editing.bin_rows(store, [99]),
    lambda store: editing.rename_values(store, ["order"], column="nope", after=""),
])  # fmt: skip
def test_what_is_not_there_is_refused_and_nothing_is_entered(store, call):
    with pytest.raises(UsageError):
        call(store)
    assert store.edits() == []


def test_a_run_keeps_its_rows_whatever_is_changed_later(store, project):
    profile = check(project, Silent(), count_tokens=lambda texts: [1] * len(texts), limit=9)[0]
    parts = project.parts(version=profile.version, seed=17)
    editing.rename_values(store, ["order"], column="label", after="sale")
    editing.set_cells(store, [1], column="text", value="changed")
    editing.bin_rows(store, [4])
    assert project.profile() is None
    assert project.parts(version=profile.version, seed=17) == parts
    changed = check(project, Silent(), count_tokens=lambda texts: [1] * len(texts), limit=9)[0]
    assert changed.version != profile.version
    other = project.parts(version=changed.version, seed=17)
    assert sum(map(len, other.values())) == 5
    assert "sale" in {example.label for part in Part for example in other[part]}
    store.undo()
    assert project.parts(version=changed.version, seed=17) == other


def test_edits_outlive_a_file_that_is_read_again_without_a_repair(tmp_path):
    rows = ["one,Refund", "two,refund", "three,order", "four,REFUND"]
    with Project.create(tmp_path / "p", task="text_classification") as project:
        import_paths(project, [write(tmp_path / "a.csv", rows)], Silent())
        store = project.store
        editing.set_cells(store, [1], column="text", value="eins")
        editing.bin_rows(store, [3])
        read_again(project, 1, without=("label-spelling",), work=Silent())
        assert [(text, label) for _, text, label in table(store)] == [
            ("eins", "Refund"), ("two", "refund"), ("four", "REFUND"),
        ]  # fmt: skip
        store.undo()
        assert store.count() == 4
        read_again(project, 2, without=(), work=Silent())
        assert table(store)[0][1] == "eins"


def test_any_walk_of_edits_undos_and_redos_agrees_with_a_plain_table(store):
    """300 steps; the plain table keeps a copy for every edit, the log none."""
    dice = random.Random(5)
    states = [{row.id: dict(row.cells) for row in store.rows()}]
    ahead: list[dict] = []
    for _ in range(300):
        now = states[-1]
        move = dice.choice(["set", "set", "rename", "bin", "restore", "undo", "undo", "redo"])
        if move == "undo":
            assert (store.undo() is None) == (len(states) == 1)
            if len(states) > 1:
                ahead.append(states.pop())
        elif move == "redo":
            assert (store.redo() is None) == (not ahead)
            if ahead:
                states.append(ahead.pop())
        elif (made := step(store, dice, now, all_rows=states[0], move=move)) is not None:
            states.append(made)
            ahead.clear()
        expected = {
            row: {name: cell for name, cell in cells.items() if name != "gone"}
            for row, cells in states[-1].items()
            if not cells.get("gone")
        }
        assert {row.id: row.cells for row in store.rows()} == expected
        assert {row.id: row.cells for row in store.rows_of(store.row_ids())} == expected


EDITS = st.tuples(
    st.sampled_from(["set", "rename", "bin", "restore"]),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from(["order", "Order ", "a", "", "Grüße\n"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=st.lists(EDITS, max_size=8))
def test_all_undone_is_the_beginning_and_all_redone_the_end(project, edits):
    with closing(project.store.again()) as store:
        start, made = table(store), [edited(store, *edit) for edit in edits]
        steps, end = sum(edit is not None for edit in made), table(store)
    with closing(project.store.again()) as store:  # as after a restart
        assert table(store) == end
        assert all(store.undo() for _ in range(steps))
        assert table(store) == start
    with closing(project.store.again()) as store:
        assert table(store) == start
        assert all(store.redo() for _ in range(steps))
        assert table(store) == end


def edited(store, kind, rows, value):
    if kind == "set":
        return editing.set_cells(store, rows, column="label", value=value)
    if kind == "rename":
        return editing.rename_values(store, ["refunds", "a"], column="label", after=value)
    return (editing.bin_rows if kind == "bin" else editing.restore_rows)(store, rows)


def step(store, dice, now, *, all_rows, move):
    """One edit by the store and by hand; None when it changed nothing."""
    made = {row: dict(cells) for row, cells in now.items()}
    rows = dice.sample(sorted(all_rows), k=dice.randint(1, 3))
    value, other = dice.choice("abc"), dice.choice(["order", "refunds", "a", "b"])
    if move == "set":
        edit = editing.set_cells(store, rows, column="label", value=value)
        for row in rows:
            made[row]["label"] = value
    elif move == "rename":
        edit = editing.rename_values(store, [other], column="label", after=value)
        for cells in made.values():
            if cells["label"] == other:
                cells["label"] = value
        if edit is None:
            return None
    else:
        call = editing.bin_rows if move == "bin" else editing.restore_rows
        edit = call(store, rows)
        for row in rows:
            made[row]["gone"] = move == "bin"
    return made if edit is not None else None
