"""What Linux says of memory beyond psutil: the control group's limit, its kills, its stalls.

Elsewhere, and where the system says nothing, there is no limit, no kill and no stall.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TOP: Final = Path("/sys/fs/cgroup")
_OURS: Final = Path("/proc/self/cgroup")
_STALLS: Final = Path("/proc/pressure/memory")


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the narrowest control group around us: what it may hold, what is left of that."""

    limit: int
    free: int


def room(*, top: Path = _TOP, ours: Path = _OURS) -> Room | None:
    """The narrowest limit that holds for us; None when there is none."""
    found = [made for group in _groups(top, ours) if (made := _room(group)) is not None]
    return min(found, key=lambda one: one.free, default=None)


def killed(*, top: Path = _TOP, ours: Path = _OURS) -> int:
    """How many processes of our groups the system has killed for want of memory so far."""
    counted = [_named(group / "memory.events").get("oom_kill", 0) for group in _groups(top, ours)]
    return max(counted, default=0)


def stalled(*, file: Path = _STALLS) -> float:
    """Per cent of the last ten seconds in which everything waited for memory."""
    for line in _lines(file):
        words = line.split()
        if words and words[0] == "full":
            return float(words[1].removeprefix("avg10="))
    return 0.0


def _groups(top: Path, ours: Path) -> Iterator[Path]:
    """Our group and those around it (version 2 of control groups)."""
    for line in _lines(ours):
        if line.startswith("0::"):
            group = top / line[3:].strip().lstrip("/")
            yield from (one for one in (group, *group.parents) if one.is_relative_to(top))


def _room(group: Path) -> Room | None:
    limit, used = "".join(_lines(group / "memory.max")), "".join(_lines(group / "memory.current"))
    if not (limit.isdigit() and used.isdigit()):
        return None
    # pages of files are given back before anybody is killed
    spare = _named(group / "memory.stat").get("inactive_file", 0)
    return Room(limit=int(limit), free=max(0, int(limit) - int(used) + spare))


def _named(file: Path) -> dict[str, int]:
    pairs = (line.split() for line in _lines(file))
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}  # noqa: PLR2004


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
