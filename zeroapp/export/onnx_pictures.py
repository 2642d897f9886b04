"""ONNX for models that look at pictures: the graph, and its weights or all of it in 8 bit."""

import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from transformers import AutoModelForImageClassification

from zeroapp.gates import open_gates, without_gates
from zeroapp.pixels import open_picture
from zeroapp.preparation import FILE, read_preparation

MODEL = "model.onnx"
_OPSET = 18
_AT_ONCE = 8


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


def in_8_bit(pictures: Sequence[str]) -> tuple[Callable[[Path, Path], None], ...]:
    """Ways to write in 8 bit, the boldest first; pictures show what the layers usually hold."""

    def everything(model: Path, folder: Path) -> None:
        """Weights and what flows between the layers."""
        _static(model, folder, pictures=pictures, kinds=["Conv", "Gemm", "MatMul", "Add"])

    def products(model: Path, folder: Path) -> None:
        """Only the convolutions and the last layer, each on its own."""
        _static(model, folder, pictures=pictures, kinds=["Conv", "Gemm", "MatMul"])

    return (everything, products, _weights_alone)


def _static(model: Path, folder: Path, *, pictures: Sequence[str], kinds: list[str]) -> None:
    """Static, per channel: dynamic quantisation does next to nothing for convolutions."""
    shutil.copyfile(model / FILE, folder / FILE)
    with _traced(model, folder) as whole:
        quantize_static(
            whole,
            folder / MODEL,
            _Shown(model, pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=kinds,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )


def _weights_alone(model: Path, folder: Path) -> None:
    """Weights in 8 bit, an own scale for each output; what flows between the layers stays fp32.

    As small, no faster: for pictures whose kinds lie in faint marks, which 8 bits wash out.
    """
    shutil.copyfile(model / FILE, folder / FILE)
    with _traced(model, folder) as whole:
        graph = onnx.load(whole)
        stored = {one.name: one for one in graph.graph.initializer}
        unpacked = []
        for node in graph.graph.node:
            if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in stored:
                tensor = stored.pop(node.input[1])
                graph.graph.initializer.remove(tensor)
                packed, unpack = _packed(tensor, axis=_output_axis(node))
                graph.graph.initializer.extend(packed)
                unpacked.append(unpack)
        nodes = [*unpacked, *graph.graph.node]
        del graph.graph.node[:]
        graph.graph.node.extend(nodes)
        onnx.save(graph, folder / MODEL)


def _output_axis(node: onnx.NodeProto) -> int:
    """Along which axis of its weights the outputs of a layer lie."""
    turned = any(one.name == "transB" and one.i for one in node.attribute)
    return 0 if node.op_type == "Conv" or turned else 1


def _packed(
    tensor: onnx.TensorProto, *, axis: int
) -> tuple[list[onnx.TensorProto], onnx.NodeProto]:
    """The tensor in 8 bit with its scales, and the node that makes it again under its name."""
    values = onnx.numpy_helper.to_array(tensor)
    others = tuple(n for n in range(values.ndim) if n != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scales = np.maximum(largest, np.finfo(np.float32).tiny * 127) / np.float32(127)
    whole = np.clip(np.rint(values / scales), -127, 127).astype(np.int8)
    names = [f"{tensor.name}_8bit", f"{tensor.name}_scale"]
    parts = [
        onnx.numpy_helper.from_array(part, name)
        for part, name in zip((whole, scales.reshape(-1)), names, strict=True)
    ]
    return parts, onnx.helper.make_node("DequantizeLinear", names, [tensor.name], axis=axis)


@contextmanager
def _traced(model: Path, folder: Path) -> Iterator[Path]:
    """The fp32 graph, tidied, for a while."""
    whole, tidy = folder / "fp32.onnx", folder / "tidy.onnx"
    try:
        trace(model, whole)
        quant_pre_process(whole, tidy, skip_symbolic_shape=True)
        yield tidy
    finally:
        whole.unlink(missing_ok=True)
        tidy.unlink(missing_ok=True)


class _Shown(CalibrationDataReader):  # type: ignore[misc]
    """Prepared pictures, a few at a time."""

    def __init__(self, model: Path, pictures: Sequence[str]) -> None:
        self._how = read_preparation(model)
        self._left = [pictures[i : i + _AT_ONCE] for i in range(0, len(pictures), _AT_ONCE)]

    def get_next(self) -> dict[str, Any] | None:
        """The next few, or None when all were shown."""
        if not self._left:
            return None
        some = [self._how.looked_at(open_picture(Path(path))) for path in self._left.pop(0)]
        return {"pixel_values": self._how.numbers(np.stack(some))}
