"""The format `onnx` of models that look at pictures, in fp32."""

import shutil
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModelForImageClassification

from zeroapp.export.onnx import MODEL
from zeroapp.gates import open_gates, without_gates
from zeroapp.preparation import FILE, read_preparation

_OPSET = 18


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
