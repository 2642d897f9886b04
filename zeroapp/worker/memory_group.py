"""What Linux says of memory beyond psutil: the control group's limit, its kills, its stalls.

Both versions of control groups are read; older systems and many containers still have the first.
Elsewhere, and where the system says nothing, there is no limit, no kill and no stall.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TOP: Final = Path("/sys/fs/cgroup")
_OURS: Final = Path("/proc/self/cgroup")
_STALLS: Final = Path("/proc/pressure/memory")
_ENDLESS: Final = 1 << 60
"""Version 1 has no word for "no limit", only a number like this."""


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
    files = ("memory.events", "memory.oom_control")
    groups = list(_groups(top, ours))
    counted = [_named(group / file).get("oom_kill", 0) for group in groups for file in files]
    return max(counted, default=0)


def stalled(*, file: Path = _STALLS) -> float:
    """Per cent of the last ten seconds in which everything waited for memory."""
    for line in _lines(file):
        words = line.split()
        if words and words[0] == "full":
            return float(words[1].removeprefix("avg10="))
    return 0.0


def _groups(top: Path, ours: Path) -> Iterator[Path]:
    """Our group and those around it: in version 2 one tree, in version 1 one for memory alone."""
    for line in _lines(ours):
        _, controllers, place = [*line.split(":", 2), "", ""][:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        tree = top / "memory" if controllers else top
        group = tree / place.strip().lstrip("/")
        yield from (one for one in (group, *group.parents) if one.is_relative_to(tree))


def _room(group: Path) -> Room | None:
    limit = _number(group, "memory.max", "memory.limit_in_bytes")
    used = _number(group, "memory.current", "memory.usage_in_bytes")
    if limit is None or used is None or limit > _ENDLESS:
        return None
    # pages of files are given back before anybody is killed
    said = _named(group / "memory.stat")
    spare = said.get("total_inactive_file", said.get("inactive_file", 0))
    return Room(limit=limit, free=max(0, limit - used + spare))


def _number(group: Path, *names: str) -> int | None:
    """What the first of these files that is there says, if that is a number."""
    said = next((lines[0] for name in names if (lines := _lines(group / name))), "")
    return int(said) if said.isdigit() else None


def _named(file: Path) -> dict[str, int]:
    pairs = (line.split() for line in _lines(file))
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}  # noqa: PLR2004


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
