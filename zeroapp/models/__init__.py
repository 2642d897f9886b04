"""Base models: what they are (`describe`), a folder to load them from (`prepare`), their tokens.

No torch. A key is a starter's name, "owner/name" on the Hub, or the path of a folder.
"""

from pathlib import Path

from zeroapp.catalogue import Base, Source, Starter, entries
from zeroapp.errors import ModelError
from zeroapp.models.packaged import in_place
from zeroapp.models.tokens import token_counter
from zeroapp.work import Work

__all__ = ["describe", "prepare", "token_counter"]


def _starter(key: str) -> Starter | None:
    return next((entry for entry in entries() if entry.base.key == key), None)


def _no_such(key: str) -> ModelError:
    return ModelError(
        "model-missing",
        title=f"There is no model called {key}. Your data is safe.",
        hint="Choose a starter model, or give a name such as owner/name.",
    )


def describe(key: str) -> Base:
    """What the base model `key` is. Raises ModelError when it cannot be had or trusted."""
    starter = _starter(key)
    if starter is not None:
        return starter.base
    raise _no_such(key)


def prepare(key: str, work: Work) -> Path:
    """A folder that transformers loads alone: config.json, safetensors weights, tokenizer.json.

    Must be treated as read-only. Says Progressed (bytes) while it converts or downloads; raises
    Stopped when asked to stop (what was downloaded stays and is gone on from), ModelError or
    ResourceError "disk-full" when the model cannot be had.
    """
    starter = _starter(key)
    if starter is not None and starter.base.source is Source.package:
        return in_place(starter)
    raise _no_such(key)
