import os
import signal
import threading

import pytest

from support.fake_worker import FakeLauncher
from support.processes import eventually, none_left
from support.script import AwaitStop, Fail, Say, Sleep, Steps
from zeroapp import protocol as p
from zeroapp.cli.console import Console
from zeroapp.cli.follow import RunFailed, StoppedByUser, follow
from zeroapp.errors import WorkError
from zeroapp.run_folder import RunFolder
from zeroapp.status import Outcome


@pytest.fixture(autouse=True)
def no_orphans():
    yield
    assert none_left()


@pytest.fixture
def start(tmp_path):
    """Starts a fake run that plays a script."""

    def launch(*play):
        folder = RunFolder(tmp_path / "project" / "runs" / "20260101-000000-00-check")
        return FakeLauncher(play).launch(p.Check(project=str(tmp_path / "project")), folder)

    return launch


def press_when(true):
    """Ctrl-C as soon as something is true; 20 s is how long a busy machine may take to start."""

    def wait():
        if eventually(true, within=20):
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_completed_run_comes_back_with_its_warnings_told(start, capsys):
    note = p.Noted(level="warning", text="Three rows look odd.")
    status = follow(start(Say(event=note), Steps(total=3)), Console())
    assert (status.outcome, status.step) == (Outcome.completed, 3)
    told = capsys.readouterr()
    assert "Three rows look odd." in told.err
    assert told.out == ""


def test_quiet_says_nothing(start, capsys):
    note = p.Noted(level="warning", text="Three rows look odd.")
    follow(start(Say(event=note), Steps(total=3)), Console(quiet=True))
    assert capsys.readouterr() == ("", "")


def test_a_failure_comes_with_its_problems_and_exit_code(start):
    with pytest.raises(RunFailed) as caught:
        follow(start(Fail(code="bad-data")), Console())
    assert caught.value.failure.exit_code == 3
    assert [problem.code for problem in caught.value.problems] == ["one-label"]


def test_a_run_that_vanishes_is_an_error(start):
    handle = start(AwaitStop())
    assert eventually(lambda: handle.status.attempt == 1, within=20)
    handle.kill()
    with pytest.raises(WorkError) as caught:
        follow(handle, Console())
    assert caught.value.code == "worker-lost"


def test_one_ctrl_c_stops_and_saves(start):
    handle = start(Steps(total=1000))
    watcher = FakeLauncher().attach(handle.folder)
    thread = press_when(lambda: watcher.status.step >= 3)
    with pytest.raises(StoppedByUser) as caught:
        follow(handle, Console())
    thread.join()
    assert not caught.value.left
    assert caught.value.status.saved_step == caught.value.status.step >= 3


def test_a_second_ctrl_c_leaves_it_to_save_on_its_own(start):
    handle = start(Steps(total=3), Sleep(seconds=2), AwaitStop())
    watcher = FakeLauncher().attach(handle.folder)
    first = press_when(lambda: watcher.status.step >= 3)
    second = press_when(lambda: not first.is_alive() and handle.folder.control.exists() and stops())

    def stops():
        return b"stop" in handle.folder.control.read_bytes()

    with pytest.raises(StoppedByUser) as caught:
        follow(handle, Console())
    first.join()
    second.join()
    assert caught.value.left
    assert handle.wait(20).outcome is Outcome.stopped


def test_ctrl_c_is_itself_again_afterwards(start):
    before = signal.getsignal(signal.SIGINT)
    follow(start(Steps(total=1)), Console())
    assert signal.getsignal(signal.SIGINT) is before
