"""A base of a few million parameters with random weights: large enough that copies show."""

from pathlib import Path

from support import tiny_model

BYTES = 4 * (100_000 + 32 + 2 + 2) * 128 + 2 * 4 * (12 * 128 * 128 + 13 * 128)
"""Of its weights: nearly all of them word embeddings."""


def make(folder: Path, *, half: bool = False) -> Path:
    """The tiny model's words and tokenizer with a far larger vocabulary; half: stored in bf16."""
    import torch
    from transformers import BertConfig, BertModel

    tiny_model.make(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=100_000,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=512,
        max_position_embeddings=32,
    )
    model = BertModel(config, add_pooling_layer=False)
    (model.bfloat16() if half else model).save_pretrained(folder)
    return folder
