"""The files of a model, wherever they are: names, sizes, bytes. Judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
POOLING = "1_Pooling/config.json"


class ModelFiles(Protocol):
    """A folder on this computer or a repository on the Hub."""

    def sizes(self) -> Mapping[str, int]:
        """Every file by its name with "/" between folders; bytes, 0 when not known."""

    def read(self, name: str, *, start: int = 0, count: int | None = None) -> bytes:
        """`count` bytes of a file that is there, from `start`; all when None."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The files of a folder; of its sub-folders only the one that says how to pool."""

    folder: Path

    def sizes(self) -> Mapping[str, int]:
        """The files by name."""
        found = {path.name: path for path in self.folder.iterdir() if path.is_file()}
        pooling = self.folder / POOLING
        if pooling.is_file():
            found[POOLING] = pooling
        return {name: path.stat().st_size for name, path in found.items()}

    def read(self, name: str, *, start: int = 0, count: int | None = None) -> bytes:
        """Bytes of one file."""
        with (self.folder / name).open("rb") as file:
            file.seek(start)
            return file.read() if count is None else file.read(count)
