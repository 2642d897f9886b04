"""When a gang had better stop, and whether a rank fell for want of memory."""

import subprocess
import sys

import pytest

from zeroapp.worker import memory_group
from zeroapp.worker.memory_guard import Look, MemoryGuard

GB = 10**9
CALM = Look(ours=4 * GB, available=8 * GB, total=16 * GB)


@pytest.fixture
def guard(tmp_path):
    return MemoryGuard(log=tmp_path / "worker.log")


def looks(guard, look, *, times=4):
    for _ in range(times):
        guard.note(look)


def test_all_is_well(guard):
    looks(guard, CALM)
    assert not guard.running_out
    assert not guard.over_limit
    assert not guard.to_blame(-9)


def test_a_computer_without_memory_left_is_about_to_kill(guard):
    looks(guard, Look(ours=12 * GB, available=GB // 10, total=16 * GB))
    assert guard.running_out


def test_a_moment_is_not_enough(guard):
    looks(guard, CALM, times=3)
    looks(guard, Look(ours=12 * GB, available=GB // 10, total=16 * GB), times=3)
    assert not guard.running_out


def test_what_other_programs_take_is_not_mended_by_stepping_down(guard):
    looks(guard, Look(ours=GB, available=GB // 10, total=16 * GB))
    assert not guard.running_out


def test_a_computer_that_only_waits_for_memory_is_in_need(guard):
    looks(guard, Look(ours=12 * GB, available=GB, total=16 * GB, stalled=35.0))
    assert guard.running_out


def test_a_limit_is_obeyed_but_for_the_error_of_the_prediction(tmp_path):
    guard = MemoryGuard(log=tmp_path / "worker.log", limit=4 * GB)
    looks(guard, CALM)
    assert not guard.over_limit
    looks(guard, Look(ours=int(4.3 * GB), available=8 * GB, total=16 * GB))
    assert guard.over_limit
    assert guard.peak == int(4.3 * GB)


def test_a_kill_while_little_was_available_is_put_down_to_memory(guard):
    looks(guard, Look(ours=12 * GB, available=GB, total=16 * GB), times=1)
    assert guard.to_blame(-9)
    assert not guard.to_blame(0)


def test_last_words_of_memory_count_only_from_this_start(tmp_path):
    log = tmp_path / "worker.log"
    log.write_bytes(b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    guard = MemoryGuard(log=log)
    assert not guard.to_blame(-6)
    with log.open("ab") as more:
        more.write(b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    assert guard.to_blame(-6)


def test_it_sees_what_a_process_really_holds(guard):
    code = "kept = bytearray(200_000_000); print('ready', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    guard.look([process.pid])
    process.communicate(b"\n")
    assert 200_000_000 < guard.peak < 260_000_000  # besides it, Python itself
    guard.look([process.pid])  # gone: nothing is held any more, nothing is raised


@pytest.fixture
def group(tmp_path):
    inner = tmp_path / "cgroup" / "user" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "self").write_text("1:cpu:/\n0::/user/app\n")
    (inner / "memory.max").write_text("max\n")
    (inner / "memory.current").write_text("1\n")
    (inner / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    (inner.parent / "memory.max").write_text("1000\n")
    (inner.parent / "memory.current").write_text("900\n")
    (inner.parent / "memory.stat").write_text("anon 500\ninactive_file 300\n")
    return {"top": tmp_path / "cgroup", "ours": tmp_path / "self"}


def test_a_group_around_ours_may_be_the_narrow_one(group):
    assert memory_group.room(**group) == memory_group.Room(limit=1000, free=400)
    assert memory_group.killed(**group) == 2


def test_the_first_version_of_groups_is_read_too(tmp_path):
    inner = tmp_path / "cgroup" / "memory" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "self").write_text("4:cpu,memory:/app\n1:cpuset:/elsewhere\n0::/\n")
    (inner / "memory.limit_in_bytes").write_text("1000\n")
    (inner / "memory.usage_in_bytes").write_text("900\n")
    (inner / "memory.stat").write_text("inactive_file 1\ntotal_inactive_file 300\n")
    (inner / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    (inner.parent / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (inner.parent / "memory.usage_in_bytes").write_text("900\n")
    group = {"top": tmp_path / "cgroup", "ours": tmp_path / "self"}

    assert memory_group.room(**group) == memory_group.Room(limit=1000, free=400)
    assert memory_group.killed(**group) == 2


def test_without_groups_there_is_no_limit(tmp_path):
    nowhere = {"top": tmp_path, "ours": tmp_path / "none"}
    assert memory_group.room(**nowhere) is None
    assert memory_group.killed(**nowhere) == 0


def test_stalls_are_read(tmp_path):
    file = tmp_path / "memory"
    file.write_text(
        "some avg10=40.00 avg60=1.00 avg300=0.00 total=1\n"
        "full avg10=21.50 avg60=1.00 avg300=0.00 total=1\n"
    )
    assert memory_group.stalled(file=file) == 21.5
    assert memory_group.stalled(file=tmp_path / "none") == 0.0
