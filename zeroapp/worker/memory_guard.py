"""Watches the memory of ranks and computer: is it about to run out, did it? Knows no plan."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from zeroapp.worker import memory_group

_EVERY: Final = 0.5
_SUSTAINED: Final = 4
"""Looks in a row that must agree: a peak of a moment is over before anybody could act."""

_OVER: Final = 1.05
"""A limit is exceeded from here on: predictions are right within 3 per cent."""

_SHORT_SHARE, _SHORT_BYTES = 0.04, 400 * 2**20
"""Available memory below both is an emergency; Linux kills at about a hundredth of that."""

_LOW_SHARE: Final = 0.10
"""A killed rank is put down to memory when less than this was available shortly before."""

_STALLED: Final = 20.0
"""Per cent of the last ten seconds in which nothing ran for want of memory (Linux PSI, "full")."""

_OURS: Final = 0.25
"""Stepping down only helps where the ranks hold at least this share of the memory."""

_SIGNS: Final = (b"bad_alloc", b"annot allocate memory", b"an't allocate memory", b"out of memory")
_TAIL: Final = 8192
_MOMENTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, in bytes. ours: what the ranks hold for themselves; stalled: see _STALLED."""

    ours: int
    available: int
    total: int
    stalled: float = 0.0


@dataclass(slots=True, kw_only=True)
class MemoryGuard:
    """Watches the memory of one gang.

    limit: bytes its ranks may hold together; 0: only the computer counts. log: where the ranks'
    last words go.
    """

    log: Path
    limit: int = 0
    peak: int = 0
    _looks: deque[Look] = field(default_factory=lambda: deque(maxlen=_MOMENTS))
    _killed_before: int = field(default_factory=memory_group.killed)
    _last: float = 0.0
    _said_before: int = field(init=False)

    def __post_init__(self) -> None:
        self._said_before = self.log.stat().st_size if self.log.exists() else 0

    def look(self, pids: Iterable[int]) -> None:
        """Look, if the last look is half a second old."""
        if time.monotonic() - self._last < _EVERY:
            return
        self._last = time.monotonic()
        self.note(_seen_now(pids))

    def note(self, look: Look) -> None:
        """Remember a look."""
        self._looks.append(look)
        self.peak = max(self.peak, look.ours)

    @property
    def over_limit(self) -> bool:
        """Whether the ranks have held more than they may for a while."""
        return self._lately(lambda look: 0 < self.limit * _OVER < look.ours)

    @property
    def running_out(self) -> bool:
        """Whether the computer is about to run out, and the ranks are a good part of the reason."""
        return self._lately(_emergency)

    def to_blame(self, code: int | None) -> bool:
        """Whether a rank that left with `code` (as Popen has it) fell for want of memory."""
        if memory_group.killed() > self._killed_before or self._said_so():
            return True
        low = any(look.available < _LOW_SHARE * look.total for look in self._looks)
        return low and code is not None and code < 0

    def _said_so(self) -> bool:
        """Whether what it left in the log since the start of this gang speaks of memory."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._said_before, self.log.stat().st_size - _TAIL))
                said = log.read()
        except OSError:
            return False
        return any(sign in said for sign in _SIGNS)

    def _lately(self, bad: Callable[[Look], bool]) -> bool:
        recent = list(self._looks)[-_SUSTAINED:]
        return len(recent) == _SUSTAINED and all(bad(look) for look in recent)


def _emergency(look: Look) -> bool:
    if look.ours < _OURS * look.total:
        return False
    share = look.available / look.total
    stalls = look.stalled > _STALLED and share < _LOW_SHARE
    return stalls or (share < _SHORT_SHARE and look.available < _SHORT_BYTES)


def _seen_now(pids: Iterable[int]) -> Look:
    memory = psutil.virtual_memory()
    total, available = memory.total, memory.available
    group = memory_group.room()
    if group is not None:
        total, available = min(total, group.limit), min(available, group.free)
    return Look(
        ours=sum(_held(pid) for pid in pids),
        available=available,
        total=total,
        stalled=memory_group.stalled(),
    )


def _held(pid: int) -> int:
    """What a process keeps resident for itself; pages of files can be had again, so not they."""
    try:
        info = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return max(0, int(info.rss) - int(getattr(info, "shared", 0)))
