"""Every file that cannot be used gets its own kind words, and nothing of it stays behind."""

import errno
import io
import os
import shutil
import sqlite3
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from support.listener import Listener
from zeroapp.data import faults, store
from zeroapp.data.checks import check
from zeroapp.data.gate import admit
from zeroapp.data.importing import import_paths
from zeroapp.data.readers import open_table
from zeroapp.errors import AppError, DataError, ResourceError, Severity
from zeroapp.project import Project
from zeroapp.protocol import ImportData, Noted
from zeroapp.runs.launch import launch

GOOD = "message,kind\n" + "".join(
    f"where is my {thing},{'card' if n % 2 else 'money'}\n"
    for n, thing in enumerate(
        ["card", "money", "letter", "code", "key", "phone", "account", "bill", "refund", "order"]
    )
)


def xlsx() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return data.getvalue()


def lengths(texts):
    return [len(text.split()) for text in texts]


REFUSED = [
    ("nothing.csv", b"", "empty-file"),
    ("names_only.csv", b"message,kind\n", "no-rows"),
    ("blank.csv", b"\n \n\n", "no-rows"),
    ("book.xlsx", xlsx(), "not-a-table"),
    ("book.csv", xlsx(), "not-a-table"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not-a-table"),
    ("noise.txt", bytes(range(256)) * 8, "not-a-table"),
    ("zeros.csv", b"\0" * 4096, "not-a-table"),
    ("film.mp4", b"whatever", "unknown-format"),
    ("object.json", b'{"a": 1}', "not-a-table"),
    ("cut.json", b'[{"text": "a"}, {"te', "not-a-table"),
    ("empty_list.json", b"[]", "not-a-table"),
    ("all_bad.csv", b"message,kind\n" + b"a,b,c\n" * 3 + b"d\0,e\n", "no-rows"),
]


@pytest.mark.parametrize(
    ("name", "content", "code"), REFUSED, ids=[f"{name}-{code}" for name, _, code in REFUSED]
)
def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(
    project, tmp_path, name, content, code
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        import_paths(project, [path], Listener())
    assert caught.value.code == code
    assert_kind(caught.value)
    assert name in caught.value.title
    assert (project.count(), project.files(), project.roles()) == (0, [], {})


def assert_kind(error: AppError) -> None:
    """Two whole sentences without jargon or shouting."""
    for text in (error.title, error.hint):
        assert text.endswith(".")
        assert "!" not in text
        assert not any(word in text for word in ("Error", "Traceback", "errno", "None"))


def test_a_file_of_two_gigabytes_is_refused_at_once(project, tmp_path):
    path = tmp_path / "huge.csv"
    path.write_text(GOOD)
    os.truncate(path, 2 << 30)  # sparse: takes no room on the disk
    heard = Listener()
    with pytest.raises(DataError) as caught:
        import_paths(project, [path], heard)
    assert caught.value.code == "file-too-large"
    assert "2.0 GB" in caught.value.title
    assert "1 GB" in caught.value.title
    assert "Nothing was added" in caught.value.title
    assert_kind(caught.value)


def test_a_large_json_list_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("zeroapp.data.json_rows._WHOLE_LIMIT", 10)
    path = tmp_path / "big.json"
    path.write_text('[{"text": "a"}]')
    with pytest.raises(DataError) as caught:
        open_table(path)
    assert caught.value.code == "file-too-large"
    assert_kind(caught.value)


def test_a_missing_file(project, tmp_path):
    with pytest.raises(DataError) as caught:
        import_paths(project, [tmp_path / "gone.csv"], Listener())
    assert caught.value.code == "file-missing"
    assert_kind(caught.value)


@pytest.fixture
def forbidden(monkeypatch):
    """Refuse the system's calls on a path the way it does for others than root."""
    closed: list[Path] = []

    def guard(owner, name):
        real = getattr(owner, name)

        def call(path, *args, **kwargs):
            if not isinstance(path, int) and Path(path) in closed:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    guard(io, "open")
    guard(os, "listdir")
    guard(Path, "mkdir")
    return closed


def test_a_file_without_permission(project, tmp_path, forbidden):
    path = tmp_path / "secret.csv"
    path.write_text(GOOD)
    forbidden.append(path)
    with pytest.raises(DataError) as caught:
        import_paths(project, [path], Listener())
    assert caught.value.code == "no-permission"
    assert_kind(caught.value)


@pytest.mark.parametrize("kind", ["table", "folder", "zip"])
@pytest.mark.parametrize("first", [True, False])
def test_beside_others_what_must_not_be_read_is_set_aside(
    project, tmp_path, forbidden, kind, first
):
    (tmp_path / "good.csv").write_text(GOOD)
    bad = tmp_path / {"table": "bad.csv", "folder": "bad", "zip": "bad.zip"}[kind]
    bad.mkdir() if kind == "folder" else bad.write_text(GOOD)
    forbidden.append(bad)
    paths = [bad, tmp_path / "good.csv"]
    heard = Listener()
    imported = import_paths(project, paths if first else paths[::-1], heard)
    assert (imported.rows_stored, imported.rows_set_aside, imported.files) == (10, 1, 1)
    (aside,) = project.set_aside()
    assert (aside.file, aside.line) == (bad.name, 1)
    assert "no permission" in aside.reason
    assert [event.code for event in heard.events if isinstance(event, Noted)] == ["no-permission"]
    assert not import_paths(project, paths, Listener()).rows_set_aside
    assert len(project.set_aside()) == 1
    forbidden.clear()
    if kind == "table":
        bad.write_text(GOOD.replace("where", "when"))
        assert import_paths(project, paths, Listener()).rows_stored == 10


def test_a_text_that_must_not_be_read_does_not_end_the_folder(project, tmp_path, forbidden):
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"Dear {name}, this is a letter of several words.")
    forbidden.append(folder / "b.txt")
    imported = import_paths(project, [folder], Listener())
    assert (imported.rows_stored, imported.rows_set_aside) == (2, 1)
    assert "no permission" in project.set_aside()[0].reason


def test_a_folder_without_permission(project, tmp_path, forbidden):
    folder = tmp_path / "secret"
    folder.mkdir()
    forbidden.append(folder)
    with pytest.raises(DataError) as caught:
        import_paths(project, [folder], Listener())
    assert caught.value.code == "no-permission"
    with pytest.raises(ResourceError) as caught:
        Project.create(folder, task="text_classification")
    assert caught.value.code == "no-permission"
    assert_kind(caught.value)


def test_a_folder_without_tables(project, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "cat.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.csv").write_text(GOOD)
    with pytest.raises(DataError) as caught:
        import_paths(project, [folder], Listener())
    assert caught.value.code == "no-tables"
    assert_kind(caught.value)


def test_a_folder_passes_over_what_is_no_table(project, tmp_path):
    folder = tmp_path / "mixed"
    (folder / "more").mkdir(parents=True)
    (folder / "good.csv").write_text(GOOD)
    (folder / "more" / "too.csv").write_text(GOOD.replace("where", "when"))
    (folder / "bad.csv").write_bytes(b"")
    heard = Listener()
    assert import_paths(project, [folder], heard).files == 2
    assert heard.codes() == ["empty-file"]


def test_one_file_that_is_not_there_leaves_the_project_as_it_was(project, tmp_path):
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    with pytest.raises(DataError):
        import_paths(project, [good, tmp_path / "gone.csv"], Listener())
    assert (project.count(), project.files()) == (0, [])


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_full_disk_loses_nothing_that_was_there(project, tmp_path, monkeypatch, error):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(GOOD)
    second.write_text(GOOD.replace("where", "when"))
    import_paths(project, [first], Listener())

    def full(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "add_repairs", full)
        with pytest.raises(ResourceError) as caught:
            import_paths(project, [second], Listener())
    assert caught.value.code == "disk-full"
    assert_kind(caught.value)
    assert project.count() == 10
    assert import_paths(project, [second], Listener()).rows_stored == 10


LATIN = os.fsdecode(b"caf\xe9.csv")
"""A name as old archives and disks have them: its bytes are no text in UTF-8."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have only names that are text")
def test_a_file_whose_name_is_no_text_is_told_before_anything_is_made(project, tmp_path):
    (tmp_path / LATIN).write_text(GOOD)
    job = ImportData(project=str(project.folder), paths=(str(tmp_path / LATIN),))
    for tried in (
        lambda: launch(job, project.new_run("import")),
        lambda: admit(tmp_path / LATIN),
        lambda: import_paths(project, [tmp_path / LATIN], Listener()),
        lambda: Project.create(tmp_path / "in" / LATIN),
        lambda: Project.open(tmp_path / "in" / LATIN),
    ):
        with pytest.raises(DataError) as caught:
            tried()
        assert caught.value.code == "file-name"
        assert "caf?.csv" in caught.value.title
    assert not (tmp_path / "in").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have only names that are text")
def test_a_folder_passes_over_a_file_whose_name_is_no_text(project, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / LATIN).write_text(GOOD)
    with pytest.raises(DataError) as caught:
        import_paths(project, [folder], Listener())
    assert caught.value.code == "file-name"
    (folder / "good.csv").write_text(GOOD)
    heard = Listener()
    assert import_paths(project, [folder], heard).files == 1
    assert "caf?.csv" in " ".join(note.text for note in heard.of(Noted))


@pytest.mark.parametrize(("free", "code"), [(20_000, "disk-full"), (10**9, "disk-error")])
def test_a_disk_without_room_for_an_open_project_is_told_as_full(tmp_path, monkeypatch, free, code):
    # What SQLite says when it cannot make the small file beside the project: seen on 20 kB.
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    with pytest.raises(ResourceError) as caught, faults.keeping(tmp_path / "project.db"):
        raise sqlite3.OperationalError("disk I/O error")
    assert caught.value.code == code


def test_a_disk_that_is_really_full(project, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("message,kind\n" + "".join(f"text {n},{n % 3}\n" for n in range(20_000)))
    small = store.Store(project.store.path)
    # SQLite's own limit gives the very error of a full disk: 40 pages.
    small._connection.execute("PRAGMA max_page_count = 40")
    project.store.again = lambda: small
    with pytest.raises(ResourceError) as caught:
        import_paths(project, [path], Listener())
    assert caught.value.code == "disk-full"
    assert (project.count(), project.files()) == (0, [])
    # Told of the error, its traceback in hand, the person may mend or delete the file at once.
    assert str(path) not in {file.path for file in psutil.Process().open_files()}


PROBLEMS = [
    ("one label", "message,kind\n" + "".join(f"text {w},same\n" for w in "abcdefghij"),
     "one-label-only"),
    ("seven rows", "\n".join(GOOD.splitlines()[:8]), "too-few-rows"),
    ("the same row again and again", "message,kind\n" + "one,a\ntwo,b\n" * 20, "too-few-rows"),
    ("no label column", "message\n" + "".join(f"where is my {w}\n" for w in "abcdefghij"),
     "missing-label-column"),
    ("no text column", "kind,other\n" + "card,x\nmoney,y\n" * 10, "missing-text-column"),
    ("an identifier as label", "message,label\n"
     + "".join(f"where is my {w} please,id-{n}\n" for n, w in enumerate("abcdefghij")),
     "many-labels-like-ids"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"), [p[1:] for p in PROBLEMS], ids=[p[0] for p in PROBLEMS]
)
def test_data_that_cannot_teach_is_a_blocking_problem(project, tmp_path, content, code):
    path = tmp_path / "table.csv"
    path.write_text(content)
    import_paths(project, [path], Listener())
    _, problems = check(project, Listener(), count_tokens=lengths, limit=128)
    blocking = [problem for problem in problems if problem.severity is Severity.blocking]
    assert code in [problem.code for problem in blocking]
    for problem in problems:
        assert problem.title.endswith(".")
        assert problem.why.endswith(".")
        assert problem.remedy.endswith(".")


def test_a_wrong_encoding_is_converted_and_said(project, tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes("message,kind\nSchöne Grüße aus Köln,gruß\nKeine Ahnung,x\n".encode("cp1252"))
    import_paths(project, [path], Listener())
    assert project.preview(limit=1)[0].cells == {"message": "Schöne Grüße aus Köln", "kind": "gruß"}
    assert "cp1252" in project.repairs()[0].sentence


def test_a_damaged_project_says_so(tmp_path):
    folder = tmp_path / "project"
    Project.create(folder, task="text_classification").close()
    (folder / "project.db").write_bytes(b"not a database at all, " * 1000)
    with pytest.raises(ResourceError) as caught:
        Project.open(folder)
    assert caught.value.code == "project-damaged"
    assert_kind(caught.value)
