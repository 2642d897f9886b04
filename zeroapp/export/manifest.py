"""zeroapp_export.json: what an export says about itself. Values and their file, no torch."""

from pathlib import Path

import msgspec

from zeroapp.checksum import sha256_of
from zeroapp.dataset import Roles
from zeroapp.errors import ModelError

FILE = "zeroapp_export.json"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """How the export answered held-out rows in a fresh process, beside the app itself.

    compared: rows; agreement: share answered as the app does; accuracy and app_accuracy: share
    right of those with a known label; latency_ms: median for one text on the computer that made
    it; p_value: exact McNemar test of the two on those rows. same_next: of texts, the share of
    places where the likeliest next word piece is the same while the text is held.
    """

    compared: int
    agreement: float
    accuracy: float
    app_accuracy: float
    p_value: float
    latency_ms: float
    same_next: float | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a program must know to run the model, and where it comes from.

    roles: which column of the training data played which part. masked: it learned from texts with
    placeholders in place of personal data, and expects them. files: sha256 of every other
    file by name. versions: of the libraries that made it.
    """

    format: str
    task: str
    base: str
    labels: tuple[str, ...]
    max_length: int
    prefix: str
    model_file: str
    roles: Roles
    data_version: str
    run_id: str
    in_use: str
    made_by: str
    created_at: str
    versions: dict[str, str]
    masked: bool = False
    checked: Checked | None = None
    files: dict[str, str] = {}


def write(manifest: Manifest, *, folder: Path) -> None:
    """Write the manifest into the folder."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / FILE).write_bytes(text + b"\n")


def read(folder: Path) -> Manifest:
    """The manifest in the folder; raises ModelError("export-damaged") when it is not one."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise damaged(folder, detail=str(error)) from error


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file in the folder but the manifest, by name; not of folders in it."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != FILE:
            found[path.name] = sha256_of(path)
    return found


def verify(manifest: Manifest, *, folder: Path) -> None:
    """Refuse a folder whose model files are not those that were exported.

    README.md and answer.py may be changed by hand. Raises ModelError("export-damaged").
    """
    for name, digest in manifest.files.items():
        if name.endswith((".md", ".py")):
            continue
        try:
            same = sha256_of(folder / name) == digest
        except OSError as error:
            raise damaged(folder, detail=str(error)) from error
        if not same:
            raise damaged(folder, detail=f"{name} was changed")


def damaged(folder: Path, *, detail: str) -> ModelError:
    """The error for an export folder that cannot be trusted to be whole."""
    return ModelError(
        "export-damaged",
        title=f"The exported model in “{folder}” is not whole any more.",
        hint="Export it again, or copy the folder again from where it was whole.",
        detail=detail,
    )
