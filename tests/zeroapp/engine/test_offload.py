"""States in files, bases opened where they lie: the same weights in a fraction of the memory."""

import errno
import os
import shutil
import sys
from types import SimpleNamespace

import pytest
import torch
from msgspec.structs import replace

from support import tiny_model, wide_model
from support.gang import run_gang
from support.stages import plan_for, train_stage
from zeroapp.engine.failures import translate
from zeroapp.engine.gang import Gang
from zeroapp.engine.loading import mapped, model_to_read, open_base
from zeroapp.engine.offload_files import StateFiles, keeps_files
from zeroapp.errors import ResourceError, UsageError
from zeroapp.plan import Offload
from zeroapp.tasks.text_classification.training import NativeClassifier, training

linux = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA and /proc")


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    return wide_model.make(tmp_path_factory.mktemp("base") / "wide")


def case(base, folder, **more):
    """Several micro-steps a step, and steps that are clipped."""
    return {"base": str(base), "micro_tokens": 128, "checkpoints": f"{folder}/checkpoints"} | more


@pytest.mark.parametrize("frozen", [True, False])
def test_weights_come_out_bit_for_bit_as_in_memory(base, tmp_path, frozen):
    asked = {"freeze_embeddings": frozen}
    ordinary = train_stage(Gang(), case(base, tmp_path / "none", **asked))
    filed = train_stage(Gang(), case(base, tmp_path / "disk", offload="disk", **asked))

    assert filed["losses"] == ordinary["losses"]
    assert filed["bits"] == ordinary["bits"]


def test_a_run_goes_on_whatever_way_its_states_are_kept(base, tmp_path):
    """none, then disk, then none again: the weights of the run that never changed."""
    unbroken = train_stage(Gang(), case(base, tmp_path / "unbroken"))
    losses, last = [], {}
    for offload, stop in (("none", 3), ("disk", 3), ("none", 0)):
        last = train_stage(Gang(), case(base, tmp_path, offload=offload, stop_after=stop))
        losses += last["losses"]

    assert losses == unbroken["losses"]
    assert last["bits"] == unbroken["bits"]


@linux
def test_everything_learns_in_a_quarter_of_the_model_states(base, wide, tmp_path):
    """Model states are 16 bytes a parameter; beside the runtime there are 4, saving included."""
    warm = case(base, tmp_path / "warm", offload="disk")  # the runtime itself, loaded and used
    asked = case(wide, tmp_path, offload="disk", freeze_embeddings=False, rows=96)
    asked |= {"room_to_train": wide_model.BYTES, "epochs": 1}

    ((_, stopped, resumed),) = run_gang(tmp_path, [warm, asked | {"stop_after": 1}, asked], ranks=1)

    assert stopped["stopped"]
    assert resumed["from"] == 1
    assert len(resumed["losses"]) == 1


@linux
def test_no_rank_of_stage_3_ever_holds_a_whole_copy(base, wide, tmp_path):
    """Half of the base is a rank's own, and nine tenths are room enough to load it."""
    warm = case(base, tmp_path / "warm", stage=3)
    more = {"rows": 48, "epochs": 1, "micro_tokens": 4096}
    asked = case(wide, tmp_path, stage=3, room=int(0.9 * wide_model.BYTES), **more)
    ranks = run_gang(tmp_path, [warm, asked])
    alone = train_stage(Gang(), case(wide, tmp_path / "alone", **more))

    for _, seen in ranks:
        assert all(seen["distributed"])
        assert seen["losses"] == pytest.approx(alone["losses"] if seen["losses"] else [], abs=2e-5)
    assert ranks[0][1]["losses"]


def test_a_base_in_half_precision_is_read_in_full(tmp_path):
    folder = wide_model.make(tmp_path / "half", half=True)
    plan = plan_for({"base": str(folder), "offload": "disk"})
    task = training(plan, folder)
    torch.manual_seed(1)
    built = task.build().state_dict()
    torch.manual_seed(1)
    read = model_to_read(task, plan=plan, device=torch.device("cpu"), place=tmp_path).state_dict()

    assert all(read[name].dtype is torch.float32 for name in read)
    assert all(torch.equal(read[name], built[name]) for name in built)
    assert [path.name for path in tmp_path.iterdir()] == ["half"]


@pytest.mark.parametrize("way", [training, NativeClassifier])
@pytest.mark.parametrize("cut", [False, True])
def test_a_base_opened_where_it_lies_is_the_base(tmp_path, way, cut):
    """In one file or in several, for both ways to classify; fresh heads fall alike."""
    folder = tiny_model.make(tmp_path / "base", sharded=cut)
    task = way(plan_for({"base": str(folder)}), folder)
    torch.manual_seed(1)
    built = task.build().state_dict()
    torch.manual_seed(1)
    opened = open_base(task).state_dict()

    assert opened.keys() == built.keys()
    assert all(torch.equal(opened[name], built[name]) for name in built)


def test_a_base_in_half_precision_trains_alike_in_files(tmp_path):
    folder = wide_model.make(tmp_path / "half", half=True)
    asked = {"rows": 48, "epochs": 1}
    ordinary = train_stage(Gang(), case(folder, tmp_path / "none", **asked))
    filed = train_stage(Gang(), case(folder, tmp_path / "disk", offload="disk", **asked))

    assert mapped(folder)["embeddings.word_embeddings.weight"].dtype is torch.bfloat16
    assert filed["bits"] == ordinary["bits"]


def test_a_disk_too_small_is_told_before_anything_is_written(base, tmp_path, monkeypatch):
    model = open_base(training(plan_for({"base": str(base)}), base))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5000))

    with pytest.raises(ResourceError) as caught:
        StateFiles(tmp_path / "offload", model)

    assert caught.value.code == "disk-full"
    assert "What was saved before is safe" in caught.value.title
    assert not any(tmp_path.rglob("weights"))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="space is written, not asked for")
def test_a_disk_that_fills_while_files_are_made_is_told_in_words(base, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    model = open_base(training(plan_for({"base": str(base)}), base))
    monkeypatch.setattr(os, "posix_fallocate", full)

    with pytest.raises(OSError, match="No space") as caught:
        StateFiles(tmp_path / "offload", model)

    assert translate(caught.value).code == "disk-full"


def test_what_a_killed_attempt_left_goes_away(base, tmp_path):
    left = tmp_path / "offload" / "squares"
    left.parent.mkdir()
    left.write_bytes(b"old")

    files = StateFiles(
        tmp_path / "offload", open_base(training(plan_for({"base": str(base)}), base))
    )
    assert left.stat().st_size == files.squares.size
    files.remove()
    assert not left.parent.exists()


def test_files_are_refused_where_they_are_not_built(base):
    plan = plan_for({"base": str(base), "offload": "disk"})

    assert keeps_files(plan)
    assert not keeps_files(replace(plan, offload=Offload.none))
    with pytest.raises(UsageError, match="one process"):
        keeps_files(replace(plan, ranks=2))
