"""Paired tests: two models on the same rows. Knows arrays of right and wrong, no models."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Right = NDArray[np.bool_]
"""Whether each row was answered rightly, shape (n,)."""

_FLIPS = 9999
# Signs drawn at once: 8 MB of them, so that memory stays small on long tests.
_SIGNS_AT_ONCE = 1_000_000


def discordant(ours: Right, *, theirs: Right) -> tuple[int, int]:
    """Rows that only we got right, rows that only they got right."""
    return int((ours & ~theirs).sum()), int((theirs & ~ours).sum())


def mcnemar(only_ours: int, *, only_theirs: int) -> float:
    """Two-sided exact McNemar p-value (McNemar 1947) from the rows the two disagree on."""
    n = only_ours + only_theirs
    return float(stats.binomtest(only_ours, n).pvalue) if n else 1.0


def mcnemar_greater(only_ours: int, *, only_theirs: int) -> float:
    """One-sided exact McNemar p-value: small when ours is right more often."""
    n = only_ours + only_theirs
    return float(stats.binomtest(only_ours, n, alternative="greater").pvalue) if n else 1.0


def sign_flip_greater(gains: NDArray[np.floating], *, seed: int = 0) -> float:
    """One-sided sign-flip permutation p-value for a mean gain above 0; gains are (n,).

    Under "no difference" the sign of each row's gain is a coin toss, so the mean is compared
    with 9,999 seeded re-tossings; the smallest p-value is therefore .0001.
    """
    if not np.any(gains):
        return 1.0
    rng = np.random.default_rng(seed)
    seen = gains.sum()
    step = max(1, _SIGNS_AT_ONCE // len(gains))
    # A tie must count as "as large": float sums of flipped rows differ in the last digits.
    bar = seen - 1e-9 * np.abs(gains).sum()
    as_large = 0
    for start in range(0, _FLIPS, step):
        rows = min(step, _FLIPS - start)
        heads = rng.integers(0, 2, size=(rows, len(gains)), dtype=np.int8)
        # Flipping a sign takes the gain away twice.
        as_large += int((seen - 2 * (heads @ gains) >= bar).sum())
    return (1 + as_large) / (1 + _FLIPS)
