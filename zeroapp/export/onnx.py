"""The format `onnx`: the same model for onnxruntime alone, in fp32."""

import shutil
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
_OPSET = 18


class _Logits(nn.Module):
    """The model with plain tensors in and out, as the file shall have it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask (rows, length) to scores (rows, labels)."""
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def write(model: Path, folder: Path) -> None:
    """model.onnx (rows and length free) and tokenizer.json from a transformers folder."""
    shutil.copyfile(model / TOKENIZER, folder / TOKENIZER)
    trace(model, folder / MODEL)


def trace(model: Path, file: Path) -> None:
    """Write the fp32 graph. Two rows, one of them padded, so that the mask is part of it.

    Tracing, not torch.export: the same graph in a fifth of the time (docs/decisions/).
    """
    loaded = AutoModelForSequenceClassification.from_pretrained(
        model, local_files_only=True, use_safetensors=True, dtype=torch.float32
    ).eval()
    ids = torch.full((2, 16), loaded.config.pad_token_id or 0)
    ids[0], ids[1, :9] = 5, 5
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    free = {0: "rows", 1: "length"}
    with warnings.catch_warnings(), torch.inference_mode():
        # It warns of its own age and of every branch on a shape; the replay finds what matters.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Logits(loaded).eval(),
            (ids, mask),
            str(file),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "logits": {0: "rows"}},
            opset_version=_OPSET,
            dynamo=False,
        )
