"""Chooses between the untrained base and the taught model by their losses on validation answers."""

import numpy as np
from numpy.typing import NDArray

from zeroapp.quality.paired import sign_flip_greater
from zeroapp.report import TextSelection

_LEVEL = 0.05

Losses = NDArray[np.floating]
"""Loss of each answer in nats, summed over its tokens."""


def choose(tokens: NDArray[np.integer], *, base: Losses, tuned: Losses | None) -> TextSelection:
    """The model to use, and why; never looks at test examples.

    tokens: of each answer, in the order of the losses. The taught model is kept only if it is less
    surprised by more than chance explains (paired sign-flip test over answers at .05).
    """
    total = max(1, int(tokens.sum()))
    before = float(base.sum() / total)
    if tuned is None:
        why = "There is no taught model to compare with, so the base is in use as it came."
        return TextSelection(in_use="base", why=why, n=len(tokens), base_loss=before)
    after = float(tuned.sum() / total)
    better = after < before and sign_flip_greater(base - tuned) < _LEVEL
    if better:
        why = (
            "On examples kept aside, your texts surprise the taught model less than the base, by "
            "more than chance explains."
        )
    else:
        why = (
            "On examples kept aside, teaching made nothing clearly better, so the base is in use "
            "as it came."
        )
    return TextSelection(
        in_use="fine-tuned" if better else "base",
        why=why,
        n=len(tokens),
        base_loss=before,
        fine_tuned_loss=after,
    )
