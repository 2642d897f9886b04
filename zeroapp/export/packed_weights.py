"""Weights of an ONNX graph in 8 or 16 bit, made whole again when the model is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from zeroapp.export.onnx import MODEL

_SMALL = 0.01
"""Share of all weights below which a layer keeps 16 bits: it costs little, and what the narrow
first layers round off is missing in all that follow."""

Floats = np.ndarray[Any, np.dtype[np.float32]]
Way = Callable[[Path, Path], None]
Packed = tuple[list[onnx.TensorProto], list[onnx.NodeProto]]
"""Tensors that take the place of one, and the nodes that make it of them."""


def writer_of(write: Way, *, bits: int) -> Way:
    """Writes what `write` does, its layers' weights and tables of words in so many bits.

    8: with an own scale for each output or word; those of small layers in 16. What flows between
    the layers stays fp32.
    """

    def write_packed(model: Path, folder: Path) -> None:
        write(model, folder)
        whole = onnx.load(folder / MODEL)
        _pack(whole.graph, in_8_bit=bits == 8)  # noqa: PLR2004 - said right here
        onnx.save(whole, folder / MODEL)

    return write_packed


def _pack(graph: onnx.GraphProto, *, in_8_bit: bool) -> None:
    """Weights in fewer bits, and before all else the nodes that make them again.

    Not DequantizeLinear, which is done anew with every row: Cast and Mul of constants are
    done once, when the model is opened.
    """
    stored = {one.name: one for one in graph.initializer}
    found = {name: axis for node in graph.node for name, axis in _weights(node) if name in stored}
    arrays = {name: onnx.numpy_helper.to_array(stored[name]) for name in found}
    weights = {name: values for name, values in arrays.items() if values.dtype == np.float32}
    least = _SMALL * sum(values.size for values in weights.values())
    unpacked: list[onnx.NodeProto] = []
    for name, values in weights.items():
        large = in_8_bit and values.size >= least
        parts, nodes = _packed(name, values, axis=found[name], steps=127 if large else 0)
        graph.initializer.remove(stored[name])
        graph.initializer.extend(parts)
        unpacked += nodes
    nodes = [*unpacked, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _weights(node: onnx.NodeProto) -> list[tuple[str, int]]:
    """The name of a layer's weights, and along which axis of them its outputs lie."""
    if node.op_type == "Gather":  # a table of words
        return [(node.input[0], 0)]
    turned = any(one.name == "transB" and one.i for one in node.attribute)
    axes = {"Conv": 0, "Gemm": 0 if turned else 1, "MatMul": 1}
    return [(node.input[1], axes[node.op_type])] if node.op_type in axes else []


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
