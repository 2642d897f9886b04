"""Opens a model's weights where they lie: mapped from its files, read-only, page by page when used.

Nobody needs memory for a whole copy: a rank that keeps a slice reads that slice, and pages that
are only read can be let go by the system at any time. Knows no task.
"""

import mmap
import struct
import tempfile
import warnings
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from transformers import (
    MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    AutoConfig,
)

from zeroapp.engine.offload_files import MappedFile, move
from zeroapp.plan import Device, Offload, TrainPlan
from zeroapp.task import Training

_KINDS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def mapped(place: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, or of all those in a folder, by name.

    They are the file itself: writing into one ends the process. safetensors' own reader maps
    files privately, which counts as the process's own memory under a limit (RLIMIT_DATA).
    """
    whole = place if place.is_file() else place / "model.safetensors"
    files = [whole] if whole.is_file() else sorted(place.glob("model-*-of-*.safetensors"))
    return {name: tensor for file in files for name, tensor in _mapped_file(file).items()}


def _mapped_file(file: Path) -> dict[str, Tensor]:
    """Layout: https://github.com/huggingface/safetensors#format."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = msgspec.json.decode(opened.read(length), type=dict[str, msgspec.Raw])
        pages = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    header.pop("__metadata__", None)
    entries = {name: msgspec.json.decode(raw, type=_Entry) for name, raw in header.items()}
    return {name: _tensor(pages, entry, start=8 + length) for name, entry in entries.items()}


def _tensor(pages: mmap.mmap, entry: _Entry, *, start: int) -> Tensor:
    kind, (first, end) = _KINDS[entry.dtype], entry.data_offsets
    if first == end:
        return torch.empty(entry.shape, dtype=kind)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given buffer is not writable")
        flat = torch.frombuffer(
            pages, dtype=kind, count=(end - first) // kind.itemsize, offset=start + first
        )
    return flat.view(entry.shape)


def open_base(training: Training) -> nn.Module:
    """`training.build()` without a copy of the base in memory.

    Its head may be written to, its other parameters must not; they may be in half precision.
    A base that is not in safetensors files is built the ordinary way.
    """
    weights = mapped(training.base)
    if not weights:
        return training.build()
    model = training.build(weights=weights)
    head = training.head(model)
    for parameter in head.parameters() if head is not None else ():
        parameter.data = parameter.data.float().clone()
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.data = buffer.data.float()
    return model


def model_to_read(
    training: Training, *, plan: TrainPlan, device: torch.device, place: Path
) -> nn.Module:
    """The untrained model in fp32, to be read and not trained.

    Where the plan is short of memory it stays in its files; what is stored in half precision is
    widened into a nameless file in the folder `place`.
    """
    if plan.offload is not Offload.disk or plan.device is not Device.cpu:
        return training.build().to(device)
    model = open_base(training)
    narrow = [p for p in model.parameters() if p.dtype is not torch.float32]
    with tempfile.TemporaryFile(dir=place) as file:
        move(narrow, MappedFile(file, [p.shape for p in narrow]))
    return model


def open_finished(folder: Path) -> nn.Module:
    """A finished classifier's folder, ready to answer; its weights stay in their file."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    pictures = type(config) in MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING
    known: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
    kind: Any = (MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING if pictures else known)[type(config)]
    model: nn.Module = kind.from_pretrained(
        None, config=config, state_dict=mapped(folder), dtype=torch.float32
    )
    return model.eval()
