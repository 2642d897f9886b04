"""A run's finished model folder as a value: what every exporter starts from. No torch."""

from pathlib import Path

import msgspec

from zeroapp import preparation
from zeroapp.errors import ModelError

FILE = "zeroapp.json"


class ModelNote(msgspec.Struct, frozen=True, kw_only=True):
    """zeroapp.json in a run's model/ folder, written by the task that saved the model."""

    task: str
    base: str
    labels: tuple[str, ...]
    max_length: int
    prefix: str
    data_version: str
    run_id: str
    in_use: str
    masked: bool = False


def looks_at_pictures(folder: Path) -> bool:
    """Whether a model's folder, or an export, says how it wants pictures prepared."""
    return (folder / preparation.FILE).is_file()


def read_note(model: Path) -> ModelNote:
    """What the folder says about itself; raises ModelError("model-missing", "model-damaged")."""
    try:
        data = (model / FILE).read_bytes()
    except OSError as error:
        raise ModelError(
            "model-missing",
            title="This run has no finished model.",
            hint="Train to the end first, or choose another run.",
            detail=str(error),
        ) from error
    try:
        return msgspec.json.decode(data, type=ModelNote)
    except msgspec.DecodeError as error:
        raise ModelError(
            "model-damaged",
            title="The notes beside this run's model cannot be read.",
            hint="Choose another run, or train again. Your data is safe.",
            detail=str(error),
        ) from error
