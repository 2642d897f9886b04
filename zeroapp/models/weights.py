"""What safetensors files hold, from their headers alone; no tensor is read."""

import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from zeroapp.models.files import INDEX, WEIGHTS, ModelFiles
from zeroapp.models.refusals import broken, unsafe, unsuitable

# As in the safetensors library: no honest header is longer.
_HEADER_LIMIT = 100_000_000
_SHARD = re.compile(r"[A-Za-z0-9][\w.-]*\.safetensors")
_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
# Only pickles and archives: what opens by running what is inside.
_PROGRAMS = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack", ".joblib")
# Parts that answer the makers' own questions; our classifier takes their place.
_HEADS = re.compile(
    r"(^|\.)(cls|lm_head|qa_outputs|classifier|vocab_\w+|discriminator_predictions|"
    r"generator_\w+|predictions|decoder|head)\."
)


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """files: names in order. parameters and embedding_parameters: the encoder's, heads left out."""

    files: tuple[str, ...]
    parameters: int
    embedding_parameters: int
    bytes: int


def weight_files(files: ModelFiles, *, key: str) -> tuple[str, ...]:
    """The safetensors files that make up the model, sorted.

    Raises ModelError "model-unsafe" when there are only formats that can run programs or a file
    name leads out of the folder, "model-unsuitable" when there are no weights.
    """
    names = files.sizes().keys()
    if WEIGHTS in names:
        return (WEIGHTS,)
    if INDEX in names:
        return _shards(files, key=key)
    programs = sorted(name for name in names if name.endswith(_PROGRAMS))
    if programs:
        raise unsafe(key, detail=", ".join(programs[:20]))
    if "adapter_config.json" in names:
        raise unsuitable(key, why="It is an add-on to another model, not a whole one.")
    raise unsuitable(key, why="It has no file with weights (model.safetensors).")


def _shards(files: ModelFiles, *, key: str) -> tuple[str, ...]:
    try:
        index = msgspec.json.decode(files.read(INDEX), type=_Index)
    except msgspec.MsgspecError as error:
        raise broken(key, detail=f"{INDEX}: {error}") from error
    shards = tuple(sorted(set(index.weight_map.values())))
    odd = [name for name in shards if not _SHARD.fullmatch(name)]
    if odd:
        raise unsafe(key, detail=f"{INDEX} names {odd[:5]}")
    if not shards or not set(shards) <= files.sizes().keys():
        raise broken(key, detail=f"{INDEX} names files that are not there: {shards}")
    return shards


def weigh(files: ModelFiles, *, key: str) -> Weights:
    """Counts what the weight files hold; ModelError "model-broken" when a header makes no sense."""
    names = weight_files(files, key=key)
    tensors = {
        name: entry for file in names for name, entry in _header(files, file, key=key).items()
    }
    mine = {name: _count(entry) for name, entry in tensors.items() if not _HEADS.search(name)}
    return Weights(
        files=names,
        parameters=sum(mine.values()),
        embedding_parameters=sum(
            count for name, count in mine.items() if "embeddings." in f".{name}"
        ),
        bytes=sum(files.sizes()[name] for name in names),
    )


def _count(entry: _Entry) -> int:
    return math.prod(entry.shape) if entry.dtype in _FLOATS else 0


def _header(files: ModelFiles, name: str, *, key: str) -> dict[str, _Entry]:
    try:
        (length,) = struct.unpack("<Q", files.read(name, count=8))
        if length > _HEADER_LIMIT:
            raise broken(key, detail=f"{name}: a header of {length} bytes")
        raw = msgspec.json.decode(
            files.read(name, start=8, count=length), type=dict[str, msgspec.Raw]
        )
        raw.pop("__metadata__", None)
        entries = {one: msgspec.json.decode(text, type=_Entry) for one, text in raw.items()}
    except (struct.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(key, detail=f"{name}: {error}") from error
    _check_size(entries.values(), announced=files.sizes()[name], start=8 + length, key=key)
    return entries


def _check_size(entries: Iterable[_Entry], *, announced: int, start: int, key: str) -> None:
    end = start + max((entry.data_offsets[1] for entry in entries), default=0)
    if announced and announced != end:
        raise broken(key, detail=f"{announced} bytes, its header tells of {end}")
