"""What operations hold beside their results is counted too, at its true size."""

import pytest
import torch
import torch.distributed.fsdp._fully_shard._fsdp_collectives
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from zeroapp.engine.live_bytes import LiveBytes

ROW = 64 * 4


def cut(gradient: Tensor, out: Tensor) -> None:
    torch.ops.fsdp.chunk_cat.default([gradient], 0, 2, out=out)


def tensors(rows: int) -> tuple[Tensor, Tensor]:
    return torch.ones(rows, 64), torch.empty(2, -(-rows // 2) * 64)


@pytest.mark.parametrize(("rows", "copied"), [(250, 0), (251, 252)])
def test_a_gradient_that_cannot_be_cut_evenly_is_copied(rows, copied):
    gradient, out = tensors(rows)
    live = LiveBytes(dict, scores=2)
    with live.counting([gradient, out]):
        cut(gradient, out)

    assert live.peak == (rows + out.numel() // 64 + copied) * ROW


@pytest.mark.parametrize(("rows", "copied"), [(250, 0), (251, 252)])
def test_torch_really_makes_that_copy(rows, copied):
    """If a later torch does without it, the count above is to go."""
    gradient, out = tensors(rows)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        cut(gradient, out)
    asked = [e.cpu_memory_usage for e in seen.events() if e.name == "aten::new_zeros"]

    assert sum(asked) == copied * ROW
