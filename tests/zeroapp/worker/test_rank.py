"""What a rank's libraries are told, and how the work's errors become words."""

import errno

import pytest

from zeroapp import protocol as p
from zeroapp.engine import allocator
from zeroapp.errors import WorkError
from zeroapp.plan import Device, Offload, PlanOptions, Precision, TrainPlan
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


def test_threads_are_passed_on():
    assert plan_environment(train(threads=3))["OMP_NUM_THREADS"] == "3"
    assert "OMP_NUM_THREADS" not in plan_environment(train())


def test_freed_memory_is_given_back_at_once_with_a_limit_and_without():
    planning = plan_environment(p.MakePlan(project="p", options=PlanOptions()))
    assert int(planning["MALLOC_MMAP_THRESHOLD_"]) == 256 * 1024
    assert plan_environment(train()) == plan_environment(train(memory_limit=1)) == planning


def test_texts_in_half_precision_are_given_an_allocator_where_the_system_has_one(monkeypatch):
    half = {"precision": Precision.bf16}
    monkeypatch.setattr(allocator, "_name", lambda: "libjemalloc.so.2")
    assert plan_environment(train(**half))["LD_PRELOAD"] == "libjemalloc.so.2"
    for other in ({"memory_limit": 1}, {"ranks": 2}, {"offload": Offload.disk}):
        assert "LD_PRELOAD" not in plan_environment(train(**half, **other))
    assert "LD_PRELOAD" not in plan_environment(train())
    monkeypatch.setattr(allocator, "_name", lambda: "")
    assert "MALLOC_MMAP_THRESHOLD_" in plan_environment(train(**half))


def test_pictures_keep_what_is_freed_where_nothing_bounds_their_memory(monkeypatch):
    monkeypatch.setattr(allocator, "_name", lambda: "libjemalloc.so.2")
    assert "dirty_decay_ms:-1" in plan_environment(train(side=96))["MALLOC_CONF"]
    for other in ({"memory_limit": 1}, {"ranks": 2}, {"recompute": True}, {"device": Device.cuda}):
        assert "LD_PRELOAD" not in plan_environment(train(side=96, **other))
    monkeypatch.setattr(allocator, "_name", lambda: "")
    assert "MALLOC_MMAP_THRESHOLD_" in plan_environment(train(side=96))


@pytest.mark.parametrize(("precision", "side", "few"), [("bf16", 0, True), ("bf16", 96, False)])
def test_code_for_texts_of_every_length_is_not_kept_for_ever(precision, side, few):
    told = plan_environment(train(precision=Precision(precision), side=side))
    for keeper in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        assert (keeper in told) is few
        assert keeper not in plan_environment(train())


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
