"""Where a model looks: how much less sure it is when a part of a picture is covered.

Works with any model, because it is only asked. Cannot see what several parts say together: where
two of them tell the same, covering either changes nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

from zeroapp.pixels import SIDE

CELLS = 8
_WIDE = 2
"""A cover hides so many cells each way, and moves on by one."""

Shares = NDArray[np.float32]
Heat = tuple[tuple[float, ...], ...]


def where_it_looks(image: Image.Image, *, ask: Callable[[Sequence[Image.Image]], Shares]) -> Heat:
    """CELLS rows of CELLS numbers: what the likeliest answer loses when that part is covered, on
    average over the covers that hide it; from -1 to 1.
    """
    image = image.copy()
    image.thumbnail((SIDE, SIDE))
    places = [(row, column) for row in range(_STEPS) for column in range(_STEPS)]
    shares = ask([image, *(_covered(image, row=row, column=column) for row, column in places)])
    answer = int(shares[0].argmax())
    lost = np.zeros((CELLS, CELLS))
    often = np.zeros((CELLS, CELLS))
    for (row, column), share in zip(places, shares[1:, answer], strict=True):
        hidden = np.s_[row : row + _WIDE, column : column + _WIDE]
        lost[hidden] += float(shares[0, answer] - share)
        often[hidden] += 1
    return tuple(tuple(round(float(cell), 4) for cell in row) for row in lost / often)


_STEPS = CELLS - _WIDE + 1


def _covered(image: Image.Image, *, row: int, column: int) -> Image.Image:
    """The picture with a part in its own mean colour, which says least."""
    wide, high = image.size
    ground = tuple(round(mean) for mean in ImageStat.Stat(image).mean)
    left, right = column * wide // CELLS, (column + _WIDE) * wide // CELLS
    top, bottom = row * high // CELLS, (row + _WIDE) * high // CELLS
    covered = image.copy()
    covered.paste(ground, (left, top, right, bottom))
    return covered
