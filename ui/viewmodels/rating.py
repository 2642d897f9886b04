"""Rates answers blind: two texts, and nobody says which model wrote which. QtCore only."""

import random
from collections.abc import Sequence

from ui import words
from ui.binding import Observable, Property
from ui.shown import Duel
from zeroapp.quality.shares import wilson
from zeroapp.report import SideBySide


class RatingModel(Observable):
    """duel: the two texts to choose between, None when all are rated. result: how it stands."""

    duel: Property[Duel | None] = Property(None)
    result = Property("")

    def __init__(self) -> None:
        super().__init__()
        self._left: list[tuple[SideBySide, bool]] = []
        self._wins = 0
        self._rated = 0

    def start(self, pairs: Sequence[SideBySide]) -> None:
        """Begin anew with these; where both wrote the same there is nothing to choose."""
        dice = random.Random(len(pairs))
        self._left = [(pair, dice.random() < 0.5) for pair in pairs if pair.base != pair.ours]  # noqa: PLR2004 - a coin
        self._wins = self._rated = 0
        self.result = ""
        self._next()

    def choose(self, first: bool) -> None:  # noqa: FBT001 - a key's answer
        """The first, or the second, is the better one."""
        if self.duel is None:
            return
        _, ours_first = self._left.pop(0)
        self._rated += 1
        self._wins += first == ours_first
        self._tell()
        self._next()

    def skip(self) -> None:
        """Neither is better."""
        if self.duel is not None:
            self._left.pop(0)
            self._next()

    def _next(self) -> None:
        if not self._left:
            self.duel = None
            return
        pair, ours_first = self._left[0]
        first, second = (pair.ours, pair.base) if ours_first else (pair.base, pair.ours)
        left = words.plural(len(self._left), "pair")
        self.duel = Duel(prompt=pair.prompt, first=first, second=second, left=f"{left} to go")

    def _tell(self) -> None:
        sure = wilson(self._wins, n=self._rated)
        self.result = (
            f"You liked the taught model's text better in {self._wins} of {self._rated}; on more "
            f"texts like these, expect {round(100 * sure.low)} to {round(100 * sure.high)} of 100."
        )
