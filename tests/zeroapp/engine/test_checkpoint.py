"""Stop, kill, damage, full disk: what was saved stays, and goes on to the very same weights."""

import errno
from pathlib import Path

import pytest
import torch

from support.stages import train_stage
from zeroapp.engine import checkpoint
from zeroapp.engine.checkpoint import Checkpoints, Progress
from zeroapp.engine.gang import Gang


def case(base: Path, folder: Path, **changes) -> dict:
    return {"base": str(base), "checkpoints": str(folder / "checkpoints")} | changes


def saved(folder: Path, *, step: int, key: str = "k", value: float = 1.0) -> Checkpoints:
    """A checkpoint of a model of one layer."""
    model = torch.nn.Linear(3, 2)
    torch.nn.init.constant_(model.weight, value)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    kept = Checkpoints(folder, gang=Gang())
    kept.save(model, optimizer, Progress(step=step, run_key=key))
    return kept


@pytest.mark.parametrize("stop_after", [1, 4, 5])  # the 4th step ends the first pass
def test_a_stopped_run_goes_on_to_bit_equal_weights(base, tmp_path, stop_after):
    unbroken = train_stage(Gang(), case(base, tmp_path / "whole"))
    stopped = train_stage(Gang(), case(base, tmp_path, stop_after=stop_after))
    resumed = train_stage(Gang(), case(base, tmp_path))

    assert stopped["stopped"]
    assert resumed["from"] == stop_after
    assert resumed["bits"] == unbroken["bits"]
    assert stopped["losses"] + resumed["losses"] == unbroken["losses"]


def test_the_newest_whole_checkpoint_is_found(tmp_path):
    saved(tmp_path, step=5)
    kept = saved(tmp_path, step=10)

    path, progress = kept.newest(run_key="k")

    assert (path.name, progress.step) == ("step-10", 10)
    assert (tmp_path / "LATEST").read_text() == "step-10"


def test_two_checkpoints_are_kept(tmp_path):
    for step in (1, 2, 3, 10):
        saved(tmp_path, step=step)

    assert sorted(p.name for p in tmp_path.glob("step-*")) == ["step-10", "step-3"]


@pytest.mark.parametrize("harm", ["cut", "flip", "remove", "unseal"])
def test_a_damaged_checkpoint_is_left_aside_for_the_one_before(tmp_path, harm):
    saved(tmp_path, step=5)
    kept = saved(tmp_path, step=10)
    shard = next((tmp_path / "step-10").glob("*.distcp"))
    data = shard.read_bytes()
    if harm == "cut":
        shard.write_bytes(data[:-10])
    elif harm == "flip":
        shard.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    elif harm == "remove":
        shard.unlink()
    else:
        (tmp_path / "step-10/seal.json").write_text("{")

    path, progress = kept.newest(run_key="k")

    assert (path.name, progress.step) == ("step-5", 5)
    assert [p.name for p in kept.damaged()] == ["step-10"]


def test_a_half_written_checkpoint_is_never_whole(tmp_path):
    kept = saved(tmp_path, step=5)
    (tmp_path / "step-10.tmp").mkdir()
    (tmp_path / "step-10.tmp/__0_0.distcp").write_bytes(b"half")

    assert kept.newest(run_key="k")[1].step == 5


def test_a_checkpoint_of_another_run_does_not_resume(tmp_path):
    kept = saved(tmp_path, step=5, key="other plan")

    assert kept.newest(run_key="k") is None


def test_a_full_disk_leaves_the_last_checkpoint_as_it_was(tmp_path, monkeypatch):
    saved(tmp_path, step=5)

    def full(*_, checkpoint_id, **__):
        checkpoint_id.mkdir()
        (checkpoint_id / "__0_0.distcp").write_bytes(b"some of it")
        raise checkpoint.CheckpointException(
            "save", {0: (OSError(errno.ENOSPC, "No space left on device"), None)}
        )

    monkeypatch.setattr(checkpoint.state_dict_saver, "save", full)
    with pytest.raises(OSError, match="No space left"):
        saved(tmp_path, step=10)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["LATEST", "step-5"]
    assert Checkpoints(tmp_path, gang=Gang()).newest(run_key="k")[1].step == 5
