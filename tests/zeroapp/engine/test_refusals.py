"""What cannot be done is refused before anything starts, with what to do instead."""

import socket

import pytest
from msgspec.structs import replace

from support.hardware import plain_computer
from zeroapp.engine import deepspeed_shards
from zeroapp.engine.meeting import Meeting
from zeroapp.engine.plan_limits import possible
from zeroapp.errors import ResourceError, UsageError
from zeroapp.plan import Device, Offload, PlanOptions, Sharder, TrainPlan, ZeroStage

PLAN = TrainPlan(task="t", base="b", data_version="v", labels=("a", "b"))


@pytest.mark.parametrize(
    ("changes", "wish", "code", "instead"),
    [
        ({"device": Device.cuda}, {}, "no-graphics-card", "processor"),
        ({"ranks": 4}, {"ranks": 4}, "more-ranks-than-rows", "fewer"),
        ({"device": Device.mps, "ranks": 2}, {"ranks": 2}, "too-many-ranks", "device=cpu"),
        (
            {"device": Device.mps, "zero_stage": ZeroStage.parameters},
            {"zero_stage": 3},
            "stage-not-possible",
            "device=cpu",
        ),
        ({"offload": Offload.cpu}, {}, "offload-not-possible", "--offload disk"),
        ({"offload": Offload.optimizer}, {}, "offload-not-possible", "--offload disk"),
        ({"offload": Offload.disk, "ranks": 2}, {}, "offload-not-possible", "one process"),
        ({"offload": Offload.disk, "device": Device.mps}, {}, "offload-not-possible", "device=cpu"),
    ],
)
def test_what_this_computer_cannot_do(changes, wish, code, instead):
    with pytest.raises(UsageError) as caught:
        possible(replace(PLAN, **changes), PlanOptions(**wish), plain_computer(), rows=3)

    assert caught.value.code == code
    assert instead in caught.value.hint


@pytest.mark.parametrize(
    ("here", "changes", "instead"),
    [
        (False, {"zero_stage": ZeroStage.gradients}, "pip install"),
        (True, {}, "--zero 1"),
        (True, {"zero_stage": ZeroStage.gradients, "offload": Offload.disk}, "sharder=deepspeed"),
    ],
)
def test_what_deepspeed_cannot_do(monkeypatch, here, changes, instead):
    monkeypatch.setattr(deepspeed_shards, "installed", lambda: here)
    plan = replace(PLAN, sharder=Sharder.deepspeed, **changes)

    with pytest.raises(UsageError) as caught:
        possible(plan, PlanOptions(), plain_computer(), rows=3)

    assert caught.value.code == "deepspeed-not-possible"
    assert instead in caught.value.hint


@pytest.fixture
def port():
    """A port that is free, at least for the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_machine_that_never_joins_is_named(port):
    with pytest.raises(ResourceError) as caught:
        Meeting(host="127.0.0.1", port=port, patience=1.0).roll_call(me=0, of=3)

    assert caught.value.code == "machines-missing"
    assert "missing: 1, 2" in caught.value.title


def test_a_first_machine_that_is_not_there_is_named(port):
    with pytest.raises(ResourceError) as caught:
        Meeting(host="127.0.0.1", port=port, patience=1.0).roll_call(me=1, of=2)

    assert caught.value.code == "first-machine-silent"
    assert f"port {port}" in caught.value.title


def test_a_port_that_another_program_has_is_named():
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ResourceError) as caught:
            Meeting(host="127.0.0.1", port=port, patience=2.0).roll_call(me=0, of=2)

    assert caught.value.code == "port-taken"
    assert "MASTER_PORT" in caught.value.hint
