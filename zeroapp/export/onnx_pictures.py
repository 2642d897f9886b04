"""ONNX for models that look at pictures: the graph, and its weights in 8 or 16 bit."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from transformers import AutoModelForImageClassification

from zeroapp.gates import open_gates, without_gates
from zeroapp.preparation import FILE, read_preparation

MODEL = "model.onnx"
_OPSET = 18
_LAYERS = ("Conv", "Gemm", "MatMul")
_SMALL = 0.01
"""Share of all weights below which a layer keeps 16 bits: it costs little, and what the narrow
first layers round off is missing in all that follow."""

Floats = np.ndarray[Any, np.dtype[np.float32]]
Packed = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]
"""Tensors that take the place of one, and the nodes that make it of them."""


class _Logits(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        """Pictures (rows, 3, side, side) to scores (rows, labels)."""
        logits: Tensor = self.model(pixel_values=pixel_values).logits
        return logits


def write(model: Path, folder: Path) -> None:
    """model.onnx (any number of pictures) and how they are prepared."""
    shutil.copyfile(model / FILE, folder / FILE)
    trace(model, folder / MODEL)


def trace(model: Path, file: Path) -> None:
    """Write the fp32 graph; gates that let all through are left out."""
    loaded = AutoModelForImageClassification.from_pretrained(
        model, local_files_only=True, use_safetensors=True, dtype=torch.float32
    ).eval()
    if open_gates(model):
        without_gates(loaded)
    side = read_preparation(model).side
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # see export/onnx.py
        torch.onnx.export(
            _Logits(loaded).eval(),
            (torch.zeros(2, 3, side, side),),
            str(file),
            input_names=["pixel_values"],
            output_names=["logits"],
            dynamic_axes={"pixel_values": {0: "rows"}, "logits": {0: "rows"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def write_in_8_bit(model: Path, folder: Path) -> None:
    """Weights in 8 bit, an own scale for each output; those of small layers in 16.

    A quarter of the size. What flows between the layers stays fp32: 8 bits wash faint marks out.
    """
    _write_packed(model, folder, in_8_bit=True)


def write_in_16_bit(model: Path, folder: Path) -> None:
    """All weights in 16 bit: half of the size, where 8 bits change answers."""
    _write_packed(model, folder, in_8_bit=False)


def _write_packed(model: Path, folder: Path, *, in_8_bit: bool) -> None:
    shutil.copyfile(model / FILE, folder / FILE)
    trace(model, folder / MODEL)
    whole = onnx.load(folder / MODEL)
    _pack(whole.graph, in_8_bit=in_8_bit)
    onnx.save(whole, folder / MODEL)


def _pack(graph: onnx.GraphProto, *, in_8_bit: bool) -> None:
    """Weights in fewer bits, and before all else the nodes that make them again.

    Not DequantizeLinear, which is done anew with every picture: Cast and Mul of constants are
    done once, when the model is opened.
    """
    stored = {one.name: one for one in graph.initializer}
    layers = [n for n in graph.node if n.op_type in _LAYERS and n.input[1] in stored]
    axes = {node.input[1]: _output_axis(node) for node in layers}
    weights = {name: onnx.numpy_helper.to_array(stored[name]) for name in axes}
    least = _SMALL * sum(values.size for values in weights.values())
    unpacked: list[onnx.NodeProto] = []
    for name, values in weights.items():
        large = in_8_bit and values.size >= least
        parts, nodes = _packed(name, values, axis=axes[name], steps=127 if large else 0)
        graph.initializer.remove(stored[name])
        graph.initializer.extend(parts)
        unpacked += nodes
    nodes = [*unpacked, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _output_axis(node: onnx.NodeProto) -> int:
    """Along which axis of its weights the outputs of a layer lie."""
    turned = any(one.name == "transB" and one.i for one in node.attribute)
    return 0 if node.op_type == "Conv" or turned else 1


def _packed(name: str, values: Floats, *, axis: int, steps: int) -> Packed:
    """Each output's weights as shares of its largest: in so many whole steps, or 16-bit floats."""
    others = tuple(n for n in range(values.ndim) if n != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scales = np.maximum(largest, np.finfo(np.float32).tiny * 127) / np.float32(steps or 1)
    shares = values / scales
    small = np.rint(shares).astype(np.int8) if steps else shares.astype(np.float16)
    rough, packed, scale = f"{name}_rough", f"{name}_packed", f"{name}_scale"
    return (
        [onnx.numpy_helper.from_array(small, packed), onnx.numpy_helper.from_array(scales, scale)],
        [
            onnx.helper.make_node("Cast", [packed], [rough], to=onnx.TensorProto.FLOAT),
            onnx.helper.make_node("Mul", [rough, scale], [name]),
        ],
    )
