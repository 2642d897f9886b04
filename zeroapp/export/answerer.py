"""Opens what answers: an export folder or a run's model. onnx is answered without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from zeroapp.data.personal import mask
from zeroapp.errors import UsageError
from zeroapp.export import manifest, source


class Answerer(Protocol):
    """Texts, or places of pictures, in, probabilities out.

    labels: the order of the columns of `predict`.
    """

    labels: tuple[str, ...]

    def predict(self, texts: Sequence[str], /) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Probabilities, shape (texts, labels), fp32."""


def open_answerer(path: Path) -> Answerer:
    """What lies at `path`: an export folder, or the model/ folder of a run.

    Raises UsageError("no-model") when it is neither, ModelError("export-damaged") when its files
    are not those that were exported.
    """
    if (path / manifest.FILE).is_file():
        # The very code that is shipped, so that what is tested here is what runs there.
        from zeroapp.export.scripts import answer, answer_pictures

        facts = manifest.read(path)
        manifest.verify(facts, folder=path)
        if source.looks_at_pictures(path):
            return answer_pictures.Model(path)
        return answer.Model(path, hide=mask if facts.masked else None)
    if (path / source.FILE).is_file():
        from zeroapp.engine.inference import Predictor

        return Predictor(path)
    raise UsageError(
        "no-model",
        title=f"There is no model in “{path}”.",
        hint="Name a project that has finished training, one of its runs, or an export folder.",
    )
