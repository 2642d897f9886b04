"""What a finished model is asked, as tensors: texts through its tokenizer, pictures as pixels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers import AutoTokenizer

from zeroapp import preparation
from zeroapp.pixels import open_picture

_TOKENS = 2048
"""Padded tokens in one pass: small enough that texts of like length meet."""

_PICTURES = 16


class Inputs(Protocol):
    """Makes tensors of questions, in batches that go well together."""

    def batches(self, questions: Sequence[str]) -> list[list[int]]:
        """Numbers of the questions of each batch."""

    def tensors(self, questions: Sequence[str]) -> Mapping[str, Tensor]:
        """What the model takes, for one batch."""


def inputs_of(folder: Path, *, note: dict[str, Any]) -> Inputs:
    """What the model in `folder` is asked: pictures when it says how it wants them."""
    if (folder / preparation.FILE).is_file():
        return PictureInputs(folder)
    return TextInputs(folder, prefix=note["prefix"], max_length=note["max_length"])


class TextInputs:
    """Texts, cut at max_length; those of like length together, so that little is padding."""

    def __init__(self, folder: Path, *, prefix: str, max_length: int) -> None:
        self._prefix = prefix
        self._max_length = max_length
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    def batches(self, questions: Sequence[str]) -> list[list[int]]:
        """By length, the longest first."""
        lengths = [len(tokens) for tokens in self._encode(questions)]
        found: list[list[int]] = []
        current: list[int] = []
        for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
            if current and (len(current) + 1) * lengths[current[0]] > _TOKENS:
                found.append(current)
                current = []
            current.append(index)
        return [*found, current] if current else found

    def tensors(self, questions: Sequence[str]) -> Mapping[str, Tensor]:
        """input_ids and attention_mask (texts, longest)."""
        padded = self._tokenizer.pad({"input_ids": self._encode(questions)}, return_tensors="pt")
        return {name: padded[name] for name in ("input_ids", "attention_mask")}

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        prefixed = [self._prefix + text for text in texts]
        encoded = self._tokenizer(prefixed, truncation=True, max_length=self._max_length)
        ids: list[list[int]] = encoded["input_ids"]
        return ids


class PictureInputs:
    """Pictures, by where they lie."""

    def __init__(self, folder: Path) -> None:
        self._how = preparation.read_preparation(folder)

    def batches(self, questions: Sequence[str]) -> list[list[int]]:
        """As they come: all are looked at in one size."""
        numbers = list(range(len(questions)))
        return [numbers[i : i + _PICTURES] for i in range(0, len(numbers), _PICTURES)]

    def tensors(self, questions: Sequence[str]) -> Mapping[str, Tensor]:
        """pixel_values (pictures, 3, side, side). Raises DataError("not-a-picture")."""
        return self.of_images([open_picture(Path(question)) for question in questions])

    def of_images(self, images: Sequence[Image.Image]) -> Mapping[str, Tensor]:
        """The same for pictures that are open."""
        seen = [self._how.looked_at(image) for image in images]
        return {"pixel_values": torch.from_numpy(self._how.numbers(np.stack(seen)))}
