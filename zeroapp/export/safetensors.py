"""The format `safetensors`: the run's own model folder, for transformers alone."""

import shutil
from pathlib import Path

from zeroapp.export import source


def write(model: Path, folder: Path) -> None:
    """Copy what transformers loads; our own note stays behind, the manifest says the same."""
    for path in sorted(model.iterdir()):
        if path.is_file() and path.name != source.FILE:
            shutil.copyfile(path, folder / path.name)
