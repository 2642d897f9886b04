"""States in files: the same weights to the bit, in a fraction of the memory."""

import pytest
import torch

from support import tiny_model
from support.stages import train_stage
from zeroapp.engine.gang import Gang


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_model.make(tmp_path_factory.mktemp("base") / "tiny")


def case(base, folder, **more):
    """Several micro-steps a step, and a step that is clipped."""
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
        asked = case(base, tmp_path, offload=offload, stop_after=stop)
        last = train_stage(Gang(), asked)
        losses += last["losses"]

    assert losses == unbroken["losses"]
    assert last["bits"] == unbroken["bits"]
    assert torch.is_tensor(torch.zeros(1))
