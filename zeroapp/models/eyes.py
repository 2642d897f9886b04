"""Models that look at pictures: which kinds fit, and what their files say about them."""

from typing import Any, TypeVar

import msgspec

from zeroapp.dataset import Reads
from zeroapp.models.files import CONFIG, ModelFiles
from zeroapp.models.refusals import broken

PREPROCESSOR = "preprocessor_config.json"

EYES = frozenset(
    {
        *("beit", "bit", "convnext", "convnextv2", "data2vec-vision", "deit", "dinov2"),
        *("efficientnet", "focalnet", "mobilenet_v1", "mobilenet_v2", "mobilevit", "mobilevitv2"),
        *("poolformer", "pvt", "regnet", "resnet", "swin", "swinv2", "vit", "vit_msn"),
    }
)
"""Model types whose classifier AutoModelForImageClassification knows and transformers holds."""


_Kind = TypeVar("_Kind", bound=msgspec.Struct)


class _Config(msgspec.Struct, frozen=True, kw_only=True):
    hidden_size: int = 0
    hidden_sizes: tuple[int, ...] = ()
    hidden_dim: int = 0
    num_hidden_layers: int = 0
    depths: tuple[int, ...] = ()
    image_size: Any = None


class _Preprocessor(msgspec.Struct, frozen=True, kw_only=True):
    size: Any = None
    crop_size: Any = None
    auto_map: Any = None


def shape_of(files: ModelFiles, *, key: str) -> dict[str, Any]:
    """The fields of a `Base` that are different for pictures. Raises ModelError "model-broken"."""
    config = _read(files, CONFIG, _Config, key=key)
    said = _Preprocessor()
    if PREPROCESSOR in files.sizes():
        said = _read(files, PREPROCESSOR, _Preprocessor, key=key)
    side = _side(said.crop_size) or _side(config.image_size) or _side(said.size) or 224
    widest = max(config.hidden_sizes, default=0)
    return {
        "reads": Reads.picture,
        "hidden": config.hidden_size or widest or config.hidden_dim,
        "layers": config.num_hidden_layers or sum(config.depths),
        "intermediate": 0,
        "vocabulary": 0,
        "max_length": max(1, (side // 16) ** 2),
        "side": side,
        "pooling": "native",
        "prefix": "",
    }


def _read(files: ModelFiles, name: str, kind: type[_Kind], *, key: str) -> _Kind:
    try:
        return msgspec.json.decode(files.read(name), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(key, detail=f"{name}: {error}") from error


def _side(size: Any) -> int:
    if isinstance(size, dict):
        size = size.get("shortest_edge") or size.get("height")
    if isinstance(size, list):
        size = size[0] if size else 0
    return int(size) if isinstance(size, int) else 0
