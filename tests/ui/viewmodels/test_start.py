"""A dropped file becomes a project; the list says how far each project is."""

import sqlite3
from contextlib import closing
from pathlib import PureWindowsPath

import pytest

from support import stories
from support.desk import table
from support.played import PlayedLauncher
from ui.background import Inline
from ui.shown_start import Stage
from ui.viewmodels.preferences import Preferences
from ui.viewmodels.projects import look_at
from ui.viewmodels.session import Session
from ui.viewmodels.start import StartModel, free_folder
from zeroapp import protocol as p
from zeroapp.project import Project
from zeroapp.tasks import all_tasks, default


@pytest.fixture
def launcher(tmp_path):
    return PlayedLauncher(tmp_path / "loose")


@pytest.fixture
def session(qapp, launcher):
    made = Session(launcher, Inline())
    yield made
    made.open(None)


@pytest.fixture
def start(session):
    return StartModel(session, Preferences())


def test_a_file_becomes_a_project_named_after_it(start, session, launcher, tmp_path, zeroapp_home):
    path = table(tmp_path, "shop_questions.csv")
    start.add_files([path])
    assert session.project.folder == zeroapp_home / "projects" / "shop questions"
    assert launcher.jobs == [p.ImportData(project=session.folder, paths=(str(path),))]


def test_the_same_name_twice_makes_two_projects(start, session, tmp_path):
    path = table(tmp_path)
    start.add_files([path])
    start.add_files([path])
    assert session.project.folder.name == "questions 2"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a_b", "a b"),
        ('bad:"name?', "bad name"),
        ("../up", "up"),
        ("...", "My project"),
        ("x" * 200, "x" * 60),
        ("x" * 59 + ".y", "x" * 59),
        ("CON", "My CON"),
        ("nul.examples", "My nul.examples"),
        ("com1", "My com1"),
        ("console", "console"),
        (r"C:\\Users\\Jörg", "C Users Jörg"),
    ],
)
def test_names_become_folders_every_system_allows(tmp_path, name, folder):
    made = free_folder(tmp_path, name)
    assert made == tmp_path / folder
    # As Windows reads it: one part, without a drive, and nothing it would cut off at the end.
    assert PureWindowsPath(made.name).parts == (made.name,)
    assert made.name == made.name.rstrip(" .")


def test_a_wrong_file_is_told_and_leaves_nothing_behind(start, session, tmp_path, zeroapp_home):
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    start.add_files([path])
    assert start.failure.code == "not-a-table"
    assert session.project is None
    assert not (zeroapp_home / "projects").exists()


def test_a_folder_may_be_dropped_too(start, session, launcher, tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    start.add_files([folder])
    assert session.project.folder.name == "letters"
    assert launcher.jobs[0].paths == (str(folder),)


def test_nothing_chosen_changes_nothing(start, session):
    start.add_files([])
    assert session.project is None


def test_a_sample_of_every_task_is_one_click(start, session, launcher):
    assert start.offers[0] is default()
    assert set(start.offers) == set(all_tasks().values())
    for task in start.offers:
        start.try_sample(task)
        assert launcher.jobs[-1].paths == (str(task.sample.path),)
        assert session.project.task == task.key
    assert session.project.folder.name == f"Sample {start.offers[-1].sample.path.stem}"


def test_a_folder_that_is_no_project_is_told_in_the_windows_words(start, tmp_path):
    start.open(tmp_path)
    assert start.failure.code == "no-project"
    assert "zeroapp new" not in start.failure.hint


def test_opened_projects_are_listed_newest_first_and_can_leave_the_list(start, session, tmp_path):
    for name in ("one.csv", "two.csv"):
        start.add_files([table(tmp_path, name)])
    session.open(None)
    start.refresh()
    assert [item.name for item in start.projects] == ["two", "one"]
    start.forget(start.projects[0].folder)
    assert [item.name for item in start.projects] == ["one"]
    start.open(start.projects[0].folder)
    assert session.project.folder.name == "one"


def test_a_project_that_is_gone_says_so(tmp_path):
    item = look_at(tmp_path / "gone")
    assert item.stage is Stage.lost
    assert "cannot be opened" in item.state


def test_a_project_of_a_newer_app_says_so_in_the_list(tmp_path):
    Project.create(tmp_path / "p", task=default().key).close()
    with closing(sqlite3.connect(tmp_path / "p" / "project.db")) as database:
        database.execute("PRAGMA user_version = 9999")
        database.commit()
    item = look_at(tmp_path / "p")
    assert item.stage is Stage.lost
    assert "newer zeroapp" in item.state


def run_that_said(folder, *events):
    with Project.open(folder) as project:
        run = project.new_run("train")
    run.events.write_bytes(b"".join(p.encode(event) + b"\n" for event in events))
    return run


STARTED = p.Started(job="Train", pid=1, at=1.0)
SAVED = (*stories.steps(40), p.CheckpointSaved(step=40, seconds=0.1, bytes=1))


@pytest.mark.parametrize(
    ("events", "stage", "words"),
    [
        ((), Stage.empty, "Waiting for examples"),
        (
            (STARTED, p.Judged(report=stories.report()), p.Finished(outcome="completed")),
            Stage.ready,
            "right on 98 of 100",
        ),
        ((STARTED, *SAVED, p.Finished(outcome="stopped")), Stage.halted, "step 40 of 255"),
        ((STARTED, *SAVED), Stage.halted, "it can go on"),  # its process vanished
        ((STARTED, p.Failed(failure=stories.out_of_disk())), Stage.halted, "needs a look"),
    ],
)
def test_the_list_says_how_far_a_project_is(tmp_path, events, stage, words):
    folder = tmp_path / "p"
    Project.create(folder, task=default().key).close()
    if events:
        run_that_said(folder, *events)
    item = look_at(folder)
    assert item.stage is stage
    assert words in item.state
