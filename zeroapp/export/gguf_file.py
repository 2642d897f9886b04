"""The formats `gguf-*`: one file for llama.cpp, Ollama and LM Studio.

Written with the makers' own library. Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType, quantize
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer

from zeroapp.engine.loading import mapped
from zeroapp.errors import WorkError
from zeroapp.export import ollama
from zeroapp.export.source import read_note

MODEL = "model.gguf"
LM_STUDIO = "lm-studio"

_BLOCK = 32
_LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_TENDER = ("attn_v", "attn_output", "ffn_down")
"""What writes into the stream of all layers; llama.cpp's mixed kinds keep more of these, too."""

_WHOLE = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}
_KINDS = {
    "f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}

Floats = np.ndarray[Any, np.dtype[np.float32]]


def writer_of(kind: str) -> Callable[[Path, Path], None]:
    """Writes a run's model folder (first) into an export folder (second) as model.gguf."""

    def write(model: Path, folder: Path) -> None:
        _write(model, folder, kind=kind)

    return write


def _write(model: Path, folder: Path, *, kind: str) -> None:
    config = AutoConfig.from_pretrained(model, local_files_only=True)
    if config.model_type != "llama":
        raise _unknown(f"model type {config.model_type}")
    tokenizer: Any = AutoTokenizer.from_pretrained(model, local_files_only=True)
    form, file_type = _KINDS[kind]
    gguf = GGUFWriter(folder / MODEL, "llama")
    _add_shape(gguf, config)
    gguf.add_file_type(file_type)
    _add_words(gguf, tokenizer, model=model, size=config.vocab_size)
    for name, values in _tensors(model, config):
        wanted = _form_of(name, values, form)
        gguf.add_tensor(name, quantize(values, wanted), raw_dtype=wanted)
    gguf.write_header_to_file()
    gguf.write_kv_data_to_file()
    gguf.write_tensors_to_file()
    gguf.close()
    recipe = ollama.modelfile(tokenizer, model_file=MODEL, stop=stop_of(model, tokenizer))
    (folder / ollama.FILE).write_text(recipe, "utf-8")
    _lay_for_lm_studio(model, folder)


def _lay_for_lm_studio(model: Path, folder: Path) -> None:
    """publisher/model/file.gguf, to be put into LM Studio's folder of models as it is."""
    note = read_note(model)
    name = f"{Path(note.base).name}-{note.run_id[:13]}"
    place = folder / LM_STUDIO / "zeroapp" / name
    place.mkdir(parents=True)
    try:
        os.link(folder / MODEL, place / f"{name}.gguf")  # the same file under a second name
    except OSError:  # a disk without such names
        shutil.copyfile(folder / MODEL, place / f"{name}.gguf")


def _form_of(name: str, values: Floats, form: GGMLQuantizationType) -> GGMLQuantizationType:
    """Norms stay fp32; the word table is never rounded to 4 bits, what does not divide to none.

    At 8 bits, where words are to stay the same, what rounding changes most stays at 16.
    """
    if values.ndim == 1:
        return GGMLQuantizationType.F32
    if values.shape[-1] % _BLOCK:
        return GGMLQuantizationType.F16
    if form is GGMLQuantizationType.Q8_0 and name.split(".")[-2] in _TENDER:
        return GGMLQuantizationType.F16
    if form is GGMLQuantizationType.Q4_0 and name in ("token_embd.weight", "output.weight"):
        return GGMLQuantizationType.Q8_0
    return form


def _add_shape(gguf: GGUFWriter, config: Any) -> None:
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    gguf.add_name("zeroapp")
    gguf.add_block_count(config.num_hidden_layers)
    gguf.add_context_length(config.max_position_embeddings)
    gguf.add_embedding_length(config.hidden_size)
    gguf.add_feed_forward_length(config.intermediate_size)
    gguf.add_head_count(config.num_attention_heads)
    gguf.add_head_count_kv(config.num_key_value_heads)
    gguf.add_layer_norm_rms_eps(config.rms_norm_eps)
    gguf.add_vocab_size(config.vocab_size)
    gguf.add_rope_dimension_count(head)
    # transformers 5 keeps it here; the wrong base makes a model that talks nonsense
    turning = config.rope_parameters
    if turning.get("rope_type", "default") != "default":
        raise _unknown(f"rope type {turning['rope_type']}")
    gguf.add_rope_freq_base(turning["rope_theta"])


# --- words ---------------------------------------------------------------------------------------


def _add_words(gguf: GGUFWriter, tokenizer: Any, *, model: Path, size: int) -> None:
    file = json.loads((model / "tokenizer.json").read_text("utf-8"))
    if file["model"]["type"] != "BPE":
        raise _unknown(f"words of kind {file['model']['type']}")
    gguf.add_tokenizer_model("gpt2")
    gguf.add_tokenizer_pre(_parting(file["pre_tokenizer"]))
    words: dict[str, int] = tokenizer.get_vocab()
    signs = set(tokenizer.all_special_tokens) | {
        added["content"] for added in file["added_tokens"] if added["special"]
    }
    by_number = {number: word for word, number in words.items()}
    tokens = [by_number.get(number, f"[PAD{number}]") for number in range(size)]
    gguf.add_token_list(tokens)
    gguf.add_token_types([_type_of(word, known=words, signs=signs) for word in tokens])
    pairs = file["model"]["merges"]
    gguf.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in pairs])
    for number, add in (
        (tokenizer.bos_token_id, gguf.add_bos_token_id),
        (stop_of(model, tokenizer), gguf.add_eos_token_id),
        (tokenizer.unk_token_id, gguf.add_unk_token_id),
        (tokenizer.pad_token_id, gguf.add_pad_token_id),
    ):
        if number is not None:
            add(number)
    gguf.add_add_bos_token(value=False)  # the template says what stands at the beginning
    gguf.add_add_space_prefix(value=False)
    gguf.add_chat_template(tokenizer.chat_template)


def _type_of(word: str, *, known: Mapping[str, int], signs: set[str]) -> TokenType:
    if word in signs:
        return TokenType.CONTROL
    return TokenType.NORMAL if word in known else TokenType.UNUSED


def _parting(pre: Mapping[str, Any]) -> str:
    """llama.cpp's name for how a text is parted before words are looked up.

    A wrong one parts silently otherwise, so an unknown way is refused.
    """
    parts = pre.get("pretokenizers", [pre])
    kinds = [part["type"] for part in parts]
    if kinds == ["Digits", "ByteLevel"] and parts[0]["individual_digits"]:
        return "smollm"
    pattern = str(parts[0].get("pattern", {}).get("Regex", ""))
    if kinds == ["Split", "ByteLevel"] and r"\p{N}{1,3}" in pattern:
        return "llama-bpe"
    raise _unknown(f"words parted by {kinds}")


def stop_of(model: Path, tokenizer: Any) -> int | None:
    """What ends an answer as it was taught, which may be another sign than the tokenizer's own."""
    file = model / "generation_config.json"
    said = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    found = said.get("eos_token_id", tokenizer.eos_token_id)
    number: int | None = found[0] if isinstance(found, list) else found
    return number


# --- weights -------------------------------------------------------------------------------------


def _tensors(model: Path, config: Any) -> Iterator[tuple[str, Floats]]:
    heads = {"self_attn.q_proj": config.num_attention_heads}
    heads["self_attn.k_proj"] = config.num_key_value_heads
    for name, tensor in mapped(model).items():
        path, _, kind = name.rpartition(".")
        if path in _WHOLE:
            yield f"{_WHOLE[path]}.{kind}", _values(tensor)
            continue
        number, _, part = path.removeprefix("model.layers.").partition(".")
        if part not in _LAYER:
            raise _unknown(f"tensor {name}")
        values = _values(tensor)
        if part in heads:
            values = woven(values, heads=heads[part])
        yield f"blk.{number}.{_LAYER[part]}.{kind}", values


def _values(tensor: Tensor) -> Floats:
    return tensor.to(torch.float32).numpy()


def woven(values: Floats, *, heads: int) -> Floats:
    """The two halves of each head's turning pairs, woven as llama.cpp keeps them."""
    shape = values.shape
    pairs = values.reshape(heads, 2, shape[0] // heads // 2, *shape[1:])
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(shape))


def _unknown(detail: str) -> WorkError:
    return WorkError(
        "gguf-not-possible",
        title="This base model cannot be written as a GGUF file yet. Your model is safe.",
        hint="Export it as safetensors; llama.cpp's own program can convert that.",
        detail=detail,
    )
