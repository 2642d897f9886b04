"""Lets a model write: greedily or by chance, several prompts at once, told as it grows."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers.generation.streamers import BaseStreamer

from zeroapp.task import Writing
from zeroapp.tasks.text_generation.layout import Layout


def write(
    model: nn.Module,
    layout: Layout,
    prompts: Sequence[str],
    *,
    wish: Writing,
    said: Callable[[Sequence[str]], None],
) -> list[str]:
    """The answers without the signs around them, in order. `said` may raise to end it."""
    if not prompts:
        return []
    ids = [layout.prompt_ids(prompt) for prompt in prompts]
    growing = _Growing(layout, count=len(ids), said=said)
    if len(ids) == 1:
        _generate(model, layout, _padded(ids, layout), wish=wish, streamer=growing)
        return growing.texts()
    # transformers streams one at a time; several go faster together and are told when done
    made = _generate(model, layout, _padded(ids, layout), wish=wish, streamer=None)
    longest = max(map(len, ids))
    texts = [layout.told(row[longest:].tolist()) for row in made]
    said(texts)
    return texts


def _padded(ids: Sequence[list[int]], layout: Layout) -> dict[str, Tensor]:
    """Padded on the left, so that all go on at the same place."""
    longest = max(map(len, ids))
    padding = layout.tokenizer.pad_token_id or 0
    rows = [[padding] * (longest - len(row)) + row for row in ids]
    mask = [[0] * (longest - len(row)) + [1] * len(row) for row in ids]
    return {"input_ids": torch.tensor(rows), "attention_mask": torch.tensor(mask)}


@torch.inference_mode()
def _generate(
    model: Any,
    layout: Layout,
    inputs: dict[str, Tensor],
    *,
    wish: Writing,
    streamer: BaseStreamer | None,
) -> Tensor:
    by_chance = wish.temperature > 0
    torch.manual_seed(wish.seed)
    made: Tensor = model.generate(
        **{name: tensor.to(model.device) for name, tensor in inputs.items()},
        max_new_tokens=wish.most,
        do_sample=by_chance,
        **({"temperature": wish.temperature, "top_p": 0.95} if by_chance else {}),
        eos_token_id=layout.stop,
        pad_token_id=layout.tokenizer.pad_token_id or 0,
        streamer=streamer,
    )
    return made


class _Growing(BaseStreamer):
    """Tokens as they come, told as text; the prompt comes first and is not told."""

    def __init__(
        self, layout: Layout, *, count: int, said: Callable[[Sequence[str]], None]
    ) -> None:
        self._layout = layout
        self._said = said
        self._tokens: list[int] = []
        self._count = count
        self._prompt_seen = False

    def put(self, value: Tensor) -> None:
        """The prompt, then token by token."""
        if self._prompt_seen:
            self._tokens += value.flatten().tolist()
            self._said(self.texts())
        self._prompt_seen = True

    def end(self) -> None:
        """All is written."""
        self._said(self.texts())

    def texts(self) -> list[str]:
        """What is written so far."""
        return [self._layout.told(self._tokens)]
