"""Looks at the container of old Office files (.xls) before anything follows its chains of sectors.

Its reader believes what a damaged file says: a chain that bites its tail fills the memory, and so
does a stream that claims to be huge. Layout: [MS-CFB]. Knows nothing of what is inside.
"""

from array import array
from collections.abc import Sequence
from pathlib import Path
from sys import byteorder

from zeroapp.data.faults import reading

_HEADER = 512
_LISTED = 109
"""Places of sector tables that stand in the header itself."""

_LAST = 0xFFFFFFFA
"""What stands behind a sector above this says that none follows."""

_ENTRY = 128
_SIZE_AT, _SIZE_TO = 120, 124


def fault_of(path: Path) -> str:
    """What is wrong with the chains of a file; "" when they can be followed."""
    with reading(path):
        data = path.read_bytes()
    if len(data) < _HEADER:
        return "it is shorter than its header"
    size = 1 << min(16, int.from_bytes(data[30:32], "little"))
    words = _words(data[:_HEADER])
    limit = len(data) // size + 1
    tables, directory, _, _, mini, minis, more, _ = words[11:19]
    if size < _HEADER or max(tables, minis) > limit:
        return "it says that it is larger than it is"
    places = list(words[19 : 19 + _LISTED])
    seen = 0
    while more < _LAST:
        seen += 1
        if seen > limit:
            return "the list of its sector tables has no end"
        *found, more = _sector(data, more, size=size) or [_LAST]
        places += found
    follows = [
        word for place in places if place < _LAST for word in _sector(data, place, size=size)
    ]
    small = [word for place in _chain(mini, follows) for word in _sector(data, place, size=size)]
    if _bites_itself(follows) or _bites_itself(small):
        return "a chain of its sectors has no end"
    for place in _chain(directory, follows):
        at = (place + 1) * size
        for entry in range(at, min(at + size, len(data)), _ENTRY):
            claimed = data[entry + _SIZE_AT : entry + _SIZE_TO]
            if int.from_bytes(claimed, "little") > len(data):
                return "a part of it says that it is larger than the file"
    return ""


def _words(data: bytes) -> Sequence[int]:
    words = array("I", data[: len(data) // 4 * 4])
    if byteorder == "big":
        words.byteswap()
    return words


def _sector(data: bytes, number: int, *, size: int) -> Sequence[int]:
    """A sector's words; fewer, or none, where the file ends before it."""
    return _words(data[(number + 1) * size : (number + 2) * size])


def _chain(first: int, follows: Sequence[int]) -> list[int]:
    """The sectors of a chain in order, to its end or to where it comes back to itself."""
    found: dict[int, None] = {}
    while first < len(follows) and first not in found:
        found[first] = None
        first = follows[first]
    return list(found)


def _bites_itself(follows: Sequence[int]) -> bool:
    """Whether any chain comes back to a sector that it went through."""
    done = bytearray(len(follows))
    for start in range(len(follows)):
        at, walked = start, []
        while at < len(follows) and not done[at]:
            done[at] = 1
            walked.append(at)
            at = follows[at]
        if at < len(follows) and done[at] == 1:
            return True
        for one in walked:
            done[one] = 2
    return False
