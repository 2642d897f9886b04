"""What a person said of answers side by side, kept with the run: ratings.json. Knows no models."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

import msgspec

from zeroapp.report import SideBySide
from zeroapp.run_folder import RunFolder
from zeroapp.writing import write_whole


class Liked(StrEnum):
    """Whose text was the better one."""

    ours = "ours"
    base = "base"
    neither = "neither"


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """One pair that was rated. mark: of the two texts as they stood (see `mark_of`)."""

    row_id: int
    mark: str
    liked: Liked


def mark_of(pair: SideBySide) -> str:
    """Tells whether both models still say what was rated."""
    texts = f"{pair.prompt}\0{pair.base}\0{pair.ours}"
    return sha256(texts.encode()).hexdigest()[:16]


def kept(folder: RunFolder, pairs: Sequence[SideBySide]) -> tuple[Rating, ...]:
    """The ratings of these very texts; none where there are none or they cannot be read."""
    try:
        known = msgspec.json.decode(folder.ratings.read_bytes(), type=tuple[Rating, ...])
    except (OSError, msgspec.DecodeError):
        return ()
    marks = {(pair.row_id, mark_of(pair)) for pair in pairs}
    return tuple(one for one in known if (one.row_id, one.mark) in marks)


def keep(folder: RunFolder, ratings: Sequence[Rating]) -> None:
    """Replace what was kept. Raises OSError; then the old ratings are as they were."""
    write_whole(folder.ratings, msgspec.json.encode(tuple(ratings)))
