"""Writes with a finished model folder, or with the untrained base that it came from."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch

from zeroapp.data.personal import mask
from zeroapp.dataset import Example
from zeroapp.engine.heavy import half_of
from zeroapp.errors import ModelError
from zeroapp.plan import TrainPlan
from zeroapp.rules import ruled, rules_of
from zeroapp.task import TextTraining, Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A text as token ids, and what is foretold at each place from start on while it is held."""

    ids: list[int]
    start: int
    foretold: list[int]


class Author:
    """A run's model/ folder, loaded. base: another folder whose model writes in its place.

    Personal data in what it is asked is hidden where it was in training; the other model is asked
    under the rules that the taught one begins with.
    Raises ModelError("model-missing").
    """

    def __init__(self, folder: Path, *, base: Path | None = None) -> None:
        note = folder / "zeroapp.json"
        if not note.is_file():
            raise ModelError(
                "model-missing",
                title="There is no finished model here.",
                hint="Train first, or choose another run. Nothing was changed.",
                detail=str(folder),
            )
        said = json.loads(note.read_text("utf-8"))
        self.base_key: str = said["base"]
        self._masked: bool = said.get("masked", False)
        plan = TrainPlan(
            task=said["task"],
            base=said["base"],
            data_version=said["data_version"],
            labels=(),
            max_length=said["max_length"],
        )
        self._rules = rules_of(folder) if base else ""
        self._training = cast("TextTraining", half_of(plan, base or folder))
        self._model = self._training.build().eval()
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")

    def write(
        self,
        prompts: Sequence[str],
        *,
        wish: Writing,
        said: Callable[[Sequence[str]], None] = lambda _texts: None,
    ) -> list[str]:
        """The answers, in order; `said` is told all of them as they grow and may raise."""
        if self._masked:
            prompts = [mask(prompt) for prompt in prompts]
        prompts = [ruled(prompt, self._rules) for prompt in prompts]
        return self._training.write(self._model, prompts, wish=wish, said=said)

    def held(self, asked: str, said: str) -> Held:
        """What the model foretells of an answer, its end included, with all before it as it is."""
        asked = mask(asked) if self._masked else asked
        (encoded,) = self._training.encode([Example(row_id=0, text=asked, label=said)])
        start, end = encoded.learned[-1] if encoded.learned else (len(encoded.ids),) * 2
        with torch.inference_mode():
            likeliest = self._training.foretold(self._model, self._training.collate([encoded]))
        foretold = likeliest[len(likeliest) - (end - start) :].tolist()
        return Held(ids=list(encoded.ids[:end]), start=start, foretold=foretold)
