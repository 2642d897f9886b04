"""95 % intervals: bootstrap for macro-F1. Knows counts, no models."""

import numpy as np
from numpy.typing import NDArray

from zeroapp.quality.metrics import macro_f1, mean_f1
from zeroapp.quality.shares import wilson
from zeroapp.report import Interval


def macro_f1_interval(counts: NDArray[np.integer], *, seed: int = 0, draws: int = 1000) -> Interval:
    """Percentile bootstrap of macro-F1 over test rows; counts are (K, K), truth by answer.

    Drawing rows with replacement is drawing the filled cells of `counts` from a multinomial, so
    a draw costs cells, not rows. Where few mistakes were seen a bootstrap is far too sure of
    itself, so the interval is never narrower on either side than Wilson's for the share right.
    """
    n = int(counts.sum())
    if n == 0:
        return Interval(low=0.0, high=1.0, method="bootstrap")
    low, high = np.percentile(_drawn_f1(counts, seed=seed, draws=draws), [2.5, 97.5])
    value, right = macro_f1(counts), int(np.trace(counts))
    share, floor = right / n, wilson(right, n=n)
    low = min(float(low), value - (share - floor.low))
    high = max(float(high), value + (floor.high - share))
    return Interval(low=max(0.0, low), high=min(1.0, high), method="bootstrap")


def _drawn_f1(counts: NDArray[np.integer], *, seed: int, draws: int) -> NDArray[np.float64]:
    """Macro-F1 of `draws` resampled tests, shape (draws,)."""
    labels, n = len(counts), int(counts.sum())
    given, answered = np.nonzero(counts)
    shares = counts[given, answered] / n
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, shares, size=draws)
    by_given = np.zeros((draws, labels), dtype=np.int64)
    by_answer, right = np.zeros_like(by_given), np.zeros_like(by_given)
    for cell, (row, column) in enumerate(zip(given, answered, strict=True)):
        by_given[:, row] += drawn[:, cell]
        by_answer[:, column] += drawn[:, cell]
        if row == column:
            right[:, row] += drawn[:, cell]
    return mean_f1(right, given=by_given, answered=by_answer)
