"""Base models: what they are (`describe`), a folder to load them from (`prepare`), their tokens.

No torch. A key is a starter's name, "owner/name" on the Hub, or the path of a folder. The window
imports this, so what speaks to the network or computes is imported where it is used.
"""

import re
from pathlib import Path

from zeroapp.catalogue import Base, Source, Starter, entries
from zeroapp.models.folder import describe_folder
from zeroapp.models.packaged import in_place
from zeroapp.models.refusals import missing
from zeroapp.models.tokens import token_counter
from zeroapp.work import Work

__all__ = ["describe", "is_hub_name", "prepare", "remove", "token_counter"]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,94}\w/[A-Za-z0-9][\w.-]{0,94}\w", re.ASCII)


def is_hub_name(key: str) -> bool:
    """Whether `key` is written like a model on the Hub: owner/name."""
    return bool(_NAME.fullmatch(key)) and ".." not in key and "--" not in key


def describe(key: str) -> Base:
    """What the base model `key` is.

    Starters, folders and models that were downloaded before need no network; of others on the Hub
    only the small files are read. Raises ModelError when the model cannot be had or trusted.
    """
    starter = _starter(key)
    if starter is not None:
        return starter.base
    folder = _folder(key)
    if folder is not None:
        return describe_folder(folder, key=key)
    from zeroapp.models.download import describe_remote, find_ready

    ready = find_ready(key)
    return describe_folder(ready, key=key) if ready else describe_remote(key)


def prepare(key: str, work: Work) -> Path:
    """A folder that transformers loads alone: config.json, safetensors weights, tokenizer.json.

    Must be treated as read-only. Says PhaseEntered and Progressed (bytes) while it converts or
    downloads; raises Stopped when asked to stop (what was downloaded stays and is gone on from),
    ModelError or ResourceError "disk-full" when the model cannot be had.
    """
    starter = _starter(key)
    if starter is not None and starter.base.source is Source.package:
        return in_place(starter)
    if starter is not None:
        from zeroapp.models.converted import converted

        return converted(starter, work)
    folder = _folder(key)
    if folder is not None:
        describe_folder(folder, key=key)  # the same rules as for a download
        return folder
    from zeroapp.models.download import downloaded

    return downloaded(key, work)


def remove(key: str) -> bool:
    """Remove this app's copy of a model, so that it is had anew; False when there was none.

    Starters that lie in a package and folders of the user's own are never touched.
    """
    from zeroapp.models.store import remove_stored

    return (_starter(key) is not None or is_hub_name(key)) and remove_stored(key)


def _starter(key: str) -> Starter | None:
    return next((entry for entry in entries() if entry.base.key == key), None)


def _folder(key: str) -> Path | None:
    """The folder that `key` names; None for a name on the Hub. "missing" for neither."""
    folder = Path(key).expanduser()
    if folder.is_absolute() or (not is_hub_name(key) and folder.is_dir()):
        return folder
    if not is_hub_name(key):
        raise missing(key)
    return None
