"""What a rank's libraries are told, and how the work's errors become words."""

import errno

import psutil
import pytest

from zeroapp import memory_record
from zeroapp import protocol as p
from zeroapp.errors import WorkError
from zeroapp.plan import MemoryPart, TrainPlan
from zeroapp.run_folder import RunFolder
from zeroapp.work import Silent, Stopped
from zeroapp.worker.environment import plan_environment, rank_environment
from zeroapp.worker.rank import _ending
from zeroapp.worker.seat import Seat


def train(**fields):
    plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"), **fields)
    return p.Train(project="p", plan=plan)


def test_ranks_download_nothing_and_do_not_spin():
    told = rank_environment()
    assert told["HF_HUB_OFFLINE"] == "1"
    assert told["OMP_WAIT_POLICY"] == "PASSIVE"
    assert told["TOKENIZERS_PARALLELISM"] == "false"
    assert "MALLOC_ARENA_MAX" not in told
    assert plan_environment(p.Probe()) == {}


def test_threads_and_a_memory_limit_are_passed_on():
    told = plan_environment(train(threads=3, memory_limit=1))
    assert told["OMP_NUM_THREADS"] == "3"
    assert told["MALLOC_ARENA_MAX"] == "2"
    assert "MALLOC_ARENA_MAX" not in plan_environment(train())  # it would cost time for nothing


@pytest.mark.parametrize(("share", "tight"), [(0.1, False), (0.5, True)])
def test_memory_is_given_back_at_once_where_a_plan_would_fill_it(share, tight):
    job = train(memory_limit=0)
    size = int(share * psutil.virtual_memory().available)
    memory_record.foretell(job.plan, parts=(MemoryPart(name="activations", bytes=size),))

    assert ("MALLOC_ARENA_MAX" in plan_environment(job)) is tight


def raising(error):
    def perform(_job, _seat, _work):
        raise error

    return perform


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkError("nan", title="t", hint="h"), "nan"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full"),
        (ValueError("gizmo 42"), "unexpected"),
    ],
)
def test_errors_become_words(tmp_path, error, code):
    folder = RunFolder(tmp_path)
    folder.job.write_bytes(p.encode(p.Probe()))
    seat = Seat(folder=str(tmp_path), rank=0, ranks=1, store="")
    ending = _ending(raising(error), seat, Silent())
    assert ending.failure.code == code
    assert "gizmo" not in ending.failure.title + ending.failure.hint


def test_a_stop_is_no_error(tmp_path):
    RunFolder(tmp_path).job.write_bytes(p.encode(p.Probe()))
    seat = Seat(folder=str(tmp_path), rank=0, ranks=1, store="")
    assert _ending(raising(Stopped()), seat, Silent()).outcome == "stopped"
