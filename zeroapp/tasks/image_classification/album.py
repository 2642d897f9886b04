"""Pictures as the model sees them, kept in memory as far as there is room; and their variations."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from zeroapp.pixels import open_picture
from zeroapp.preparation import Bytes, Preparation

ROOM = 192 << 20
"""Bytes of pictures kept in memory: about a thousand at the usual size."""

_MEASURED = 24
"""Pictures that show how much room the others take."""

_LEAST = 0.7
"""A variation shows at least this share of the picture's area."""

_LIGHT = 0.2
"""A variation is this much lighter or darker at most, and so with contrast and colour."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture in memory mapped for it alone: where training's tensors come and go, it would lie
    in the way of those that follow.
    """

    points: mmap
    size: tuple[int, int]

    @classmethod
    def of(cls, image: Image.Image) -> "_Kept":
        points = mmap(-1, _room(image))
        points.write(image.tobytes())
        return cls(points, image.size)

    def image(self) -> Image.Image:
        return Image.frombytes("RGB", self.size, memoryview(self.points))


class Album:
    """Reads pictures; draw 0 gives the picture itself, any other number a variation of its own."""

    def __init__(self, how: Preparation, *, mirror: bool) -> None:
        self._how = how
        self._mirror = mirror
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    def seen(self, path: str, *, draw: int) -> Bytes:
        """What the model sees of the picture, (side, side, 3). Raises DataError."""
        if not draw:  # exactly as the finished model will see it
            return self._how.looked_at(open_picture(Path(path)))
        dice = np.random.default_rng(draw)
        return self._how.looked_at(varied(self._opened(path), dice=dice, mirror=self._mirror))

    def room_for(self, paths: Sequence[str]) -> int:
        """Bytes that these pictures take once all of them were varied, by a few of them."""
        few = [_room(self._opened(path)) for path in paths[:_MEASURED]]
        return min(ROOM, round(sum(few) / max(1, len(few)) * len(paths)))

    def _opened(self, path: str) -> Image.Image:
        """The picture to be varied, no larger than is looked at with a little to spare."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path].image()
        image = open_picture(Path(path), side=self._how.whole)
        side = round(self._how.whole * 1.25)
        if min(image.size) > side:
            shrink = side / min(image.size)
            size = (round(image.width * shrink), round(image.height * shrink))
            image = image.resize(size, Image.Resampling.BOX)
        self._kept[path] = _Kept.of(image)
        self._size += _room(image)
        while self._size > ROOM:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.points)
        return image


def _room(image: Image.Image) -> int:
    """Bytes of a picture's points, red, green and blue."""
    return 3 * image.width * image.height


def varied(image: Image.Image, *, dice: np.random.Generator, mirror: bool) -> Image.Image:
    """Cut a little, in another light; mirrored half of the time where that is allowed.

    What is small and plain (a drawing, a digit) bears this too: nothing is turned or bent.
    """
    share = np.sqrt(dice.uniform(_LEAST, 1.0))
    wide, high = max(1, round(image.width * share)), max(1, round(image.height * share))
    left = int(dice.integers(0, image.width - wide + 1))
    top = int(dice.integers(0, image.height - high + 1))
    cut = image.crop((left, top, left + wide, top + high))
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        cut = kind(cut).enhance(float(dice.uniform(1 - _LIGHT, 1 + _LIGHT)))
    if mirror and dice.random() < 0.5:  # noqa: PLR2004 - half of the time
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return cut
