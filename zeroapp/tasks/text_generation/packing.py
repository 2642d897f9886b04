"""Token ids to tensors: several short texts share one row, and none sees its neighbours."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from zeroapp.packing import layout
from zeroapp.task import Encoded

ROW_LENGTH = 256
"""Packed rows are about this long, or as long as the longest text: attention stays cheap."""


def pack(examples: Sequence[Encoded], *, padding: int, packing: bool) -> Mapping[str, Tensor]:
    """Rows for Writer.forward; packing: short texts share them.

    input_ids, position_ids, segments: (rows, length); segments tells texts apart, -1 is padding.
    places: (tokens,) where in the flattened rows a token stands that foretells one of an answer;
    targets: (tokens,) that token; owners: (tokens,) the example it is of.
    """
    lengths = [len(example.ids) for example in examples]
    rows, length = layout(lengths, usual=ROW_LENGTH, packing=packing)
    ids = torch.full((len(rows), length), padding, dtype=torch.long)
    positions = torch.zeros_like(ids)
    segments = torch.full_like(ids, -1)
    places: list[int] = []
    targets: list[int] = []
    owners: list[int] = []
    for r, members in enumerate(rows):
        start = 0
        for index in members:
            example, end = examples[index], start + lengths[index]
            ids[r, start:end] = torch.tensor(example.ids)
            positions[r, start:end] = torch.arange(end - start)
            segments[r, start:end] = index
            for first, last in example.learned:
                at = r * length + start - 1  # one before: it foretells what follows it
                places += range(at + first, at + last)
                targets += example.ids[first:last]
                owners += [index] * (last - first)
            start = end
    return {
        "input_ids": ids,
        "position_ids": positions,
        "segments": segments,
        "places": torch.tensor(places, dtype=torch.long),
        "targets": torch.tensor(targets, dtype=torch.long),
        "owners": torch.tensor(owners, dtype=torch.long),
        "examples": torch.zeros(len(examples)),
    }
