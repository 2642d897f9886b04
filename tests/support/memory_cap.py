"""A control group with a hard memory limit, in which the system's own killer ends processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOP = Path("/sys/fs/cgroup")
JOIN = "ZEROAPP_TEST_GROUP"
"""Environment variable: the group that the supervisor joins before it starts anything."""


@contextmanager
def group(limit: int) -> Iterator[Path | None]:
    """A fresh group; None where we may not make one (both versions are tried)."""
    made = _made(TOP / "memory", "memory.limit_in_bytes", limit) or _made(TOP, "memory.max", limit)
    try:
        yield made
    finally:
        if made is not None:
            made.rmdir()


def _made(tree: Path, file: str, limit: int) -> Path | None:
    place = tree / f"zeroapp-test-{os.getpid()}"
    try:
        place.mkdir()
    except OSError:
        return None
    try:
        (place / file).write_text(str(limit))
    except OSError:
        place.rmdir()
        return None
    return place


def join() -> None:
    """Put this process, and with it all it starts, into the group of the environment."""
    place = os.environ.get(JOIN)
    if place:
        (Path(place) / "cgroup.procs").write_text(str(os.getpid()))


def kills(place: Path) -> int:
    """How many processes the system has ended there."""
    for file in ("memory.oom_control", "memory.events"):
        if (place / file).exists():
            pairs = (line.split() for line in (place / file).read_text().splitlines())
            return next(int(pair[1]) for pair in pairs if pair[0] == "oom_kill")
    return 0
