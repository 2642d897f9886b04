"""This computer: asked once, then remembered."""

import msgspec

from support import stories
from support.desk import COMPUTER
from ui.viewmodels.computer import ComputerModel
from zeroapp import paths
from zeroapp import protocol as p
from zeroapp.errors import ResourceError
from zeroapp.hardware import Gpu
from zeroapp.plan import Device


def test_the_first_look_asks_the_worker(world):
    model = ComputerModel(world.session)
    model.look()
    assert model.headline == "Being looked at"
    assert world.launcher.jobs == [p.Probe(measure=False)]
    world.tell("probe", p.Probed(hardware=COMPUTER), p.Finished(outcome="completed"))
    assert model.headline == "8 cores · 24 GB memory"
    assert model.detail == "No graphics card needed"


def test_what_is_known_is_not_asked_again(world):
    paths.settings_dir().mkdir(parents=True)
    gpu = Gpu(name="RTX 4090", total=24 * 2**30, free=20 * 2**30, bf16=True)
    known = msgspec.structs.replace(COMPUTER, gpus=(gpu, gpu), device=Device.cuda)
    (paths.settings_dir() / "hardware.json").write_bytes(msgspec.json.encode(known))
    model = ComputerModel(world.session)
    model.look()
    assert world.launcher.jobs == []
    assert model.detail == "RTX 4090 and 1 more · 24 GB"


def test_a_look_that_fails_is_no_drama(world):
    model = ComputerModel(world.session)
    model.look()
    world.tell("probe", p.Failed(failure=stories.out_of_disk()))
    assert model.headline == "Could not be looked at"


def test_a_look_that_cannot_even_begin_is_told_and_not_waited_for(world, monkeypatch):
    def full(_kind):
        raise ResourceError("disk-full", title="The disk is full.", hint="")

    told = []
    world.session.failed.connect(told.append)
    monkeypatch.setattr(world.launcher, "loose_folder", full)
    model = ComputerModel(world.session)
    model.look()
    assert model.headline == "Could not be looked at"
    assert [failure.code for failure in told] == ["disk-full"]


def test_a_damaged_file_is_asked_again(world):
    paths.settings_dir().mkdir(parents=True)
    (paths.settings_dir() / "hardware.json").write_text("{}")
    ComputerModel(world.session).look()
    assert len(world.launcher.jobs) == 1
