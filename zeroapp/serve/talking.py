"""Lets a finished model and the base it came from answer side by side, told as they write."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from zeroapp import models
from zeroapp.engine.author import Author
from zeroapp.protocol import Answered
from zeroapp.report import Answer
from zeroapp.task import Writing
from zeroapp.work import Stopped, Work

_EVERY = 0.25
"""Seconds between two tellings of a growing answer."""


class Pair:
    """The taught model, and the untrained base beside it. work: who is told."""

    def __init__(self, folder: Path, *, work: Work) -> None:
        self._work = work
        self._ours = Author(folder)
        self._base = Author(folder, base=models.prepare(self._ours.base_key, work))

    def answer(self, number: int, text: str, *, temperature: float) -> None:
        """Say the answers as they grow, the taught model's first. Raises Stopped."""
        wish = Writing(most=200, temperature=temperature, seed=number)
        ours = self._ours.write([text], wish=wish, said=self._telling(number, text))[0]
        grown = self._telling(number, text, ours=ours)
        base = self._base.write([text], wish=wish, said=grown)[0]
        self._say(number, Answer(text=text, label=ours, base=base))

    def _telling(
        self, number: int, text: str, *, ours: str | None = None
    ) -> Callable[[Sequence[str]], None]:
        last = 0.0

        def told(texts: Sequence[str]) -> None:
            nonlocal last
            if self._work.stop_wanted():
                raise Stopped
            if time.monotonic() - last < _EVERY:
                return
            last = time.monotonic()
            label, base = (texts[0], None) if ours is None else (ours, texts[0])
            self._say(number, Answer(text=text, label=label, base=base, whole=False))

        return told

    def _say(self, number: int, answer: Answer) -> None:
        self._work.say(Answered(number=number, answer=answer))
