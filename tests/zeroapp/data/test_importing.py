import time
from threading import Event, active_count, current_thread, main_thread

import pytest

from support.listener import Listener
from zeroapp.data import lines
from zeroapp.data.csv_rows import CsvTable
from zeroapp.data.importing import import_paths
from zeroapp.data.store import Store
from zeroapp.errors import ResourceError
from zeroapp.project import Project
from zeroapp.protocol import PhaseEntered, Progressed
from zeroapp.tasks import get
from zeroapp.work import Silent, Stopped

SAMPLE = get("text_classification").sample.path


def table(folder, name, rows, *, header="message,kind"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_sample_comes_in_whole(project):
    heard = Listener()
    imported = import_paths(project, [SAMPLE], heard)
    assert (imported.rows_stored, imported.rows_set_aside, imported.files) == (3866, 0, 1)
    assert project.count() == 3866
    assert project.columns() == ["message", "kind"]
    assert project.roles() == {"text": "message", "label": "kind"}
    assert len(project.examples()) == 3866
    assert project.preview(limit=1, offset=1)[0].line == 3
    (file,) = project.files()
    assert file.rows_in == file.rows_stored + file.rows_set_aside == 3866
    assert (file.encoding, file.delimiter, file.name) == ("utf-8", ",", SAMPLE.name)


def test_progress_counts_bytes_and_ends_with_all_of_them(project):
    heard = Listener()
    import_paths(project, [SAMPLE], heard)
    assert [event.title for event in heard.of(PhaseEntered)] == [f"Reading {SAMPLE.name}"]
    steps = heard.of(Progressed)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert {step.unit for step in steps} == {"bytes"}
    assert steps[-1].done == steps[-1].total == SAMPLE.stat().st_size
    assert steps[-1].seconds_left == 0


def test_a_stop_at_any_moment_leaves_nothing_behind(project, tmp_path):
    # Three chunks of rows, and a second file: stops fall between and inside them.
    rows = [f"text number {n},{n % 3}" for n in range(5000)]
    paths = [table(tmp_path, "a.csv", rows), table(tmp_path, "b.csv", [*rows, "more,1"])]
    for moment in range(3):
        with pytest.raises(Stopped):
            import_paths(project, paths, Listener(stop_after=moment))
        assert (project.count(), project.files(), project.roles()) == (0, [], {})
    assert import_paths(project, paths, Silent()).rows_stored == 10_001


def test_rows_that_cannot_be_stored_while_more_are_read_are_told_as_that(
    project, tmp_path, monkeypatch
):
    path = table(tmp_path, "a.csv", [f"text number {n},{n % 3}" for n in range(100)])
    read, keep, under_way = CsvTable._in_order, Store.add_block, Event()
    threads = active_count()

    def slowly(table, block):
        if current_thread() is not main_thread():
            under_way.set()
            time.sleep(0.1)  # long enough for the other thread to fail meanwhile
            under_way.clear()
        return read(table, block)

    def full(store, number, *, block):
        if under_way.wait(0.02):  # the first blocks have been read before any is stored
            raise ResourceError("disk-full", title="The disk is full.", hint="Make room.")
        keep(store, number, block=block)

    monkeypatch.setattr(lines, "_BLOCK", 100)
    monkeypatch.setattr(CsvTable, "_in_order", slowly)
    monkeypatch.setattr(Store, "add_block", full)
    with pytest.raises(ResourceError, match="disk"):
        import_paths(project, [path], Silent())
    assert (project.count(), project.files(), active_count()) == (0, [], threads)


def test_the_same_content_is_not_added_twice(project, tmp_path):
    path = table(tmp_path, "a.csv", ["where is it,a", "what now,b"])
    again = tmp_path / "copy.csv"
    again.write_bytes(path.read_bytes())
    import_paths(project, [path], Silent())
    heard = Listener()
    imported = import_paths(project, [path, again], heard)
    assert (imported.rows_stored, imported.files) == (0, 0)
    assert heard.codes() == ["already-imported", "already-imported"]
    assert project.count() == 2


def test_a_changed_file_of_the_same_name_is_added_with_a_warning(project, tmp_path):
    import_paths(project, [table(tmp_path, "a.csv", ["where is it,a", "what now,b"])], Silent())
    heard = Listener()
    import_paths(project, [table(tmp_path, "a.csv", ["something else,a"])], heard)
    assert heard.codes() == ["same-name"]
    assert project.count() == 3


def test_what_was_set_aside_and_repaired_is_kept_with_its_place(project, tmp_path):
    rows = ["where is it,a", "too,many,cells", "short", "what now,b"]
    import_paths(project, [table(tmp_path, "a.csv", rows, header=" message ,kind")], Silent())
    (file,) = project.files()
    assert (file.rows_in, file.rows_stored, file.rows_set_aside) == (4, 3, 1)
    (item,) = project.set_aside()
    assert (item.file, item.line, item.raw) == ("a.csv", 3, "too,many,cells")
    assert [repair.kind for repair in project.repairs()] == ["header-spaces", "short-rows"]


def test_columns_that_differ_in_capitals_are_the_same_column(project, tmp_path):
    first = table(tmp_path, "a.csv", ["where is it,a", "what now,b"])
    second = table(tmp_path, "b.csv", ["and this,a"], header="Message,KIND")
    import_paths(project, [first, second], Silent())
    assert project.columns() == ["message", "kind"]
    assert len(project.examples()) == 3
    assert [repair.kind for repair in project.repairs()] == ["column-renamed"]
    assert project.repairs()[0].count == 2


def test_roles_that_were_chosen_stay_and_missing_ones_are_filled(project, tmp_path):
    import_paths(
        project, [table(tmp_path, "a.csv", ["where is it now", "what next then"], header="note")],
        Silent(),
    )  # fmt: skip
    assert project.roles() == {"text": "note"}
    rows = [f"a whole sentence {n},{'xy'[n % 2]}" for n in range(20)]
    import_paths(project, [table(tmp_path, "b.csv", rows, header="note,label")], Silent())
    assert project.roles() == {"text": "note", "label": "label"}
    project.set_roles({"text": "label", "label": "note"})
    import_paths(project, [table(tmp_path, "c.csv", rows[:3], header="note,label")], Silent())
    assert project.roles() == {"text": "label", "label": "note"}


def test_the_log_of_a_large_import_does_not_stay(project):
    import_paths(project, [SAMPLE], Silent())
    log = project.folder / "project.db-wal"
    assert not log.exists() or log.stat().st_size == 0
    assert (project.folder / "project.db").stat().st_size > SAMPLE.stat().st_size


def test_another_window_may_read_while_rows_come_in(project, tmp_path):
    """A reader sees the project as it was until the import is over."""
    counts = []

    class Looking(Silent):
        def say(self, event):
            with Project.open(project.folder) as other:
                counts.append((other.count(), project.count()))

    import_paths(project, [table(tmp_path, "a.csv", ["where is it,a", "what now,b"])], Looking())
    assert set(counts) == {(0, 0)}
    assert project.count() == 2


@pytest.mark.parametrize("label", ['a "kind"', "back\\slash", "bell\x07"])
def test_a_column_of_any_name_can_hold_the_kinds(project, tmp_path, label):
    rows = [f"some text about it {n},{kind}" for n, kind in enumerate(("Post", "post", "post"))]
    name = label.replace('"', '""')
    import_paths(project, [table(tmp_path, "odd.csv", rows, header=f'text,"{name}"')], Silent())
    project.set_roles({"text": "text", "label": label})
    other = table(tmp_path, "more.csv", ["one more text here,POST"], header=f'text,"{name}"')
    import_paths(project, [other], Silent())
    assert {row.cells[label] for row in project.preview(limit=9)} <= {"Post", "post"}
