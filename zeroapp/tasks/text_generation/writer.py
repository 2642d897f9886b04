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
        losses: Tensor = ChunkedLoss.apply(*self._read(batch), batch["targets"])
        return losses

    def foretold(self, batch: Mapping[str, Tensor]) -> Tensor:
        """The likeliest token in place of each of the answers' (tokens,)."""
        wanted, words = self._read(batch)
        return (wanted @ words.T).argmax(dim=-1)

    def _read(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """What foretells each of the answers' tokens, (tokens, width), and the output layer."""
        model = self.model
        body: nn.Module = model.base_model  # type: ignore[assignment]
        hidden: Tensor = body(
            input_ids=batch["input_ids"],
            position_ids=batch["position_ids"],
            attention_mask=_apart(batch["segments"]),
            use_cache=False,
        ).last_hidden_state
        words: Tensor = model.get_output_embeddings().weight  # type: ignore[operator]
        return hidden.flatten(0, 1)[batch["places"]], words


def _apart(segments: Tensor) -> Tensor:
    """Who sees whom (rows, 1, length, length): what came before in the same text."""
    length = segments.shape[1]
    before = torch.ones(length, length, dtype=torch.bool, device=segments.device).tril()
    return ((segments[:, :, None] == segments[:, None, :]) & before)[:, None]
