"""Rates answers blind: two texts, and nobody says which model wrote which. QtCore only."""

import random
from collections.abc import Sequence

from ui import words
from ui.binding import Observable, Property
from ui.errors import failure_of
from ui.shown import Duel
from zeroapp.errors import Failure
from zeroapp.quality.shares import wilson
from zeroapp.report import SideBySide
from zeroapp.run_folder import RunFolder
from zeroapp.runs.ratings import Liked, Rating, keep, kept, mark_of


class RatingModel(Observable):
    """duel: the two texts to choose between, None when all are rated. result: how it stands.

    rated: something was rated, so that one can begin anew. failure: it could not be kept.
    """

    duel: Property[Duel | None] = Property(None)
    result = Property("")
    rated = Property(default=False)
    failure: Property[Failure | None] = Property(None)

    def __init__(self) -> None:
        super().__init__()
        self._folder: RunFolder | None = None
        self._left: list[tuple[SideBySide, bool]] = []
        self._pairs: tuple[SideBySide, ...] = ()
        self._ratings: tuple[Rating, ...] = ()

    def start(self, pairs: Sequence[SideBySide], folder: RunFolder | None = None) -> None:
        """Take up the rating of these; where both wrote the same there is nothing to choose.

        folder: the run they are of, where ratings are kept.
        """
        self._folder, self._pairs = folder, tuple(pairs)
        self._ratings = kept(folder, pairs) if folder is not None else ()
        self.failure = None
        self._begin()

    def choose(self, first: bool) -> None:  # noqa: FBT001 - a key's answer
        """The first, or the second, is the better one."""
        if self._left:
            _, ours_first = self._left[0]
            self._rate(Liked.ours if first == ours_first else Liked.base)

    def skip(self) -> None:
        """Neither is better."""
        if self._left:
            self._rate(Liked.neither)

    def rate_again(self) -> None:
        """Forget what was said and begin anew."""
        self._ratings = ()
        self._keep()
        self._begin()

    def _begin(self) -> None:
        dice = random.Random(len(self._pairs))
        sides = [(pair, dice.random() < 0.5) for pair in self._pairs]  # noqa: PLR2004 - a coin
        done = {one.row_id for one in self._ratings}
        self._left = [
            (pair, first)
            for pair, first in sides
            if pair.base != pair.ours and pair.row_id not in done
        ]
        self._tell()
        self._next()

    def _rate(self, liked: Liked) -> None:
        pair, _ = self._left.pop(0)
        rating = Rating(row_id=pair.row_id, mark=mark_of(pair), liked=liked)
        self._ratings = (*self._ratings, rating)
        self._keep()
        self._tell()
        self._next()

    def _keep(self) -> None:
        if self._folder is None:
            return
        try:
            keep(self._folder, self._ratings)
        except OSError as error:
            self.failure = failure_of(error)

    def _next(self) -> None:
        if not self._left:
            self.duel = None
            return
        pair, ours_first = self._left[0]
        first, second = (pair.ours, pair.base) if ours_first else (pair.base, pair.ours)
        left = words.plural(len(self._left), "pair")
        self.duel = Duel(prompt=pair.prompt, first=first, second=second, left=f"{left} to go")

    def _tell(self) -> None:
        self.rated = bool(self._ratings)
        self.result = _standing([one.liked for one in self._ratings])


def _standing(said: Sequence[Liked]) -> str:
    """The win rate of the taught model with its interval; what nobody preferred is left out."""
    wins, ties = said.count(Liked.ours), said.count(Liked.neither)
    n = len(said) - ties
    even = f" {words.plural(ties, 'pair')} you found alike." if ties else ""
    if n == 0:
        return even.strip()
    sure = wilson(wins, n=n)
    return (
        f"You liked the taught model's text better in {wins} of {n}; on more texts like these, "
        f"expect {round(100 * sure.low)} to {round(100 * sure.high)} of 100.{even}"
    )
