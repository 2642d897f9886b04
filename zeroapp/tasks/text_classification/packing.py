"""Token ids to tensors: several short texts share one row, or each has a padded row."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from zeroapp.packing import layout, rounded
from zeroapp.task import Encoded

ROW_LENGTH = 128
"""Packed rows are about this long, or as long as the longest text: attention stays cheap."""


def pack(examples: Sequence[Encoded], *, padding: int, packing: bool) -> Mapping[str, Tensor]:
    """Rows for PooledBert.forward; segments follow `examples`' order. packing: texts share them."""
    lengths = [len(example.ids) for example in examples]
    rows, length = layout(lengths, usual=ROW_LENGTH, packing=packing)
    ids = torch.full((len(rows), length), padding, dtype=torch.long)
    positions = torch.zeros_like(ids)
    segments = torch.full_like(ids, -1)
    first = torch.zeros(len(examples), dtype=torch.long)
    for r, members in enumerate(rows):
        start = 0
        for index in members:
            end = start + lengths[index]
            ids[r, start:end] = torch.tensor(examples[index].ids)
            positions[r, start:end] = torch.arange(end - start)
            segments[r, start:end] = index
            first[index] = r * length + start
            start = end
    targets = torch.tensor([example.target for example in examples])
    return {
        "input_ids": ids,
        "position_ids": positions,
        "segments": segments,
        "first": first,
        "targets": targets,
    }


def pad(examples: Sequence[Encoded], *, padding: int, limit: int) -> Mapping[str, Tensor]:
    """One row a text, as long as the longest, rounded up within the limit of the base."""
    longest = max(len(example.ids) for example in examples)
    longest = max(longest, min(rounded(longest), limit))
    ids = torch.full((len(examples), longest), padding, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for r, example in enumerate(examples):
        ids[r, : len(example.ids)] = torch.tensor(example.ids)
        mask[r, : len(example.ids)] = 1
    targets = torch.tensor([example.target for example in examples])
    return {"input_ids": ids, "attention_mask": mask, "targets": targets}
