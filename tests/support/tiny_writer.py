"""A Llama of a few kilobytes that talks in ChatML, as transformers would save it, without torch."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SIGNS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = [("t", "h"), ("th", "e"), ("Ġ", "the")]
"""llama.cpp refuses a word list without any."""

TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
HIDDEN, LAYERS, WIDE, HEADS, POSITIONS = 32, 2, 64, 4, 512


def vocabulary() -> list[str]:
    """The signs, then every byte: nothing is unknown, whatever the language."""
    joined = ["".join(pair) for pair in MERGES]
    return [*SIGNS, *sorted(pre_tokenizers.ByteLevel.alphabet()), *joined]


def tokenizer() -> Tokenizer:
    """Bytes, with llama.cpp's "smollm" way of parting digits."""
    words = {word: number for number, word in enumerate(vocabulary())}
    made = Tokenizer(models.BPE(vocab=words, merges=MERGES))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SIGNS])
    return made


def config() -> dict:
    """config.json."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "intermediate_size": WIDE,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS // 2,
        "max_position_embeddings": POSITIONS,
        "vocab_size": len(vocabulary()),
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
        "dtype": "float32",
    }


def tensors() -> dict[str, np.ndarray]:
    """Small seeded weights."""
    keys = HIDDEN // 2
    shapes = {"model.embed_tokens.weight": (len(vocabulary()), HIDDEN)}
    for layer in (f"model.layers.{number}." for number in range(LAYERS)):
        shapes |= {
            f"{layer}self_attn.q_proj.weight": (HIDDEN, HIDDEN),
            f"{layer}self_attn.k_proj.weight": (keys, HIDDEN),
            f"{layer}self_attn.v_proj.weight": (keys, HIDDEN),
            f"{layer}self_attn.o_proj.weight": (HIDDEN, HIDDEN),
            f"{layer}mlp.gate_proj.weight": (WIDE, HIDDEN),
            f"{layer}mlp.up_proj.weight": (WIDE, HIDDEN),
            f"{layer}mlp.down_proj.weight": (HIDDEN, WIDE),
        }
    random = np.random.default_rng(7)
    made = {name: random.normal(0, 0.1, shape) for name, shape in shapes.items()}
    norms = ["input_layernorm", "post_attention_layernorm"]
    names = [f"model.layers.{n}.{norm}.weight" for n in range(LAYERS) for norm in norms]
    made |= {name: np.ones(HIDDEN) for name in [*names, "model.norm.weight"]}
    return {name: tensor.astype(np.float32) for name, tensor in made.items()}


def make(folder: Path, *, template: str | None = TEMPLATE) -> Path:
    """The model as a folder."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config()))
    tokenizer().save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": POSITIONS,
        "bos_token": SIGNS[1],
        "eos_token": SIGNS[2],
        "pad_token": SIGNS[2],
        "unk_token": SIGNS[0],
        "clean_up_tokenization_spaces": False,
    }
    if template is not None:
        settings["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    save_file(tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder
