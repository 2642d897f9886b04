"""Tiny wheels in a folder, and a lock that names them: an index for tests that needs no network."""

import hashlib
import zipfile
from pathlib import Path

from zeroapp.packs.offer import Pack

ANYWHERE = "py3-none-any"


def wheel(
    folder: Path, name: str, *, version: str = "1.0", code: str = "", tag: str = ANYWHERE
) -> str:
    """Write a wheel with one module for the systems of its tag; its line in a lock."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{name}-{version}-{tag}.whl"
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{about}/RECORD"))
    with zipfile.ZipFile(place, "w") as opened:
        for file, text in {**files, f"{about}/RECORD": record}.items():
            opened.writestr(file, text)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}"


def pack(**changes) -> Pack:
    """A pack as resources/packs would name it."""
    known = {
        "key": "tiny",
        "title": "Tiny",
        "card": "nvidia",
        "system": "linux",
        "machine": "x86_64",
        "python": "3.11",
        "locks": ("tiny.txt",),
        "download": 1000,
        "disk": 2000,
        "driver": "580.65",
    }
    return Pack(**{**known, **changes})
