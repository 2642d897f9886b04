"""The real supervisor with scripted ranks that run out of memory: it steps down and goes on."""

import pytest

from support.processes import none_left
from support.script import Fail, Hold, Say, Sleep, StderrDie, Steps
from support.scripted import ScriptedLauncher
from zeroapp import protocol as p
from zeroapp.ladder import ASK_LORA
from zeroapp.plan import Offload, TrainPlan
from zeroapp.run_folder import RunFolder
from zeroapp.runs.history import can_go_on, job_of
from zeroapp.status import Outcome

PATIENCE = 30.0


@pytest.fixture(autouse=True)
def no_orphans():
    yield
    assert none_left()


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "project" / "runs" / "20260101-000000-00-train")


def train(folder, **fields) -> p.Train:
    plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"), **fields)
    return p.Train(project=str(folder.path.parent.parent), plan=plan)


def starts(folder) -> int:
    return int((folder.path / "starts-0").read_text())


def test_out_of_memory_goes_on_from_the_last_save_with_less_at_a_time(folder):
    short = (Steps(total=12, save_every=5), Fail(code="out-of-memory"))
    launcher = ScriptedLauncher(short, (Steps(total=20),))
    status = launcher.launch(train(folder), folder).wait(PATIENCE)
    assert (status.outcome, status.step, starts(folder)) == (Outcome.completed, 20, 2)
    assert [change.reason for change in status.changes] == ["out-of-memory"]
    assert status.changes[0].plan.micro_tokens == 1024
    assert job_of(folder).plan == status.changes[0].plan  # a later go-on keeps it
    assert [note.code for note in status.notes] == ["plan-changed"]
    assert "1,024" in status.notes[0].text
    assert [point.step for point in status.losses] == list(range(1, 21))


def test_at_the_foot_it_ends_and_offers_what_would_change_the_result(folder):
    launcher = ScriptedLauncher((Fail(code="out-of-memory"),))
    lowest = train(folder, micro_tokens=256, recompute=True, offload=Offload.disk)
    status = launcher.launch(lowest, folder).wait(PATIENCE)
    assert (status.outcome, status.failure.code) == (Outcome.failed, ASK_LORA)
    assert "method=lora" in status.failure.hint
    assert starts(folder) == 1
    assert can_go_on(status)  # once other programs are closed


def test_all_rungs_are_tried_in_turn(folder):
    status = ScriptedLauncher((Fail(code="out-of-memory"),)).launch(train(folder), folder)
    status = status.wait(2 * PATIENCE)
    assert (status.failure.code, starts(folder)) == (ASK_LORA, 5)
    assert len(status.changes) == 4


def test_last_words_of_memory_make_a_lost_rank_a_matter_of_memory(folder):
    short = (StderrDie(text="terminate called ... std::bad_alloc\n"),)
    status = ScriptedLauncher(short, (Steps(total=3),)).launch(train(folder), folder).wait(PATIENCE)
    assert status.outcome is Outcome.completed
    assert [change.reason for change in status.changes] == ["killed"]


def test_more_than_the_limit_saves_and_goes_on_with_less(folder):
    large = (Hold(bytes=150_000_000), Steps(total=2000, seconds=0.01))
    launcher = ScriptedLauncher(large, (Steps(total=2005, seconds=0.0),))
    limited = train(folder, memory_limit=100_000_000)
    status = launcher.launch(limited, folder).wait(PATIENCE)
    assert (status.outcome, starts(folder)) == (Outcome.completed, 2)
    assert [change.reason for change in status.changes] == ["limit"]
    resumed = [e.step for e in launcher.attach(folder).poll() if isinstance(e, p.Resumed)]
    assert resumed[1] > 0  # it was asked to save before it was ended


def test_over_the_limit_with_nothing_smaller_left_it_is_said_once_and_goes_on(folder):
    large = (Hold(bytes=150_000_000), Steps(total=400, seconds=0.01))
    lowest = train(
        folder, memory_limit=100_000_000, micro_tokens=256, recompute=True, offload=Offload.disk
    )
    status = ScriptedLauncher(large).launch(lowest, folder).wait(PATIENCE)
    assert (status.outcome, starts(folder)) == (Outcome.completed, 1)
    assert [note.code for note in status.notes] == ["memory-tight"]


def test_other_work_without_memory_says_so(folder):
    job = p.Check(project=str(folder.path.parent.parent))
    status = ScriptedLauncher((Fail(code="out-of-memory"),)).launch(job, folder).wait(PATIENCE)
    assert (status.failure.code, starts(folder)) == ("out-of-memory", 1)


def test_a_stage_that_does_not_fit_is_said_and_the_others_are_tried(folder):
    plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"))
    job = p.Benchmark(project=str(folder.path.parent.parent), plan=plan, ranks=2)
    plays = [(Say(event=p.StageMeasured(stage=n, rank=0, ranks=2, peak=1)),) for n in range(4)]
    plays[0] = (Fail(code="out-of-memory"), Sleep(rank=1, seconds=60))
    status = ScriptedLauncher(*plays).launch(job, folder).wait(PATIENCE)
    assert status.outcome is Outcome.completed
    assert [(s.stage, s.fits) for s in status.stages] == [
        (0, False),
        (1, True),
        (2, True),
        (3, True),
    ]
