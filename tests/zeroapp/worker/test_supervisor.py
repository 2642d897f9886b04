"""The real supervisor with scripted ranks: what only it can do."""

import contextlib
import json
import resource
import subprocess
import sys

import psutil
import pytest

from support.fake_worker import TESTS, command_of
from support.processes import eventually, none_left, of_this_test
from support.script import (
    AwaitStop,
    Crash,
    Die,
    Fail,
    Leave,
    Print,
    Say,
    Sleep,
    Spawn,
    Steps,
    write_script,
)
from support.scripted import ScriptedLauncher
from zeroapp import protocol as p
from zeroapp.plan import TrainPlan
from zeroapp.run_folder import RunFolder
from zeroapp.runs.launch import launch
from zeroapp.runs.process import environment
from zeroapp.runs.state import read_state
from zeroapp.status import Outcome

PATIENCE = 30.0  # starting four Pythons on a busy machine


@pytest.fixture(autouse=True)
def no_orphans():
    yield
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


def starts(folder) -> int:
    return int((folder.path / "starts-0").read_text())


def test_a_lost_rank_is_started_again_from_the_last_save(project, folder):
    dies = (Steps(total=12, save_every=5), Die())
    status = ScriptedLauncher(dies, (Steps(total=20),)).launch(train(project), folder)
    status = status.wait(PATIENCE)
    assert status.outcome is Outcome.completed
    assert (status.attempt, status.step, starts(folder)) == (1, 20, 2)
    assert [note.code for note in status.notes] == ["rank-restarted"]
    assert [point.step for point in status.losses] == list(range(1, 21))


def test_one_lost_rank_takes_the_gang_along_and_all_come_back(project, folder):
    first = (Steps(total=6), Die(rank=1), Sleep(rank=0, seconds=60))
    launcher = ScriptedLauncher(first, (Steps(total=8),))
    status = launcher.launch(train(project, ranks=2), folder).wait(PATIENCE)
    assert (status.outcome, starts(folder)) == (Outcome.completed, 2)


def test_the_note_names_the_rank_that_fell_first(project, folder):
    first = (Sleep(rank=1, seconds=0.3), Die(rank=1), Sleep(rank=0, seconds=60))
    launcher = ScriptedLauncher(first, (Steps(total=3),))
    status = launcher.launch(train(project, ranks=2), folder).wait(PATIENCE)
    assert "number 2" in status.notes[0].text


def test_each_gang_meets_at_a_place_of_its_own(project, folder):
    handle = ScriptedLauncher((AwaitStop(rank=None),)).launch(train(project, ranks=2), folder)
    told = [folder.path / f"rank-{rank}.json" for rank in (0, 1)]
    assert eventually(lambda: all(t.exists() and t.read_text() for t in told), within=PATIENCE)
    seats = [json.loads(t.read_text()) for t in told]
    assert seats[0]["pid"] != seats[1]["pid"]
    assert seats[0]["store"] == seats[1]["store"]
    handle.stop()
    assert handle.wait(PATIENCE).outcome is Outcome.stopped
    assert list(folder.path.glob("gang-*")) == []


def test_without_progress_it_gives_up_after_three_restarts(project, folder):
    status = ScriptedLauncher((Die(),)).launch(train(project), folder).wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, "worker-lost")
    assert starts(folder) == 4  # once, and three times more
    assert "memory" in status.failure.hint


def test_progress_between_deaths_is_always_worth_another_try(project, folder):
    plays = [(Steps(total=5 * n), Die()) for n in range(1, 7)]  # six deaths, a save before each
    launcher = ScriptedLauncher(*plays, (Steps(total=32),))
    status = launcher.launch(train(project), folder).wait(2 * PATIENCE)
    assert (status.outcome, starts(folder)) == (Outcome.completed, 7)


@pytest.mark.parametrize("end", [Die(), Leave(code=0), Leave(code=3)])
def test_other_work_that_vanishes_has_failed(project, folder, end):
    job = p.Check(project=str(project))
    status = ScriptedLauncher((end,)).launch(job, folder).wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, "worker-lost")
    assert starts(folder) == 1


def test_an_import_that_vanishes_says_that_a_file_may_be_damaged(project, folder):
    job = p.ImportData(project=str(project), paths=("rows.parquet",))
    status = ScriptedLauncher((Leave(code=3),)).launch(job, folder).wait(PATIENCE)
    assert status.failure.code == "worker-lost"
    assert "Nothing was added" in status.failure.hint
    assert "one by one" in status.failure.hint


def test_the_first_hand_error_is_told_not_that_of_the_rank_left_alone(project, folder):
    plays = (Fail(rank=0, code="rank-lost"), Sleep(rank=1, seconds=0.3), Fail(rank=1, code="nan"))
    launcher = ScriptedLauncher(plays)
    status = launcher.launch(train(project, ranks=2), folder).wait(PATIENCE)
    assert (status.failure.code, starts(folder)) == ("nan", 1)


def test_ranks_that_only_lost_each_other_are_started_again(project, folder):
    launcher = ScriptedLauncher((Fail(rank=None, code="rank-lost"),), (Steps(total=3),))
    status = launcher.launch(train(project, ranks=2), folder).wait(PATIENCE)
    assert (status.outcome, starts(folder)) == (Outcome.completed, 2)


def test_who_does_not_stop_in_time_is_ended(project, folder):
    deaf = (Steps(total=6), Steps(total=4000, heeds=False))
    handle = ScriptedLauncher(deaf).launch(train(project), folder)
    assert eventually(lambda: handle.status.saved_step >= 5, within=PATIENCE)
    handle.stop()
    status = handle.wait(PATIENCE)
    assert status.outcome is Outcome.stopped
    assert status.notes[-1].code == "stop-forced"


def test_printed_text_never_mixes_with_events(project, folder):
    play = (Print(text='{"type":"Finished","outcome":"stopped"}'), Steps(total=3))
    status = ScriptedLauncher(play).launch(train(project), folder).wait(PATIENCE)
    assert (status.outcome, status.step) == (Outcome.completed, 3)
    assert folder.log.read_text().count('"Finished"') == 2  # from Python and from below it


def test_helpers_of_a_rank_end_with_it(project, folder):
    status = ScriptedLauncher((Spawn(), Die())).launch(p.Check(project=str(project)), folder)
    assert status.wait(PATIENCE).outcome is Outcome.failed
    assert eventually(lambda: not of_this_test(), within=2)


def test_a_second_job_on_the_project_is_told_what_runs(project, folder):
    first = ScriptedLauncher((AwaitStop(),)).launch(train(project), folder)
    assert eventually((folder.path / "starts-0").exists, within=PATIENCE)
    other = RunFolder(project / "runs" / "20260101-000001-00-export")
    job = p.Export(project=str(project), run_id="r", format="onnx", out="")
    status = ScriptedLauncher(()).launch(job, other).wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, "project-busy")
    assert "training" in status.failure.title
    first.stop()
    assert first.wait(PATIENCE).outcome is Outcome.stopped
    # The project is free as soon as the last word is said.
    third = RunFolder(project / "runs" / "20260101-000002-00-check")
    check = p.Check(project=str(project))
    assert ScriptedLauncher(()).launch(check, third).wait(PATIENCE).outcome is Outcome.completed


def test_trying_out_does_not_wait_for_the_project(project, folder):
    first = ScriptedLauncher((AwaitStop(),)).launch(train(project), folder)
    assert eventually((folder.path / "starts-0").exists, within=PATIENCE)
    other = RunFolder(project / "runs" / "20260101-000001-00-tryout")
    job = p.TryOut(project=str(project), run_id="r")
    assert ScriptedLauncher(()).launch(job, other).wait(PATIENCE).outcome is Outcome.completed
    first.stop()
    assert first.wait(PATIENCE).outcome is Outcome.stopped


def test_a_second_supervisor_leaves_a_run_alone(project, folder):
    handle = ScriptedLauncher((AwaitStop(),)).launch(train(project), folder)
    assert eventually((folder.path / "starts-0").exists, within=PATIENCE)
    before = folder.events.read_bytes()
    command = [*command_of("support.scripted"), str(folder.path)]
    second = subprocess.run(command, env=environment(), check=False, timeout=PATIENCE)
    assert second.returncode == 75
    assert folder.events.read_bytes() == before
    handle.stop()
    assert handle.wait(PATIENCE).outcome is Outcome.stopped


def test_the_run_goes_on_when_the_app_is_killed(project, folder):
    code = (
        "import sys, time, os; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from support.scripted import ScriptedLauncher; from support.script import Steps\n"
        "from zeroapp import protocol as p; from zeroapp.run_folder import RunFolder\n"
        "job = p.decode_job(sys.argv[3].encode())\n"
        "ScriptedLauncher((Steps(total=40),)).launch(job, RunFolder(Path(sys.argv[2])))\n"
        "time.sleep(60)\n"
    )
    arguments = [str(TESTS), str(folder.path), p.encode(train(project)).decode()]
    app = subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment())
    handle = ScriptedLauncher().attach(folder)
    assert eventually(lambda: handle.status.step >= 3, within=PATIENCE)
    app.kill()
    app.wait()
    seen = handle.status.step
    status = handle.wait(PATIENCE)
    assert (status.outcome, status.step) == (Outcome.completed, 40)
    assert status.step > seen


def test_a_polite_shutdown_of_the_computer_stops_and_saves(project, folder):
    handle = ScriptedLauncher((Steps(total=300),)).launch(train(project), folder)
    assert eventually(lambda: handle.status.step >= 3, within=PATIENCE)
    psutil.Process(read_state(folder).pid).terminate()
    status = handle.wait(PATIENCE)
    assert status.outcome is Outcome.stopped
    assert status.saved_step == status.step


def test_a_full_disk_is_said_once_and_does_not_loop(project, folder):
    """No file may grow beyond 4 kB: EFBIG, which a full quota looks like too."""
    code = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from support.scripted import main; sys.argv[1:] = sys.argv[2:]; main()\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    launcher = ScriptedLauncher((Steps(total=1000),))
    write_script(folder, *launcher.plays)
    command = [sys.executable, "-c", code, str(TESTS)]
    status = launch(train(project), folder, command=command).wait(PATIENCE)
    # Not even the last word fits, so the run counts as interrupted; all it said before is whole.
    assert status.outcome is Outcome.interrupted
    assert starts(folder) == 1
    assert folder.events.stat().st_size <= 4096
    assert all(json.loads(line) for line in folder.events.read_bytes().splitlines())


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 400 kB: room for a run's reserve and a few hundred events."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    yield place
    assert none_left()
    subprocess.run(["umount", str(place)], check=True)


def test_a_really_full_disk_is_said_and_going_on_works_once_there_is_room(small_disk):
    project = small_disk / "project"
    folder = RunFolder(project / "runs" / "20260101-000000-00-train")
    launcher = ScriptedLauncher((Steps(total=150),))
    handle = launcher.launch(train(project), folder)
    assert eventually(lambda: handle.status.step >= 5, within=PATIENCE)
    fill = small_disk / "something else"
    with fill.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))
    status = handle.wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, "disk-full")
    assert status.saved_step >= 5
    fill.unlink()
    status = launcher.go_on(folder).wait(PATIENCE)
    assert (status.outcome, status.step) == (Outcome.completed, 150)
    assert [point.step for point in status.losses] == list(range(1, 151))


def test_a_job_that_cannot_be_read_is_said(project, folder):
    handle = ScriptedLauncher(()).launch(train(project), folder)
    assert handle.wait(PATIENCE).outcome is Outcome.completed
    folder.job.write_bytes(b"{")
    status = ScriptedLauncher(()).go_on(folder).wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, "job-unreadable")


def test_neither_supervisor_nor_light_jobs_load_torch():
    code = (
        "import sys; import zeroapp.worker.__main__, zeroapp.worker.rank, zeroapp.worker.dispatch,"
        " zeroapp.data.importing, zeroapp.data.checks, zeroapp.models, zeroapp.project\n"
        "heavy = {'torch', 'transformers', 'numpy.random'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=PATIENCE)


def test_the_unforeseen_leaves_its_trace_in_the_log(project, folder):
    play = (Say(event=p.Noted(level="info", text="x")), Crash(text="gizmo 42"))
    status = ScriptedLauncher(play).launch(train(project), folder).wait(PATIENCE)
    assert status.failure.code == "unexpected"
    assert "gizmo 42" in folder.log.read_text()
