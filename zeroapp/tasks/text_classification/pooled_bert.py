"""A BERT encoder with mean pooling, on packed rows; and how it becomes a plain one.

transformers' BertForSequenceClassification reads the first token only, which is clearly worse than
the mean for sentence encoders. `fold` therefore writes the pooling as one more BERT layer, so that
the saved folder needs no code of ours (docs/decisions/ has the numbers).
"""

from collections.abc import Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForSequenceClassification, BertModel

MEAN_WEIGHT = 30.0
"""How much the mean outweighs the first token, whose residual the folded layer cannot drop."""

SQUASH = 0.3
"""Scale before tanh in the pooler: near its straight part, so that features stay linear."""


class PooledBert(nn.Module):
    """Packed rows in, one feature vector and one score vector a text out.

    features = tanh(SQUASH * layer_norm(MEAN_WEIGHT * mean + first)), exactly what `fold` saves.
    """

    def __init__(self, bert: BertModel, *, labels: int) -> None:
        super().__init__()
        self.bert = bert
        self.classifier = nn.Linear(bert.config.hidden_size, labels)
        self.eps = bert.config.layer_norm_eps

    def forward(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Features (texts, hidden) and logits (texts, labels), both fp32.

        input_ids, position_ids, segments: (rows, length); segments numbers the texts of the batch,
        -1 is padding. first: (texts,) flat position of each text's first token.
        """
        segments = batch["segments"]
        same_text = segments[:, None, :, None] == segments[:, None, None, :]
        hidden = self.bert(
            input_ids=batch["input_ids"],
            position_ids=batch["position_ids"],
            attention_mask=same_text,
        ).last_hidden_state
        features = self._pool(hidden.flatten(0, 1), segments.flatten(), batch["first"])
        return features, self._classify(features)

    def _pool(self, hidden: Tensor, segments: Tensor, first: Tensor) -> Tensor:
        with torch.autocast(hidden.device.type, enabled=False):
            hidden = hidden.float()
            # padding adds to one more row, which is dropped
            sums = hidden.new_zeros(len(first) + 1, hidden.shape[1])
            sums = sums.index_add(0, segments.remainder(len(first) + 1), hidden)[:-1]
            counts = torch.bincount(segments + 1, minlength=len(first) + 1)[1:]
            mixed = MEAN_WEIGHT * sums / counts[:, None] + hidden[first]
            normed = nn.functional.layer_norm(mixed, mixed.shape[-1:], eps=self.eps)
            return torch.tanh(SQUASH * normed)

    def _classify(self, features: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            logits: Tensor = self.classifier(features)
            return logits.float()


def fold(state: Mapping[str, Tensor], config: BertConfig, labels: tuple[str, ...]) -> nn.Module:
    """The same classifier as a BertForSequenceClassification with one appended layer.

    state: full state dict of a PooledBert. In the appended layer query and key are zero, so
    attention is uniform over the text; value is the identity, the output MEAN_WEIGHT times it.
    """
    folded = deepcopy(config)
    folded.num_hidden_layers = config.num_hidden_layers + 1
    folded.id2label = dict(enumerate(labels))
    folded.label2id = {label: index for index, label in enumerate(labels)}
    folded.classifier_dropout = 0.0
    with torch.device("meta"):
        model: nn.Module = BertForSequenceClassification(folded)
    full = {name: tensor.float() for name, tensor in state.items()}
    full |= _pooling_layer(config)
    model.load_state_dict(full, assign=True, strict=False)
    _fill_buffers(model)
    model.eval()
    return model


def _pooling_layer(config: BertConfig) -> dict[str, Tensor]:
    width, inner = config.hidden_size, config.intermediate_size
    layer = f"bert.encoder.layer.{config.num_hidden_layers}."
    square, zero = torch.zeros(width, width), torch.zeros(width)
    made = {
        "attention.self.query.weight": square,
        "attention.self.key.weight": square.clone(),
        "attention.self.value.weight": torch.eye(width),
        "attention.output.dense.weight": MEAN_WEIGHT * torch.eye(width),
        "intermediate.dense.weight": torch.zeros(inner, width),
        "intermediate.dense.bias": torch.zeros(inner),
        "output.dense.weight": torch.zeros(width, inner),
        "output.dense.bias": zero.clone(),
    }
    for name in ("attention.self.query", "attention.self.key", "attention.self.value"):
        made[f"{name}.bias"] = zero.clone()
    made["attention.output.dense.bias"] = zero.clone()
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        made[f"{name}.weight"] = torch.ones(width)
        made[f"{name}.bias"] = zero.clone()
    pooler = {
        "bert.pooler.dense.weight": SQUASH * torch.eye(width),
        "bert.pooler.dense.bias": zero.clone(),
    }
    return {layer + name: tensor for name, tensor in made.items()} | pooler


def _fill_buffers(model: nn.Module) -> None:
    """Buffers made on the meta device hold nothing; BERT has two, both known."""
    for module in model.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if buffer.is_meta:
                length = buffer.shape[-1]
                filled = (
                    torch.arange(length).expand(buffer.shape).contiguous()
                    if name == "position_ids"
                    else torch.zeros(buffer.shape, dtype=buffer.dtype)
                )
                module.register_buffer(name, filled, persistent=False)
