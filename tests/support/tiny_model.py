"""A BERT of a few kilobytes as transformers would save it, made without torch."""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "lost", "my", "card", "##s", "help"]
HIDDEN, LAYERS, WIDE, POSITIONS = 8, 2, 16, 32
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": WIDE,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": len(WORDS),
    "pad_token_id": 0,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}


def shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of the model."""
    named = {
        "embeddings.word_embeddings.weight": (len(WORDS), HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "pooler.dense.weight": (HIDDEN, HIDDEN),
        "pooler.dense.bias": (HIDDEN,),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{number}." for number in range(LAYERS)):
        parts = {f"attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")}
        parts["attention.output.dense"] = (HIDDEN, HIDDEN)
        parts["intermediate.dense"] = (WIDE, HIDDEN)
        parts["output.dense"] = (HIDDEN, WIDE)
        for part, shape in parts.items():
            named[f"{layer}{part}.weight"] = shape
            named[f"{layer}{part}.bias"] = shape[:1]
        norms += [f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"]
    for norm in norms:
        named[f"{norm}.weight"] = named[f"{norm}.bias"] = (HIDDEN,)
    return named


def tensors() -> dict[str, np.ndarray]:
    """Small seeded weights."""
    random = np.random.default_rng(7)
    made = {name: random.normal(0, 0.3, shape) for name, shape in shapes().items()}
    # a norm that scales by nearly nothing would let nothing through
    made |= {name: np.ones(HIDDEN) for name in made if name.endswith("LayerNorm.weight")}
    return {name: tensor.astype(np.float32) for name, tensor in made.items()}


def tokenizer() -> Tokenizer:
    """WordPiece over WORDS."""
    made = Tokenizer(WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def make(folder: Path, *, sharded: bool = False, mean: bool = True, **config) -> Path:
    """The model as a folder; `config` replaces entries of config.json (None removes one)."""
    folder.mkdir(parents=True)
    wanted = {key: value for key, value in (CONFIG | config).items() if value is not None}
    (folder / "config.json").write_text(json.dumps(wanted))
    tokenizer().save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "BertTokenizer", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    if mean:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling/config.json").write_text('{"pooling_mode_mean_tokens": true}')
    if sharded:
        _save_shards(folder)
    else:
        save_file(tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _save_shards(folder: Path) -> None:
    every = tensors()
    place = {}
    for number in (1, 2):
        name = f"model-{number:05}-of-00002.safetensors"
        mine = {key: value for i, (key, value) in enumerate(every.items()) if i % 2 == number - 1}
        save_file(mine, folder / name, metadata={"format": "pt"})
        place |= dict.fromkeys(mine, name)
    index = {"metadata": {"total_size": 0}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def sha256(path: Path) -> str:
    """The checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
