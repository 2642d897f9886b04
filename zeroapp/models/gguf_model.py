"""Unpacks a GGUF file of a Llama-like model into what transformers loads: weights, words, config.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Weights become bf16, which holds
more than the 4 or 8 bits they were packed in. numpy only.
"""

import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zeroapp.errors import ModelError
from zeroapp.models.store import Meter
from zeroapp.work import Work

_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_BF16 = 2
_CONTROL = 3
"""The kind of a word piece that is a sign of the layout and never a part of a text."""


class GgufModel:
    """An open file. Raises ModelError("model-broken") when it is not of the kind that is known."""

    def __init__(self, path: Path) -> None:
        from gguf import GGUFReader

        self._path = path
        self._reader = GGUFReader(path)
        known = (self._said("general.architecture"), self._said("tokenizer.ggml.pre"))
        if known != ("llama", "smollm"):
            raise _broken(path, detail=f"architecture and words {known}")

    def _said(self, key: str, default: Any = None) -> Any:
        field = self._reader.get_field(key)
        return default if field is None else field.contents()

    def config(self) -> dict[str, Any]:
        """config.json."""
        said = self._said
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": said("llama.embedding_length"),
            "num_hidden_layers": said("llama.block_count"),
            "intermediate_size": said("llama.feed_forward_length"),
            "num_attention_heads": said("llama.attention.head_count"),
            "num_key_value_heads": said("llama.attention.head_count_kv"),
            "max_position_embeddings": said("llama.context_length"),
            "vocab_size": said("llama.vocab_size"),
            "rms_norm_eps": round(said("llama.attention.layer_norm_rms_epsilon"), 10),
            "rope_theta": said("llama.rope.freq_base"),
            "hidden_act": "silu",
            "tie_word_embeddings": "output.weight" not in self._names(),
            "bos_token_id": said("tokenizer.ggml.bos_token_id"),
            "eos_token_id": said("tokenizer.ggml.eos_token_id"),
            "pad_token_id": said("tokenizer.ggml.padding_token_id"),
            "dtype": "bfloat16",
        }

    def _names(self) -> list[str]:
        return [tensor.name for tensor in self._reader.tensors]

    def write(self, folder: Path, *, meter: Meter) -> None:
        """Every file transformers wants, into the folder."""
        _write_json(folder / "config.json", self.config())
        ends = {"eos_token_id": self._said("tokenizer.ggml.eos_token_id")}
        _write_json(folder / "generation_config.json", ends)
        self._write_words(folder)
        self._write_weights(folder / "model.safetensors", meter=meter)

    @property
    def bytes(self) -> int:
        """Of the weights that `write` will write."""
        return sum(_BF16 * math.prod(map(int, t.shape)) for t in self._reader.tensors)

    # --- words ---------------------------------------------------------------------------------

    def _write_words(self, folder: Path) -> None:
        from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

        pieces: list[str] = self._said("tokenizer.ggml.tokens")
        kinds: list[int] = self._said("tokenizer.ggml.token_type")
        merges = [tuple(pair.split(" ", 1)) for pair in self._said("tokenizer.ggml.merges")]
        tokenizer = Tokenizer(models.BPE(vocab={p: i for i, p in enumerate(pieces)}, merges=merges))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        signs = [p for p, kind in zip(pieces, kinds, strict=True) if kind == _CONTROL]
        tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in signs])
        tokenizer.save(str(folder / "tokenizer.json"))
        named = {
            f"{name}_token": pieces[self._said(f"tokenizer.ggml.{key}_token_id")]
            for name, key in (
                ("bos", "bos"),
                ("eos", "eos"),
                ("unk", "unknown"),
                ("pad", "padding"),
            )
        }
        settings = named | {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": self._said("llama.context_length"),
            "clean_up_tokenization_spaces": False,
            "chat_template": self._said("tokenizer.chat_template"),
        }
        _write_json(folder / "tokenizer_config.json", settings)

    # --- weights -------------------------------------------------------------------------------

    def _write_weights(self, path: Path, *, meter: Meter) -> None:
        """As safetensors, tensor by tensor: the library's writer wants all of them at once."""
        header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        end = 0
        for tensor in self._reader.tensors:
            shape = [int(size) for size in reversed(tensor.shape)]
            begin, end = end, end + _BF16 * math.prod(shape)
            name = _named(tensor.name, path=self._path)
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for tensor in self._reader.tensors:
                halved = _bf16(self._values(tensor))
                file.write(halved.data)
                meter.add(halved.nbytes)

    def _values(self, tensor: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        from gguf import dequantize

        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)
        heads = {
            "attn_q.weight": "llama.attention.head_count",
            "attn_k.weight": "llama.attention.head_count_kv",
        }
        for ending, key in heads.items():
            if tensor.name.endswith(ending):
                return unwoven(values, heads=self._said(key))
        return np.asarray(values)


def fill(files: Sequence[Path], folder: Path, *, work: Work) -> None:
    """Unpack the one file of a starter into the folder. Says Progressed; raises Stopped."""
    packed = GgufModel(files[0])
    packed.write(folder, meter=Meter(work, total=packed.bytes))


def unwoven(
    values: np.ndarray[Any, np.dtype[np.float32]], *, heads: int
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """llama.cpp keeps the two halves of each head's turning pairs woven; transformers one behind
    the other.
    """
    rows, width = values.shape
    pairs = values.reshape(heads, rows // heads // 2, 2, width)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, width))


def _bf16(values: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Rounded to the nearest, ties to even, as processors do it."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded >> np.uint32(16)).astype("<u2")


def _named(name: str, *, path: Path) -> str:
    if name in _WHOLE:
        return _WHOLE[name]
    block, number, part, kind = [*name.split("."), "", "", ""][:4]
    if block != "blk" or part not in _LAYER:
        raise _broken(path, detail=f"tensor {name}")
    return f"model.layers.{number}.{_LAYER[part]}.{kind}"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _broken(path: Path, *, detail: str) -> ModelError:
    return ModelError(
        "model-broken",
        title="A model that belongs to this app is damaged. Your data is safe.",
        hint="Install the app again, then try once more.",
        detail=f"{path}: {detail}",
    )
