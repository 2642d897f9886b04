"""A causal language model that tells the loss of answers in packed rows. Any of transformers'."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from zeroapp.tasks.text_generation.chunked_loss import ChunkedLoss


class Writer(nn.Module):
    """model: a CausalLM whose scores are its output layer on its last hidden states, no more."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Loss of every token of the answers (tokens,), fp32; see `packing.pack` for the batch."""
        model = self.model
        body: nn.Module = model.base_model  # type: ignore[assignment]
        hidden: Tensor = body(
            input_ids=batch["input_ids"],
            position_ids=batch["position_ids"],
            attention_mask=_apart(batch["segments"]),
            use_cache=False,
        ).last_hidden_state
        wanted = hidden.flatten(0, 1)[batch["places"]]
        words: Tensor = model.get_output_embeddings().weight  # type: ignore[operator]
        losses: Tensor = ChunkedLoss.apply(wanted, words, batch["targets"])
        return losses


def _apart(segments: Tensor) -> Tensor:
    """Who sees whom (rows, 1, length, length): what came before in the same text."""
    length = segments.shape[1]
    before = torch.ones(length, length, dtype=torch.bool, device=segments.device).tril()
    return ((segments[:, :, None] == segments[:, None, :]) & before)[:, None]
