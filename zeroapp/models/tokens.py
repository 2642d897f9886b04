"""Counts tokens with the tokenizers library alone, so that checks need no torch."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from zeroapp.errors import ModelError

_BATCH = 2048


class _TokenizerFile(msgspec.Struct):
    """Looked at first: the tokenizers library raises a bare Exception on a cut-off file."""

    model: msgspec.Raw


def token_counter(folder: Path, *, prefix: str = "") -> Callable[[Sequence[str]], list[int]]:
    """A function from texts to how many tokens the model in `folder` reads, in order.

    Special tokens and `prefix` are counted; nothing is cut. Raises ModelError "model-broken"
    when the folder's tokenizer.json cannot be read.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    try:
        msgspec.json.decode(path.read_bytes(), type=_TokenizerFile)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(
            "model-broken",
            title="The model's word list cannot be read. Your data is safe.",
            hint="Choose another model, or remove this one and get it again.",
            detail=f"{path}: {error}",
        ) from error
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        counts: list[int] = []
        for start in range(0, len(texts), _BATCH):
            batch = [prefix + text for text in texts[start : start + _BATCH]]
            counts.extend(len(item.ids) for item in tokenizer.encode_batch_fast(batch))
        return counts

    return count
