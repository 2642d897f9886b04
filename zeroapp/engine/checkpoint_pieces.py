"""Large tensors go into a checkpoint in pieces: saving and loading hold one piece at a time.

torch.distributed.checkpoint reads what it wrote whole; an embedding alone can be larger than the
memory a run may take. Any loader puts the pieces together again.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.distributed.checkpoint.default_planner import DefaultSavePlanner
from torch.distributed.checkpoint.metadata import ChunkStorageMetadata, MetadataIndex
from torch.distributed.checkpoint.planner import SavePlan, WriteItem, WriteItemType

PIECE = 8 << 20
"""Bytes of a piece, at most (but a row is never cut)."""


class PiecewisePlanner(DefaultSavePlanner):
    """Saves as usual, but whole tensors of more than PIECE bytes in runs of rows."""

    def create_local_plan(self) -> SavePlan:
        """What this rank writes."""
        plan = super().create_local_plan()
        items = [piece for item in plan.items for piece in _pieces(item)]
        self.plan = replace(plan, items=items)
        return self.plan

    def resolve_data(self, write_item: WriteItem) -> Any:
        """The bytes of an item: of a piece only its rows."""
        whole = self.state_dict[write_item.index.fqn]
        data = write_item.tensor_data
        if data is None or type(whole) not in (Tensor, torch.nn.Parameter):
            return super().resolve_data(write_item)
        if data.chunk.sizes == whole.size():
            return super().resolve_data(write_item)
        rows = whole.detach().narrow(0, data.chunk.offsets[0], data.chunk.sizes[0])
        # by way of numpy a piece has a storage of its own size; torch.save's pickler keeps what it
        # saw until the next garbage collection, so a copy of each piece would add up to the whole
        in_place = rows.device.type == "cpu" and rows.dtype is torch.float32
        return torch.from_numpy(rows.numpy()) if in_place else rows


def _pieces(item: WriteItem) -> Iterator[WriteItem]:
    size = item.tensor_storage_size() or 0
    data = item.tensor_data
    if item.type is not WriteItemType.TENSOR or data is None or size <= PIECE or not data.size:
        yield item
        return
    rows = max(1, PIECE * data.size[0] // size)
    for first in range(0, data.size[0], rows):
        offsets = torch.Size([first, *[0] * (len(data.size) - 1)])
        sizes = torch.Size([min(rows, data.size[0] - first), *data.size[1:]])
        yield WriteItem(
            index=MetadataIndex(item.index.fqn, offsets),
            type=WriteItemType.SHARD,
            tensor_data=replace(data, chunk=ChunkStorageMetadata(offsets=offsets, sizes=sizes)),
        )
