"""The system's own count of what a process held, stretch by stretch."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from zeroapp.engine import memory_seen
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


def test_what_steps_left_goes_back_before_work_aside(monkeypatch):
    said = []
    monkeypatch.setattr(memory_seen, "close_holes", lambda: said.append("closed"))
    MemoryWatch().aside(lambda: said.append("work"))
    assert said[:2] == ["closed", "work"]


def test_memory_goes_back_once_a_pass_when_all_layers_are_through(monkeypatch):
    layers = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
    said = []
    layers[1].register_forward_hook(lambda *_: said.append("layer"))
    monkeypatch.setattr(memory_seen, "close_holes", lambda: said.append("back"))
    memory_seen.give_back_before_loss(list(layers)[:2])
    layers(torch.zeros(1, 2)).sum().backward()
    assert said == ["layer", "back"]
    memory_seen.give_back_before_loss([])  # a model without layers to tell apart
