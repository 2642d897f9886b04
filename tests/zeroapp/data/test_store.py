import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest

from zeroapp.data.schema import MIGRATIONS, migrate
from zeroapp.data.store import Store, packed
from zeroapp.data.table import Block
from zeroapp.dataset import Part, Row, SourceFile
from zeroapp.errors import ResourceError
from zeroapp.project import Project

GOLDEN = Path(__file__).parent / "golden" / "project_version_1.sql"


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "project.db", settings={"task": "text_classification"})
    yield made
    made.close()


def source(**changes):
    values = {
        "name": "a.csv", "path": "/home/me/a.csv", "sha256": "00", "bytes": 10, "rows_in": 0,
        "rows_stored": 0, "rows_set_aside": 0, "encoding": "utf-8", "delimiter": ",",
        "added_at": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    return SourceFile(**(values | changes))


def test_a_project_of_version_1_opens_and_says_what_it_held(tmp_path):
    """The golden file is never changed: it stands for the projects people have."""
    with sqlite3.connect(tmp_path / "project.db") as database:
        database.executescript(GOLDEN.read_text("utf-8"))
    database.close()
    with Project.open(tmp_path) as project:
        assert project.task == "text_classification"
        assert project.roles() == {"text": "message", "label": "kind"}
        assert [row.cells["message"] for row in project.preview(limit=9)] == ["Où ?", "Where?"]
        assert [item.line for item in project.set_aside()] == [4]
        assert [repair.kind for repair in project.repairs()] == ["header-spaces"]
        parts = project.parts(version="0123456789abcdef", seed=17)
        assert [example.row_id for example in parts[Part.test]] == [2]
        assert project.exports()[0].format == "onnx-int8"
        assert project.options().ranks == 2
        assert (project.store.row_ids(), project.count()) == ([1, 2], 2)
        assert [row.line for page in project.store.pages(1) for row in page] == [2, 3]
        project.set_options(project.options())


def test_a_project_of_a_newer_app_is_left_alone(tmp_path):
    Project.create(tmp_path, task="text_classification").close()
    with sqlite3.connect(tmp_path / "project.db") as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(ResourceError) as caught:
        Project.open(tmp_path)
    assert caught.value.code == "project-newer"


def test_migrations_run_from_where_the_file_stands(tmp_path):
    steps = (*MIGRATIONS, "ALTER TABLE files ADD COLUMN note TEXT;", "CREATE TABLE more (x);")
    database = sqlite3.connect(tmp_path / "project.db", isolation_level=None)
    migrate(database, path=tmp_path / "project.db", migrations=steps[:2])
    database.execute("INSERT INTO settings VALUES ('a', '1')")
    migrate(database, path=tmp_path / "project.db", migrations=steps)
    assert database.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert database.execute("SELECT * FROM settings").fetchall() == [("a", "1")]
    assert database.execute("SELECT * FROM more").fetchall() == []
    database.close()


def test_files_of_version_4_learn_which_rows_are_theirs(tmp_path):
    path = tmp_path / "project.db"
    database = sqlite3.connect(path, isolation_level=None)
    migrate(database, path=path, migrations=MIGRATIONS[:4])
    for file, (rows, replaced) in enumerate([(2, 1), (0, 0), (3, 0)], start=1):
        database.execute(
            "INSERT INTO files (id, name, path, sha256, bytes, rows_in, rows_stored,"
            " rows_set_aside, encoding, delimiter, added_at, columns, replaced)"
            " VALUES (?, 'a.csv', '', ?, 0, 0, ?, 0, '', '', '', '[\"n\"]', ?)",
            (file, str(file), rows, replaced),
        )
        for line in range(rows):
            cells = f'{{"n": "{file}"}}'
            database.execute("INSERT INTO rows VALUES (NULL, ?, ?, ?)", (file, line, cells))
    database.close()
    store = Store(path)
    assert [store.span(file) for file in (1, 3)] == [(1, 2), (3, 5)]
    assert not list(store.pages(2))
    assert (store.row_ids(), store.count()) == ([3, 4, 5], 3)
    new = store.add_file(source(name="b.csv"), columns=())
    store.add_rows(new, rows=[(2, {"n": "b"})])
    store.complete(new, columns=["n"])
    assert (store.span(new), store.values_of("n", file=3)) == ((6, 6), {"3": 3})
    store.close()


def test_a_migration_that_fails_changes_nothing(tmp_path):
    database = sqlite3.connect(tmp_path / "project.db", isolation_level=None)
    migrate(database, path=tmp_path / "project.db")
    bad = (*MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE settings (x);")
    with pytest.raises(sqlite3.OperationalError):
        migrate(database, path=tmp_path / "project.db", migrations=bad)
    database.rollback()
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert "half" not in str(database.execute("SELECT name FROM sqlite_master").fetchall())
    database.close()


def test_rows_come_back_as_they_went_in(store):
    cells = [{"a": 'Grüße 日本 "x"\n', "b": ""}, {"a": "2", "b": "\\"}]
    file = store.add_file(source(), columns=())
    store.add_rows(file, rows=[(2, cells[0]), (5, cells[1])])
    kept = store.complete(file, columns=["a", "b"])
    assert (kept.rows_in, kept.rows_stored, kept.rows_set_aside) == (2, 2, 0)
    assert list(store.rows()) == [
        Row(id=1, file="a.csv", line=2, cells=cells[0]),
        Row(id=2, file="a.csv", line=5, cells=cells[1]),
    ]
    assert store.columns() == ["a", "b"]


@pytest.mark.parametrize("name", ["b", 'b"', "b\\", "a"])
def test_a_block_is_kept_as_its_rows_are(store, name):
    rows = [[f'Grüße "{n}"\u2028', str(n)] for n in range(450)]
    block = Block(7, ("a", name), rows, "")
    file = store.add_file(source(), columns=())
    store.add_block(file, block=packed(block))
    store.complete(file, columns=block.columns)
    assert [(row.line, row.cells) for row in store.rows()] == [tuple(row) for row in block.each()]
    assert store.values_of(name, file=file) == Counter(row[1] for row in rows)
    assert store.values_of("c", file=file) == {"": 450}


def test_each_file_has_its_own_rows(store):
    for name, lines in (("a.csv", 3), ("empty.csv", 0), ("b.csv", 2)):
        with store.transaction():
            file = store.add_file(source(name=name), columns=())
            store.add_rows(file, rows=[(n, {"n": name}) for n in range(lines)])
            assert store.complete(file, columns=["n"]).rows_stored == lines
    assert [[row.id for row in page] for page in store.pages(1)] == [[1, 2, 3]]
    assert not list(store.pages(2))
    assert store.values_of("n", file=3) == {"b.csv": 2}
    store.replace_file(1, new=3)
    assert (store.row_ids(), store.count()) == ([4, 5], 2)


def test_rows_are_paged_without_gap_or_repeat(store):
    file = store.add_file(source(), columns=["n"])
    # Two pages of 5,000 and a bit.
    store.add_rows(file, rows=((n + 2, {"n": str(n)}) for n in range(10_001)))
    assert [int(row.cells["n"]) for row in store.rows()] == list(range(10_001))
    assert [row.cells["n"] for row in store.preview(limit=2, offset=7)] == ["7", "8"]


def test_a_transaction_is_all_or_nothing(store):
    def half() -> None:
        with store.transaction():
            store.put_setting("a", value=1)
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert store.setting("a", kind=int) is None
    with store.transaction():
        store.put_setting("a", value=2)
    assert store.setting("a", kind=int) == 2


def test_a_writer_that_waits_too_long_hears_that_the_project_is_busy(store, monkeypatch):
    monkeypatch.setattr("zeroapp.data.database._BUSY_SECONDS", 0.05)
    other = store.again()
    with store.transaction(), pytest.raises(ResourceError) as caught:
        other.put_setting("a", value=1)
    assert caught.value.code == "project-busy"
    other.close()


def test_threads_may_share_a_store(store):
    file = store.add_file(source(), columns=["n"])
    threads = [
        threading.Thread(
            target=store.add_rows, args=(file,), kwargs={"rows": [(n, {"n": "1"})] * 50}
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    store.complete(file, columns=["n"])
    assert store.count() == 400
    assert sum(1 for _ in store.rows()) == 400


def test_an_unfinished_file_is_never_taken_for_a_project(tmp_path, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("zeroapp.data.database.as_json", killed)
    with pytest.raises(KeyboardInterrupt):
        Store.create(tmp_path / "project.db", settings={"task": "x"})
    assert not (tmp_path / "project.db").exists()
    monkeypatch.undo()
    Store.create(tmp_path / "project.db", settings={"task": "x"}).close()
