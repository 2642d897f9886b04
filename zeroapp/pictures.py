"""How stored pictures are called, and where they lie. Opens none.

A stored picture is called after its content and its looks: `<32 hex of sha256>.<16 hex of
fingerprint>.<ending>`, so that its name alone tells whether two are the same or nearly so.
"""

import re
from pathlib import Path

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"}
)
"""Endings of files that are pictures for certain."""

_NAME = re.compile(r"(?P<content>[0-9a-f]{32})\.(?P<looks>[0-9a-f]{16})\.(?:jpg|png)")


def is_picture(path: Path) -> bool:
    """Whether the name says that it is a picture."""
    return path.suffix.lower() in ENDINGS


def is_stored_name(text: str) -> bool:
    """Whether this is the name of a stored picture."""
    return _NAME.fullmatch(text) is not None


def content_of(name: str) -> str:
    """What the stored picture's content is called; equal for the very same file."""
    return name[:32]


def looks_of(name: str) -> int:
    """The fingerprint of a stored picture's looks: 64 bits, few of which differ in look-alikes."""
    found = _NAME.fullmatch(name)
    return int(found["looks"], 16) if found else 0


def stored(folder: Path, name: str) -> Path:
    """Where the stored picture of this name lies below `folder`."""
    return folder / name[:2] / name
