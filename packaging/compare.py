"""Whether two builds are the same: `python3 packaging/compare.py ONE TWO`, .deb or .tar.gz.

Names every file that is in one alone or differs, and in what; ends with 1 when there are any.
"""

import gzip
import hashlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

Entry = dict[str, Any]


@contextmanager
def _stream(file: Path) -> Iterator[IO[bytes]]:
    if file.suffix != ".deb":
        with gzip.open(file) as opened:
            yield opened
        return
    command = ["dpkg-deb", "--fsys-tarfile", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as unpacked:
        assert unpacked.stdout
        yield unpacked.stdout


def entries(file: Path) -> dict[str, Entry]:
    """Everything in a package, by its name."""
    found: dict[str, Entry] = {}
    with _stream(file) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for one in tar:
            content = tar.extractfile(one) if one.isreg() else None
            found[one.name] = {
                "content": hashlib.file_digest(content, "sha256").hexdigest() if content else "",
                "mode": one.mode,
                "time": one.mtime,
                "owner": (one.uid, one.gid),
                "link": one.linkname,
            }
    return found


def differences(one: dict[str, Entry], two: dict[str, Entry]) -> list[str]:
    """A line for every difference, in alphabetical order."""
    lines = []
    for name in sorted(one.keys() | two.keys()):
        if name not in one or name not in two:
            lines.append(f"{name}: only in the {'second' if name in two else 'first'}")
            continue
        differing = [part for part in one[name] if one[name][part] != two[name][part]]
        if differing:
            lines.append(f"{name}: {', '.join(differing)}")
    return lines


def main(first: str, second: str) -> int:
    """Print what differs; 0 when nothing does."""
    lines = differences(entries(Path(first)), entries(Path(second)))
    print("\n".join(lines) if lines else "They are the same.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
