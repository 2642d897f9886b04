"""How attention is computed where the library's way is slow. Worker only."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

SHORT = 512
"""Over fewer tokens a processor attends two to five times faster in fp32 (docs/decisions/072)."""


def attend_short_rows_in_full() -> None:
    """From now on every model of this process attends over short rows in fp32, in half precision
    too: torch's fused attention has no quick way for them on a processor. The rest stays in half.
    """
    AttentionInterface.register("sdpa", _attend)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    """See transformers' sdpa_attention_forward."""
    half = query.dtype is torch.bfloat16  # asked first: an export traces what is asked of lengths
    whole = half and query.shape[-2] == key.shape[-2] < SHORT
    if not whole or query.device.type != "cpu":
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    if attention_mask is not None and attention_mask.is_floating_point():
        attention_mask = attention_mask.float()
    with torch.autocast("cpu", enabled=False):
        found, _ = sdpa_attention_forward(
            module, query.float(), key.float(), value.float(), attention_mask, **options
        )
    return found.to(query.dtype), None
