"""What was foretold of memory and what training really took, kept for this computer. No torch."""

import hashlib
import statistics
import time

import msgspec

from zeroapp import __version__
from zeroapp.paths import settings_dir
from zeroapp.plan import MemoryPart, TrainPlan
from zeroapp.writing import write_whole

FILE = "memory.json"
_KEEP = 40
_HEEDED = 9
_PLAUSIBLE = 512 * 2**20
"""A run that is further off than this was disturbed; the constant does not follow it."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One rank's training, in bytes. predicted: without what was learnt before."""

    key: str
    ranks: int
    predicted: int
    peak: int
    at: float = msgspec.field(default_factory=time.time)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """foretold: what a dry run counted for one rank, by plan. seen: trainings. The newest last.

    version: of the app that foretold; another one counts otherwise and begins anew.
    """

    version: str = ""
    foretold: dict[str, tuple[MemoryPart, ...]] = {}
    seen: tuple[Seen, ...] = ()

    @property
    def correction(self) -> int:
        """Bytes that this computer takes beyond the arithmetic: the median of the last runs."""
        off = [one.peak - one.predicted for one in self.seen[-_HEEDED:]]
        near = [bytes_ for bytes_ in off if abs(bytes_) < _PLAUSIBLE]
        return round(statistics.median(near)) if near else 0

    @property
    def error(self) -> float:
        """The largest share by which one of the last runs was off, the correction counted in."""
        last = self.seen[-_HEEDED:]
        known = self.correction
        return max((abs((one.predicted + known) / one.peak - 1) for one in last), default=0.0)

    def parts(self, plan: TrainPlan) -> tuple[MemoryPart, ...] | None:
        """What an earlier dry run of this very plan counted."""
        return self.foretold.get(key_of(plan))


def key_of(plan: TrainPlan) -> str:
    """Names a plan."""
    return hashlib.sha256(msgspec.json.encode(plan)).hexdigest()[:16]


def load() -> Record:
    """The record; an empty one when there is none, or not of this version, or unreadable."""
    fresh = Record(version=__version__)
    try:
        known = msgspec.json.decode((settings_dir() / FILE).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return fresh
    return known if known.version == fresh.version else fresh


def foretell(plan: TrainPlan, *, parts: tuple[MemoryPart, ...]) -> None:
    """Remember what one rank of this plan takes by a dry run, uncorrected."""
    known, key = load(), key_of(plan)
    others = [(other, made) for other, made in known.foretold.items() if other != key]
    _write(msgspec.structs.replace(known, foretold={**dict(others[-_KEEP:]), key: parts}))


def learn(plan: TrainPlan, *, peak: int) -> int:
    """Hold a finished training against what was foretold: those bytes, 0 when nothing was.

    peak: of the first rank. Raises OSError when the record cannot be written.
    """
    known = load()
    parts = known.parts(plan)
    if not parts:
        return 0
    predicted = sum(part.bytes for part in parts)
    seen = Seen(key=key_of(plan), ranks=plan.ranks, predicted=predicted, peak=peak)
    _write(msgspec.structs.replace(known, seen=(*known.seen, seen)[-_KEEP:]))
    return predicted + known.correction


def _write(record: Record) -> None:
    file = settings_dir() / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, msgspec.json.format(msgspec.json.encode(record)))
