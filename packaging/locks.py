"""Writes the locks of the packs: every package with its version and hashes, and what it takes.

`python3 packaging/locks.py` needs a network; it is run when a pin changes and at a release.
`--missing` makes only those that are not there, and goes on when one cannot be made. A lock holds what the worker loads: runtime.txt
without the window.
"""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "resources" / "packs"
PYPI = "https://pypi.org/simple"
TORCH = "https://download.pytorch.org/whl"
WINDOW = ("pyside6-essentials", "uv")
# Disk a wheel takes, in its sizes: 3.6 measured for the CPU build, less for CUDA (not measured).
UNPACKED = 2.5

# What makes each pack: title, whose card, where, uv's name of the system, the index with torch.
# NVIDIA 13.0 libraries need driver 580 or newer (NVIDIA's CUDA compatibility table).
PACKS = {
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


def lock(name: str, about: dict[str, str], *, uv: str) -> None:
    """Resolve one pack into its lock file."""
    names = (ROOT / "requirements" / "runtime.txt").read_text("utf-8").splitlines()
    wanted = [line for line in names if not line.lower().startswith((*WINDOW, "#"))]
    source = PLACE / f"{name}.in"
    source.write_text("\n".join(wanted) + "\n", "utf-8")
    indexes = ["--default-index", PYPI]
    if about["index"] != PYPI:
        indexes += ["--index", about["index"], "--index-strategy", "unsafe-best-match"]
    command = [uv, "pip", "compile", str(source), "--no-config", "--generate-hashes"]
    command += [
        "-c",
        str(ROOT / "requirements" / "constraints.txt"),
        "--no-annotate",
        "--no-header",
    ]
    command += ["--python-version", about["python"], "--python-platform", about["platform"]]
    try:
        subprocess.run(
            [*command, *indexes, "--only-binary", ":all:", "-o", str(PLACE / f"{name}.txt"), "-q"],
            check=True,
        )
    finally:
        source.unlink()


def download_size(file: Path, *, tags: str, indexes: tuple[str, ...]) -> int:
    """Bytes of the wheels that a lock names: of each package the one for this system."""
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
    """What an index has of a package: name, address, hash and, where it tells, size."""
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


def _largest(known: list[dict[str, Any]], tags: str) -> int:
    """Bytes of the wheel for this system among those of one package that a lock allows."""
    fitting = [file for file in known if "cp311" in file["filename"] and tags in file["filename"]]
    abi = [f for f in known if tags in f["filename"] or "-none-any" in f["filename"]]
    return max((file.get("size") or _asked_size(file["url"]) for file in fitting or abi), default=0)


def _asked_size(address: str) -> int:
    request = urllib.request.Request(address, method="HEAD")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.headers["Content-Length"])


def _make_missing(uv: str) -> None:
    for name, about in PACKS.items():
        if (PLACE / f"{name}.txt").is_file():
            continue
        try:
            lock(name, about, uv=uv)
        except subprocess.CalledProcessError:
            print(f"{name} cannot be made now; the app says that its card has no pack yet.")


def main(words: list[str]) -> int:
    """Write the named locks, or all, and the list of those there are."""
    uv = str(Path(sys.executable).with_name("uv"))
    PLACE.mkdir(exist_ok=True)
    if words == ["--missing"]:
        _make_missing(uv)
    else:
        for name in words or PACKS:
            lock(name, PACKS[name], uv=uv)
    told = []
    for name, about in PACKS.items():
        file = PLACE / f"{name}.txt"
        if not file.is_file():
            continue
        tags = "win_amd64" if about["system"] == "win32" else "x86_64"
        indexes = tuple(dict.fromkeys((PYPI, about["index"])))
        size = download_size(file, tags=tags, indexes=indexes)
        known = {key: value for key, value in about.items() if key != "platform"}
        told.append({**known, "lock": file.name, "download": size, "disk": int(size * UNPACKED)})
    (PLACE / "packs.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
