"""The small file in a project's folder that opens it with a double click.

The project's database cannot play that part: its ending belongs to other programs. The file says
nothing about its place, so a project may be moved, renamed and copied.
"""

import contextlib
import json
from pathlib import Path

from zeroapp import __version__
from zeroapp.writing import write_whole

SUFFIX = ".zeroapp"
NAME = f"Open this project{SUFFIX}"


def put(folder: Path) -> None:
    """Lay the file into a project's folder, if none is there; a folder that is read-only stays."""
    file = folder / NAME
    with contextlib.suppress(OSError):
        if not any(folder.glob(f"*{SUFFIX}")):
            said = {"kind": "zeroapp project", "made_with": __version__}
            write_whole(file, json.dumps(said).encode() + b"\n")


def folder_of(path: Path) -> Path | None:
    """The folder of the project whose file this is; None for any other path."""
    return path.parent if path.suffix.lower() == SUFFIX and path.is_file() else None
