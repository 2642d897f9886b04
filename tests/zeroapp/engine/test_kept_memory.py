"""Memory that is kept on purpose: how much that comes to, and what is kept out of its way."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from support import tiny_eyes
from zeroapp.dataset import Example
from zeroapp.engine import allocator, dry_run
from zeroapp.engine.kept_memory import kept_bytes
from zeroapp.plan import TrainPlan
from zeroapp.runs.process import environment
from zeroapp.tasks.image_classification.training import training

MIB = 2**20
pytestmark = pytest.mark.skipif(not allocator._name(), reason="this system has no jemalloc")


def said(program: str) -> str:
    """What a process that keeps all memory prints."""
    command = [sys.executable, "-c", program]
    env = environment() | allocator.keeping()
    return subprocess.run(command, env=env, check=True, text=True, capture_output=True).stdout


def test_what_is_free_serves_again():
    again = [(1, 8 * MIB), (1, 0)] * 50
    assert kept_bytes(again) == pytest.approx(8 * MIB, rel=0.02)


def test_what_does_not_fit_a_hole_comes_on_top():
    holes = [move for number in range(10) for move in ((2 * number, MIB), (2 * number + 1, MIB))]
    holes += [(2 * number, 0) for number in range(10)]
    assert kept_bytes(holes) == pytest.approx(20 * MIB, rel=0.05)
    assert kept_bytes([*holes, (99, 8 * MIB)]) == pytest.approx(28 * MIB, rel=0.05)


def test_what_is_made_apart_lies_in_an_arena_of_its_own():
    program = """
import ctypes
from zeroapp.engine import allocator
from zeroapp.plan import TrainPlan

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p

def arena():
    place, found = ctypes.c_void_p(library.malloc(ctypes.c_size_t(1 << 20))), ctypes.c_uint()
    size = ctypes.c_size_t(4)
    assert not library.mallctl(b"arenas.lookup", ctypes.byref(found), ctypes.byref(size),
                               ctypes.byref(place), ctypes.c_size_t(8))
    return found.value

plan = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"), side=96)
before = arena()
with allocator.apart(plan):
    within = arena()
print(before, within, arena())
"""
    assert said(program).split() == ["0", "1", "0"]


def test_giving_back_empties_what_is_kept():
    program = """
import ctypes, psutil
from zeroapp.engine.memory_seen import close_holes, give_back

size = lambda: psutil.Process().memory_info().rss >> 20
kept = [bytearray(b"x" * (64 << 20)) for _ in range(4)]
full = size()
kept.clear()
close_holes()
free = size()
give_back()
print(full - free, free - size())
"""
    free, returned = map(int, said(program).split())
    assert free < 16
    assert returned > 200


def test_a_plan_for_pictures_counts_what_it_keeps(tmp_path):
    for number in range(8):
        noise = np.random.default_rng(number).integers(0, 255, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{number}.png")
    base = tiny_eyes.make(tmp_path / "base")

    def counted(**fields):
        known = {"task": "image_classification", "base": str(base), "data_version": "v"}
        plan = TrainPlan(
            **known, labels=("a", "b"), side=32, batch_size=8, freeze_embeddings=False, **fields
        )
        task = training(plan, base)
        rows = [
            Example(row_id=number, text=str(tmp_path / f"{number}.png"), label="ab"[number % 2])
            for number in range(8)
        ]
        return dry_run.tensor_bytes(plan, task, task.encode(rows))

    free, kept = counted(memory_limit=2**40), counted()
    assert "kept" not in free
    assert 0 < kept.pop("kept") < sum(kept.values())
    assert kept == free
