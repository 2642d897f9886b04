"""Answers with a finished model folder, exactly as any transformers program would."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from zeroapp.data.personal import mask
from zeroapp.engine.inputs import PictureInputs, inputs_of
from zeroapp.engine.loading import open_finished
from zeroapp.engine.looking import Heat, where_it_looks
from zeroapp.engine.reading import ReadProgress
from zeroapp.errors import ModelError
from zeroapp.pixels import SIDE, open_picture
from zeroapp.work import Silent, Work

Floats = NDArray[np.float32]

_AT_ONCE = 16


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
        self._masked: bool = settings.get("masked", False)
        self._inputs = inputs_of(folder, note=settings)
        self._model = open_finished(folder)
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        self._device = next(self._model.parameters()).device

    def predict(self, texts: Sequence[str], work: Work | None = None) -> Floats:
        """Probabilities (texts, labels), fp32; of pictures, texts says where they lie.

        Personal data is hidden where it was in training. Raises Stopped when asked to stop,
        DataError for what is no picture.
        """
        if self._masked:
            texts = [mask(text) for text in texts]
        result = np.zeros((len(texts), len(self.labels)), np.float32)
        progress = ReadProgress(total=len(texts), work=work or Silent())
        for batch in self._inputs.batches(texts):
            result[batch] = self._answer(self._inputs.tensors([texts[i] for i in batch]))
            progress.add(len(batch))
        return result

    def look(self, picture: Path) -> Heat:
        """How much less sure the answer is with a part of the picture covered; () of a text.

        Raises DataError for what is no picture.
        """
        inputs = self._inputs
        if not isinstance(inputs, PictureInputs):
            return ()

        def ask(images: Sequence[Image.Image]) -> Floats:
            few = [images[i : i + _AT_ONCE] for i in range(0, len(images), _AT_ONCE)]
            return np.concatenate([self._answer(inputs.of_images(some)) for some in few])

        return where_it_looks(open_picture(picture, side=SIDE), ask=ask)

    @torch.inference_mode()
    def _answer(self, made: Mapping[str, Tensor]) -> Floats:
        logits = self._model(**{n: t.to(self._device) for n, t in made.items()}).logits.float()
        answer: Floats = torch.softmax(logits, dim=-1).cpu().numpy()
        return answer
