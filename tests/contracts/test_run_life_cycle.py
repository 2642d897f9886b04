"""The life of a run, from the app's side: the fake worker and the real supervisor keep the same."""

import os
import time
from dataclasses import dataclass, field

import psutil
import pytest

from support.fake_worker import FakeLauncher
from support.processes import eventually, none_left, of_this_test
from support.script import AwaitStop, Crash, Die, Fail, Say, Sleep, Steps
from support.scripted import ScriptedLauncher
from zeroapp import protocol as p
from zeroapp.plan import TrainPlan
from zeroapp.run_folder import RunFolder
from zeroapp.runs.state import read_state
from zeroapp.status import Outcome, State

# Starting two Pythons on a busy machine takes a second; a test that hangs is found after this.
PATIENCE = 30.0

LAUNCHERS = {"fake": FakeLauncher, "real": ScriptedLauncher}


@pytest.fixture(params=LAUNCHERS)
def make(request):
    """Makes a launcher that plays a script."""
    yield LAUNCHERS[request.param]
    assert none_left()


@pytest.fixture
def project(tmp_path):
    return tmp_path / "project"


@pytest.fixture
def folder(project):
    return RunFolder(project / "runs" / "20260101-000000-00-train")


def train(project, *, ranks=1) -> p.Train:
    plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"), ranks=ranks)
    return p.Train(project=str(project), plan=plan)


def types_in(folder) -> list[str]:
    lines = folder.events.read_bytes().splitlines()
    return [type(p.decode_event(line)).__name__ for line in lines]


def terminals(folder) -> int:
    return sum(name in ("Finished", "Failed") for name in types_in(folder))


@dataclass(frozen=True)
class Life:
    name: str
    play: tuple
    outcome: Outcome
    code: str = ""
    holds: dict = field(default_factory=dict)


NOTE = Say(event=p.Noted(level="info", text="hello"))

LIVES = [
    Life("finishes", (NOTE,), Outcome.completed),
    Life("trains", (Steps(total=12),), Outcome.completed, holds={"step": 12, "saved_step": 10}),
    Life("fails", (Fail(code="no-luck"),), Outcome.failed, code="no-luck"),
    Life("bad data", (Fail(code="bad-data"),), Outcome.failed, code="bad-data"),
    Life("crashes", (NOTE, Crash(text="gizmo 42")), Outcome.failed, code="unexpected"),
]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_a_life_ends_as_it_should(make, project, folder, life):
    handle = make(life.play).launch(train(project), folder)
    status = handle.wait(PATIENCE)
    assert (status.state, status.outcome) == (State.ended, life.outcome)
    assert (status.failure.code if status.failure else "") == life.code
    for name, value in life.holds.items():
        assert getattr(status, name) == value
    assert status.attempt == 1
    assert terminals(folder) == 1
    assert types_in(folder)[0] == "Started"


def test_problems_with_the_data_come_along(make, project, folder):
    status = make((Fail(code="bad-data"),)).launch(train(project), folder).wait(PATIENCE)
    assert status.failure.exit_code == 3  # the data has problems
    assert [problem.code for problem in status.problems] == ["one-label"]


def test_the_unforeseen_is_told_without_a_trace(make, project, folder):
    status = make((Crash(text="gizmo 42"),)).launch(train(project), folder).wait(PATIENCE)
    shown = status.failure.title + status.failure.hint
    assert "gizmo" not in shown
    assert "Traceback" not in shown
    assert "gizmo 42" in status.failure.detail


def test_a_stop_is_followed_and_going_on_continues_in_the_same_folder(make, project, folder):
    launcher = make((Steps(total=300),))
    handle = launcher.launch(train(project), folder)
    assert eventually(lambda: handle.status.step >= 3, within=PATIENCE)
    handle.stop()
    status = handle.wait(PATIENCE)
    assert status.outcome is Outcome.stopped
    assert status.saved_step == status.step
    stopped_at = status.step

    again = launcher.go_on(folder)
    # Nobody may take the old ending for the new one, not even before the new worker speaks.
    assert again.status.outcome is None
    assert eventually(lambda: again.status.step > stopped_at, within=PATIENCE)
    assert again.status.attempt == 2
    again.stop()
    assert again.wait(PATIENCE).outcome is Outcome.stopped
    steps = [point.step for point in again.status.losses]
    assert steps == list(range(1, len(steps) + 1))
    assert terminals(folder) == 2  # one an attempt


def test_pause_holds_still_and_resume_goes_on(make, project, folder):
    handle = make((Steps(total=200),)).launch(train(project), folder)
    assert eventually(lambda: handle.status.step >= 3, within=PATIENCE)
    handle.pause()
    assert eventually(lambda: handle.status.state is State.paused, within=PATIENCE)
    held = handle.status.step
    time.sleep(0.3)  # fifteen steps' time
    assert handle.status.step == held
    handle.resume()
    assert eventually(lambda: handle.status.step > held, within=PATIENCE)
    handle.stop()
    assert handle.wait(PATIENCE).outcome is Outcome.stopped


def test_a_stop_ends_a_pause(make, project, folder):
    handle = make((Steps(total=200),)).launch(train(project), folder)
    assert eventually(lambda: handle.status.step >= 1, within=PATIENCE)
    handle.pause()
    assert eventually(lambda: handle.status.state is State.paused, within=PATIENCE)
    handle.stop()
    assert handle.wait(PATIENCE).outcome is Outcome.stopped


def test_killed_without_a_word_it_counts_as_interrupted_and_goes_on(make, project, folder):
    launcher = make((Steps(total=300),), (Steps(total=40),))
    handle = launcher.launch(train(project), folder)
    assert eventually(lambda: handle.status.saved_step >= 5, within=PATIENCE)
    psutil.Process(read_state(folder).pid).kill()
    status = handle.wait(PATIENCE)
    assert status.outcome is Outcome.interrupted
    assert status.ended_at > 0
    # Ranks hang on the supervisor's leash: two seconds are the promise.
    assert eventually(lambda: not of_this_test(), within=2), of_this_test()

    status = launcher.go_on(folder).wait(PATIENCE)
    assert (status.outcome, status.attempt, status.step) == (Outcome.completed, 2, 40)
    assert terminals(folder) == 1


def test_kill_ends_everything_at_once(make, project, folder):
    handle = make((AwaitStop(),)).launch(train(project), folder)
    assert eventually(lambda: handle.status.attempt == 1, within=PATIENCE)
    handle.kill()
    assert handle.wait(PATIENCE).outcome is Outcome.interrupted
    assert not handle.alive()


def test_a_second_handle_sees_the_whole_story(make, project, folder):
    launcher = make((Steps(total=30),))
    first = launcher.launch(train(project), folder)
    assert eventually(lambda: first.status.step >= 3, within=PATIENCE)
    second = launcher.attach(folder)
    assert second.alive()
    assert second.wait(PATIENCE) == first.wait(PATIENCE)
    assert [type(event).__name__ for event in second.poll()] == types_in(folder)
    assert second.poll() == []


def test_half_a_last_line_waits_and_never_glues_to_the_next(make, project, folder):
    launcher = make((NOTE, AwaitStop()), (NOTE,))
    handle = launcher.launch(train(project), folder)
    assert eventually(lambda: len(handle.status.notes) == 1, within=PATIENCE)
    handle.kill()
    handle.poll()
    with folder.events.open("ab") as events:
        events.write(b'{"type":"Noted","at":1.0,"level":"in')
    assert handle.poll() == []
    status = launcher.go_on(folder).wait(PATIENCE)
    assert (status.outcome, status.attempt) == (Outcome.completed, 2)
    assert [note.text for note in status.notes] == ["hello", "hello"]


def test_going_on_with_a_run_that_works_joins_it(make, project, folder):
    launcher = make((AwaitStop(),))
    first = launcher.launch(train(project), folder)
    assert eventually(lambda: first.status.attempt == 1, within=PATIENCE)
    second = launcher.go_on(folder)
    assert read_state(folder).pid == next(
        event.pid for event in second.poll() if isinstance(event, p.Started)
    )
    second.stop()
    assert first.wait(PATIENCE).outcome is Outcome.stopped
    assert first.status.attempt == 1


def test_a_run_that_dies_before_its_first_word_is_interrupted(make, project, folder):
    launcher = make((Sleep(seconds=30),))
    handle = launcher.launch(train(project), folder)
    handle.kill()
    assert handle.wait(PATIENCE).outcome is Outcome.interrupted


def test_another_process_with_the_old_pid_is_not_taken_for_the_worker(make, project, folder):
    handle = make((Die(),)).launch(train(project), folder)
    handle.kill()
    state = read_state(folder)
    # This very test's process has the pid now, but it began at another time.
    folder.state.write_bytes(
        f'{{"pid":{os.getpid()},"create_time":{state.create_time - 1000},'
        f'"heartbeat":1.0,"attempt":1}}'.encode()
    )
    assert not handle.alive()
