"""The checksum of a file, as it stands in manifests, seals and recipes."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """SHA-256 of what is in the file, in hexadecimal; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
