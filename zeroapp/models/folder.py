"""A folder on this computer as a base model: looked over, used where it lies, never changed."""

import re
from pathlib import Path

import msgspec

from zeroapp.catalogue import Base, Source
from zeroapp.dataset import Reads
from zeroapp.models.files import TOKENIZER, LocalFiles
from zeroapp.models.inspection import Origin, inspect
from zeroapp.models.refusals import missing, unsuitable

NOTE = "zeroapp-base.json"
_LICENCE = re.compile(r"^license:\s*[\"']?([\w.+-]+)", re.MULTILINE)


class DownloadNote(msgspec.Struct, frozen=True, kw_only=True):
    """Lies in a downloaded model's folder, written last: where it is from, and each file's sum.

    checksums: name -> "sha256:…" or "git:…" as the Hub announced it and we found it.
    """

    origin: Origin
    endpoint: str
    commit: str
    checksums: dict[str, str]


def read_note(folder: Path) -> DownloadNote | None:
    """The note of a downloaded model; None when the folder is none, or not whole."""
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=DownloadNote)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def describe_folder(folder: Path, *, key: str) -> Base:
    """The model in `folder` as a Base. Raises ModelError as `inspect` does, or "model-missing"."""
    if not folder.is_dir():
        raise missing(key, detail=str(folder))
    files = LocalFiles(folder)
    try:
        names = files.sizes().keys()
        note = read_note(folder)
        origin = note.origin if note else _origin(folder, key=key)
        base = inspect(files, origin).base
    except OSError as error:
        raise missing(key, detail=str(error)) from error
    if "adapter_config.json" in names:
        # transformers would follow it to another model by itself.
        raise unsuitable(key, why="It is an add-on to another model, not a whole one.")
    if base.reads is Reads.text and TOKENIZER not in names:
        raise unsuitable(key, why="It has no word list that this app can read (tokenizer.json).")
    return base


def _origin(folder: Path, *, key: str) -> Origin:
    card = folder / "README.md"
    text = card.read_text("utf-8", errors="replace") if card.is_file() else ""
    front = text.split("\n---", 1)[0] if text.startswith("---") else ""
    found = _LICENCE.search(front)
    return Origin(
        key=key,
        title=folder.resolve().name,
        blurb=f"From the folder {folder}",
        source=Source.folder,
        licence=found.group(1) if found else "",
    )
