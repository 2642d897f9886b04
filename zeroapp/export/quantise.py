"""The format `onnx-int8`: matrices and embeddings in 8 bit, a quarter of the size."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from zeroapp.export.onnx import MODEL, TOKENIZER, trace

_LAYER = re.compile(r"layers?\.(\d+)/")
_HEAD = re.compile(r"pooler|classifier|/head/|/score/|pre_classifier")


def write(model: Path, folder: Path) -> None:
    """All matrices and embeddings in 8 bit."""
    with _traced(model, folder) as whole:
        _quantise(whole, folder / MODEL)


def write_without_last(model: Path, folder: Path) -> None:
    """The last layer, the pooling and the head stay fp32: what decides between near labels."""
    with _traced(model, folder) as whole:
        _quantise(whole, folder / MODEL, leave=last_nodes(whole))


@contextmanager
def _traced(model: Path, folder: Path) -> Iterator[Path]:
    """The fp32 graph for a while, inside the folder so that it lies on the same disk."""
    shutil.copyfile(model / TOKENIZER, folder / TOKENIZER)
    whole = folder / "fp32.onnx"
    try:
        trace(model, whole)
        yield whole
    finally:
        whole.unlink(missing_ok=True)


def _quantise(whole: Path, file: Path, *, leave: list[str] | None = None) -> None:
    """Per channel, for accuracy; 7 of the 8 bits, as processors without VNNI overflow otherwise.

    A matrix of zeros keeps scale 1, so the folded pooling layer comes through unharmed.
    """
    quantize_dynamic(
        whole,
        file,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=leave,
    )


def last_nodes(file: Path) -> list[str]:
    """Names of the graph nodes of the last transformer layer and of everything after it."""
    names = [node.name for node in onnx.load(file, load_external_data=False).graph.node]
    layers = [int(number) for name in names for number in _LAYER.findall(name)]
    last = f"{max(layers, default=-1)}"
    return [name for name in names if last in _LAYER.findall(name) or _HEAD.search(name)]
