"""The system's own count of what a process held, stretch by stretch."""

import sys

import numpy as np
import pytest

from zeroapp.engine.memory_seen import MemoryWatch, forget_peak, peak_bytes

BIG = 64 * 2**20

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak")


def hold() -> None:
    """Touch every page for a moment."""
    np.ones(BIG, np.uint8).sum()


def test_what_was_held_is_seen():
    before = peak_bytes()
    kept = np.ones(BIG, np.uint8)

    assert peak_bytes() >= min(before, kept.nbytes)
    assert peak_bytes() > BIG


@linux
def test_a_forgotten_peak_begins_anew():
    hold()
    high = peak_bytes()
    forget_peak()

    assert peak_bytes() < high - BIG // 2


@linux
def test_what_is_done_aside_is_not_training():
    watch = MemoryWatch()
    with watch.watching():
        watch.aside(hold)

    assert watch.whole > watch.training + BIG // 2
