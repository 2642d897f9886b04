"""What a report cannot see, as sentences. Knows counts, no models."""

import math
from collections.abc import Sequence

import numpy as np

from zeroapp.quality.metrics import Counts
from zeroapp.quality.shares import wilson
from zeroapp.quality.words import listed, quoted

# Below this many test rows a label's own score moves by ten points with a single row.
_FEW = 10
# An interval wider than ten points leaves open whether the model is good or merely fair.
_WIDE = 0.10


def limits_of(counts: Counts, *, labels: Sequence[str], noun: str) -> tuple[str, ...]:
    """Sentences on what the test rows in `counts` (truth by answer) leave open."""
    return (
        *_width(counts, noun=noun),
        *_few_rows(counts, labels=labels, noun=noun),
        (
            f"It was tested on {noun} like those you gave. Whatever it is asked, it answers with "
            f"one of its {len(labels)} kinds, even where none fits."
        ),
        (
            "Copies were kept on one side, so none was both learned from and tested on; "
            f"{noun} that say the same in other words may still be on both sides."
        ),
        "The kinds in your file were taken as the truth; a wrong one there counts as a mistake.",
        "How sure it says it is has not been checked against how often it is right.",
    )


def _width(counts: Counts, *, noun: str) -> tuple[str, ...]:
    n = int(counts.sum())
    interval = wilson(int(np.trace(counts)), n=n)
    if interval.high - interval.low <= _WIDE:
        return ()
    low, high = math.floor(100 * interval.low), math.ceil(100 * interval.high)
    return (
        f"With {n} {noun} to test on, the true share may be anywhere from {low} to {high} of 100.",
    )


def _few_rows(counts: Counts, *, labels: Sequence[str], noun: str) -> tuple[str, ...]:
    given = counts.sum(axis=1)
    none = [quoted(labels[i]) for i in np.flatnonzero(given == 0).tolist()]
    few = [
        f"{quoted(labels[i])} ({given[i]})"
        for i in np.argsort(given, kind="stable").tolist()
        if 0 < given[i] < _FEW
    ]
    said = []
    if none:
        said.append(f"No {noun} to test on for {listed(none)}: nothing is known about these.")
    if few:
        said.append(
            f"Few {noun} to test on for {listed(few)}: what is said about these is a guess."
        )
    return tuple(said)
