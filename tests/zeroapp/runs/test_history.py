import errno
import os
import time
from pathlib import Path

import pytest

from zeroapp import protocol as p
from zeroapp.errors import Failure, ResourceError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.runs import history
from zeroapp.runs.state import WorkerState, is_alive, state_of, write_state
from zeroapp.status import Outcome
from zeroapp.tasks import default

STARTED = p.Started(job="Train", pid=1)
DONE = p.Finished(outcome="completed")
STOPPED = p.Finished(outcome="stopped")


def failed(code):
    return p.Failed(failure=Failure(code=code, title="t", hint="h"))


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", task=default().key) as made:
        yield made


def add(project, *events, model=False, alive=False):
    """A training run whose log holds these events."""
    folder = project.new_run("train")
    plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"))
    folder.job.write_bytes(p.encode(p.Train(project=str(project.folder), plan=plan)))
    folder.events.write_bytes(b"".join(p.encode(event) + b"\n" for event in events))
    if model:
        folder.model.mkdir()
    pid = os.getpid() if alive else 2**22 + 1  # above the highest pid Linux gives
    state = state_of(pid, attempt=1) or WorkerState(
        pid=pid, create_time=1.0, heartbeat=5.0, attempt=1
    )
    write_state(folder, state)
    return folder


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((STARTED,), True),  # vanished
        ((STARTED, STOPPED), True),
        ((STARTED, failed("disk-full")), True),
        ((STARTED, failed("worker-lost")), True),
        ((STARTED, failed("out-of-memory")), True),
        ((STARTED, failed("project-busy")), True),
        ((STARTED, failed("nan")), False),
        ((STARTED, DONE), False),
    ],
)
def test_what_can_be_gone_on_with(project, events, found):
    folder = add(project, *events)
    assert history.find_unfinished(project) == (folder if found else None)


def test_a_working_run_is_unfinished(project):
    folder = add(project, STARTED, alive=True)
    assert history.find_unfinished(project) == folder
    assert history.status_of(folder).outcome is None


def test_nothing_older_than_the_newest_complete_run_is_gone_on_with(project):
    add(project, STARTED, STOPPED)
    add(project, STARTED, DONE)
    add(project, STARTED, failed("nan"))
    assert history.find_unfinished(project) is None


def test_the_newest_finished_run_has_a_model(project):
    assert history.latest_finished(project) is None
    older = add(project, STARTED, DONE, model=True)
    add(project, STARTED, DONE)  # complete, but somebody removed its model
    add(project, STARTED, STOPPED, model=True)
    assert history.latest_finished(project) == older


def test_a_run_that_vanished_ended_with_its_last_sign_of_life(project):
    folder = add(project, STARTED)
    status = history.status_of(folder)
    assert (status.outcome, status.ended_at) == (Outcome.interrupted, 5.0)


def test_a_folder_that_nobody_worked_on_waits(project):
    status = history.status_of(project.new_run("train"))
    assert (status.state, status.outcome) == ("waiting", None)


def test_a_run_whose_asker_was_killed_before_it_started_is_gone_on_with(project):
    folder = project.new_run("train")
    folder.job.write_bytes(b"{}")
    long_ago = time.time() - 60
    os.utime(folder.job, (long_ago, long_ago))
    assert history.status_of(folder).outcome == "interrupted"
    assert history.find_unfinished(project) == folder


def test_a_run_that_was_never_asked_for_is_passed_over(project):
    older = project.new_run("train")
    older.job.write_bytes(b"{}")
    project.new_run("train")
    assert history.find_unfinished(project) == older


def test_its_job_is_known(project):
    assert isinstance(history.job_of(add(project, STARTED)), p.Train)


def test_runs_without_a_project_are_kept_a_week(zeroapp_home):
    old = history.loose_folder("probe")
    eight_days = time.time() - 8 * 24 * 3600
    os.utime(old.path, (eight_days, eight_days))
    new = history.loose_folder("probe")
    newer = history.loose_folder("predict")
    assert new.path != newer.path
    assert not old.path.exists()
    assert new.path.is_dir()
    assert new.path.is_relative_to(zeroapp_home)


@pytest.mark.parametrize(
    ("number", "code", "step"),
    [
        (errno.EROFS, "no-permission", "the right to write"),
        (errno.ENOSPC, "disk-full", "Free some space"),
    ],
)
def test_a_home_that_takes_no_runs_is_told_with_a_next_step(
    zeroapp_home, monkeypatch, number, code, step
):
    def refused(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ResourceError) as told:
        history.loose_folder("probe")
    assert told.value.code == code
    assert step in told.value.hint


def test_another_process_with_the_same_pid_is_another():
    mine = state_of(os.getpid(), attempt=1)
    assert is_alive(mine)
    other = WorkerState(pid=mine.pid, create_time=mine.create_time - 60, heartbeat=0.0, attempt=1)
    assert not is_alive(other)
