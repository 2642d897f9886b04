"""The format `adapter`: what LoRA learned, alone, as peft keeps it; and the base's own words."""

import json
import shutil
from pathlib import Path

from zeroapp.engine.lora import ADAPTER
from zeroapp.errors import WorkError
from zeroapp.export.source import read_note

MODEL = "adapter_model.safetensors"
CONFIG = "adapter_config.json"

_WEIGHTS = (".safetensors", ".index.json")
_OF_THE_WHOLE = ("config.json", "zeroapp.json")


def write(model: Path, folder: Path) -> None:
    """Raises WorkError("no-adapter") where nothing small was learned that could go alone."""
    note, kept = read_note(model), model.parent / "tuned" / ADAPTER
    if note.in_use != "fine-tuned" or not kept.is_dir():
        raise WorkError(
            "no-adapter",
            title="This model has no small part that could go alone. Your model is safe.",
            hint="Export it whole, or train again with the method LoRA.",
            detail=f"in use: {note.in_use}",
        )
    shutil.copyfile(kept / MODEL, folder / MODEL)
    said = json.loads((kept / CONFIG).read_text("utf-8"))
    # of a folder only its name: nobody else has it in the same place
    said["base_model_name_or_path"] = (
        Path(note.base).name if Path(note.base).is_dir() else note.base
    )
    (folder / CONFIG).write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for path in sorted(model.iterdir()):
        if path.is_file() and path.name not in _OF_THE_WHOLE and not path.name.endswith(_WEIGHTS):
            shutil.copyfile(path, folder / path.name)
