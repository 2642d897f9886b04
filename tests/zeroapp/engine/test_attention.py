"""Attention in half precision: short rows in fp32, everything else as the library does it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from zeroapp.engine.attention import SHORT, attend_short_rows_in_full

Attend = Callable[..., tuple[Tensor, Any]]


@pytest.fixture
def attend() -> Attend:
    attend_short_rows_in_full()
    registered: Attend = AttentionInterface()["sdpa"]
    return registered


def _row(length: int, dtype: torch.dtype) -> list[Tensor]:
    torch.manual_seed(3)
    shape = (2, 3, length, 8)
    return [torch.randn(shape).to(dtype).requires_grad_() for _ in range(3)]


def _blocks(length: int) -> Tensor:
    text = torch.arange(length) // 5
    return (text[:, None] == text[None, :]).expand(2, 1, length, length)


def _library(row: list[Tensor], mask: Tensor | None) -> Tensor:
    found: Tensor = sdpa_attention_forward(nn.Module(), *row, mask, is_causal=False)[0]
    return found


def test_short_rows_in_half_are_attended_to_in_full_and_come_back_in_half(attend: Attend) -> None:
    row, mask = _row(24, torch.bfloat16), _blocks(24)
    full = _library([tensor.float() for tensor in row], mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):  # as a run on one rank computes
        found, _ = attend(nn.Module(), *row, mask, is_causal=False)
    assert found.dtype is torch.bfloat16
    assert torch.equal(found, full.to(torch.bfloat16))
    assert not torch.equal(found, _library(row, mask))  # in half it is rounded on the way
    found.float().sum().backward()
    assert all(tensor.grad is not None and tensor.grad.abs().sum() > 0 for tensor in row[2:])


def test_a_mask_that_is_added_is_heeded(attend: Attend) -> None:
    row = _row(16, torch.bfloat16)
    added = torch.zeros(2, 1, 16, 16, dtype=torch.bfloat16)
    added[..., 8:] = torch.finfo(torch.bfloat16).min
    found, _ = attend(nn.Module(), *row, added, is_causal=False)
    only = [row[0], row[1][:, :, :8], row[2][:, :, :8]]
    assert torch.allclose(found.float(), _library(only, None).float(), atol=0.02)


@pytest.mark.parametrize(
    ("length", "dtype"), [(SHORT, torch.bfloat16), (24, torch.float32), (24, torch.float64)]
)
def test_all_else_is_the_librarys(attend: Attend, length: int, dtype: torch.dtype) -> None:
    row, mask = _row(length, dtype), _blocks(length)
    found, _ = attend(nn.Module(), *row, mask, is_causal=False)
    assert torch.equal(found, _library(row, mask))


def test_one_word_more_is_the_librarys(attend: Attend) -> None:
    row = _row(24, torch.bfloat16)
    row[0] = row[0][:, :, -1:]
    found, _ = attend(nn.Module(), *row, None, is_causal=False)
    assert torch.equal(found, _library(row, None))
