"""How a base wants its pictures: size, crop and scale, from its preprocessor_config.json. No torch.

transformers' own processors are not used: the quick ones need torchvision, and what is done here
must be done again by the script of an export, which has numpy and Pillow alone.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

FILE = "preprocessor_config.json"
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to a picture before a model sees it.

    side: height and width in the end. whole: the size the picture is brought to before the middle
    is cut out, for its shorter side when `keep_shape`, else for both. resample: Pillow's number.
    """

    side: int
    whole: int
    keep_shape: bool = False
    resample: int = 3
    mean: tuple[float, float, float] = _IMAGENET[0]
    std: tuple[float, float, float] = _IMAGENET[1]
    scale: float = 1 / 255

    def looked_at(self, image: Image.Image) -> Bytes:
        """The part of the picture a model sees, (side, side, 3)."""
        wide, high = self.whole, self.whole
        if self.keep_shape:
            short = min(image.size)
            wide, high = (max(self.whole, round(n * self.whole / short)) for n in image.size)
        resized = image.resize((wide, high), Image.Resampling(self.resample))
        left, top = (wide - self.side) // 2, (high - self.side) // 2
        return np.asarray(resized.crop((left, top, left + self.side, top + self.side)), np.uint8)

    def numbers(self, seen: Bytes) -> Floats:
        """Pixels (..., side, side, 3) as the model reads them, (..., 3, side, side)."""
        scaled = seen.astype(np.float32) * np.float32(self.scale)
        normed = (scaled - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(np.moveaxis(normed, -1, -3))

    def at(self, side: int) -> "Preparation":
        """The same for pictures of another size; the cut keeps its share."""
        if side in (0, self.side):
            return self
        return msgspec.structs.replace(self, side=side, whole=round(self.whole * side / self.side))


def read_preparation(folder: Path, *, side: int = 224) -> Preparation:
    """What the base in `folder` wants; the usual where it does not say."""
    path = folder / FILE
    said: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.is_file() else {}
    cut = _side(said.get("crop_size"), usual=0) if said.get("do_center_crop") else 0
    size = said.get("size")
    whole = _side(size, usual=side)
    normed = said.get("do_normalize", True)
    return Preparation(
        side=cut or whole,
        whole=max(whole, cut),
        keep_shape=isinstance(size, int) or (isinstance(size, dict) and "shortest_edge" in size),
        resample=int(said.get("resample") or 2),
        mean=_three(said.get("image_mean"), usual=_IMAGENET[0]) if normed else (0.0, 0.0, 0.0),
        std=_three(said.get("image_std"), usual=_IMAGENET[1]) if normed else (1.0, 1.0, 1.0),
        scale=float(said.get("rescale_factor") or 1 / 255) if said.get("do_rescale", True) else 1.0,
    )


def as_config(how: Preparation, *, before: dict[str, Any]) -> dict[str, Any]:
    """preprocessor_config.json that asks for this; before: what the base's own says."""
    size = {"shortest_edge": how.whole} if how.keep_shape else dict.fromkeys(_BOTH, how.whole)
    return before | {
        "do_resize": True,
        "size": size,
        "resample": how.resample,
        "do_center_crop": how.whole != how.side or how.keep_shape,
        "crop_size": dict.fromkeys(_BOTH, how.side),
        "do_rescale": True,
        "rescale_factor": how.scale,
        "do_normalize": True,
        "image_mean": list(how.mean),
        "image_std": list(how.std),
    }


_BOTH = ("height", "width")


def _side(size: Any, *, usual: int) -> int:
    if isinstance(size, dict):
        size = size.get("shortest_edge") or size.get("height")
    if isinstance(size, list):
        size = size[0] if size else None
    return int(size) if isinstance(size, int) and size > 0 else usual


def _three(values: Any, *, usual: tuple[float, float, float]) -> tuple[float, float, float]:
    if isinstance(values, list) and len(values) == 3:  # noqa: PLR2004 - red, green, blue
        return (float(values[0]), float(values[1]), float(values[2]))
    return usual
