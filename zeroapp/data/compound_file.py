"""Looks at the container of old Office files (.xls) before anything follows its chains of sectors.

Its reader believes what a damaged file says: a chain that bites its tail fills the memory, and so
does a stream that claims to be huge. Layout: [MS-CFB]. Knows nothing of what is inside.
"""

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from sys import byteorder

from zeroapp.data.faults import reading

_HEADER = 512
_LISTED = 109
"""Places of sector tables that stand in the header itself."""

_LAST = 0xFFFFFFFA
"""What stands behind a sector above this says that none follows."""

_ENTRY = 128
_NAME, _START_AT, _SIZE_AT = 64, 116, 120
_MINI = 64
_SMALL = 4096
"""A part below this size lies in small sectors, inside the first part."""


class CompoundFile:
    """The chains of a file, looked over. Raises ValueError, in words, when they lead astray."""

    def __init__(self, path: Path) -> None:
        with reading(path):
            data = path.read_bytes()
        if len(data) < _HEADER:
            raise ValueError("it is shorter than its header")
        self._data = data
        self._size = 1 << min(16, int.from_bytes(data[30:32], "little"))
        words = _words(data[:_HEADER])
        limit = len(data) // self._size + 1
        tables, directory, _, _, mini, minis, more, _ = words[11:19]
        if self._size < _HEADER or max(tables, minis) > limit:
            raise ValueError("it says that it is larger than it is")
        places = [*words[19 : 19 + _LISTED], *self._further_tables(more, limit=limit)]
        self._follows = [word for p in places if p < _LAST for word in self._sector(p)]
        self._small = [word for p in _chain(mini, self._follows) for word in self._sector(p)]
        if _bites_itself(self._follows) or _bites_itself(self._small):
            raise ValueError("a chain of its sectors has no end")
        self._entries = list(self._listed(directory))
        if any(_number(entry, _SIZE_AT) > len(data) for entry in self._entries):
            raise ValueError("a part of it says that it is larger than the file")

    def parts(self, *names: str) -> Iterator[bytes]:
        """What the parts of these names hold."""
        inner = self._joined(self._entries[0]) if self._entries else b""
        for entry in self._entries:
            if entry[:_NAME].decode("utf-16-le", "replace").partition("\0")[0] not in names:
                continue
            if _number(entry, _SIZE_AT) >= _SMALL:
                yield self._joined(entry)
                continue
            chain = _chain(_number(entry, _START_AT), self._small)
            yield b"".join(inner[at * _MINI : (at + 1) * _MINI] for at in chain)

    def _joined(self, entry: bytes) -> bytes:
        chain = _chain(_number(entry, _START_AT), self._follows)
        return b"".join(self._bytes(number) for number in chain)

    def _further_tables(self, more: int, *, limit: int) -> Iterator[int]:
        """Places of sector tables that do not stand in the header."""
        seen = 0
        while more < _LAST:
            seen += 1
            if seen > limit:
                raise ValueError("the list of its sector tables has no end")
            *found, more = self._sector(more) or [_LAST]
            yield from found

    def _listed(self, directory: int) -> Iterator[bytes]:
        for place in _chain(directory, self._follows):
            sector = self._bytes(place)
            for at in range(0, len(sector), _ENTRY):
                yield sector[at : at + _ENTRY]

    def _bytes(self, number: int) -> bytes:
        """A sector; shorter, or empty, where the file ends before its end."""
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _sector(self, number: int) -> Sequence[int]:
        return _words(self._bytes(number))


def _number(entry: bytes, at: int) -> int:
    return int.from_bytes(entry[at : at + 4], "little")


def _words(data: bytes) -> Sequence[int]:
    words = array("I", data[: len(data) // 4 * 4])
    if byteorder == "big":
        words.byteswap()
    return words


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
