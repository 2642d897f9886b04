"""Answers with a finished model folder, exactly as any transformers program would."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer

from zeroapp.engine.loading import open_finished
from zeroapp.engine.reading import ReadProgress
from zeroapp.errors import ModelError
from zeroapp.work import Silent, Work

Floats = NDArray[np.float32]

_TOKENS = 2048
"""Padded tokens in one pass: small enough that texts of like length meet."""


class Predictor:
    """A run's model/ folder, loaded. labels: in the order of the columns of `predict`."""

    labels: tuple[str, ...]

    def __init__(self, folder: Path) -> None:
        note = folder / "zeroapp.json"
        if not note.is_file():
            raise ModelError(
                "model-missing",
                title="There is no finished model here.",
                hint="Train first, or choose another run. Nothing was changed.",
                detail=str(folder),
            )
        settings = json.loads(note.read_text("utf-8"))
        self.labels = tuple(settings["labels"])
        self.prefix: str = settings["prefix"]
        self.max_length: int = settings["max_length"]
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = open_finished(folder)
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        self._device = next(self._model.parameters()).device

    def predict(self, texts: Sequence[str], work: Work | None = None) -> Floats:
        """Probabilities (texts, labels), fp32. Raises Stopped when asked to stop."""
        result = np.zeros((len(texts), len(self.labels)), np.float32)
        progress = ReadProgress(total=len(texts), work=work or Silent())
        ids = self._encode(texts)
        for batch in _batches([len(tokens) for tokens in ids]):
            result[batch] = self._answer([ids[i] for i in batch])
            progress.add(len(batch))
        return result

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        prefixed = [self.prefix + text for text in texts]
        encoded = self._tokenizer(prefixed, truncation=True, max_length=self.max_length)
        ids: list[list[int]] = encoded["input_ids"]
        return ids

    @torch.inference_mode()
    def _answer(self, ids: list[list[int]]) -> Floats:
        padded = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        inputs = {name: padded[name].to(self._device) for name in ("input_ids", "attention_mask")}
        logits = self._model(**inputs).logits.float()
        answer: Floats = torch.softmax(logits, dim=-1).cpu().numpy()
        return answer


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Texts of like length together, so that little is padding."""
    batches: list[list[int]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if current and (len(current) + 1) * lengths[current[0]] > _TOKENS:
            batches.append(current)
            current = []
        current.append(index)
    return [*batches, current] if current else batches
