"""How far apart the cells of binary workbooks (.xls, .xlsb) lie, read from their records alone.

Their reader makes room for the whole rectangle between two cells. Layouts: [MS-XLS], [MS-XLSB].
Knows nothing of what the cells hold.
"""

from collections.abc import Iterator
from struct import Struct, unpack_from

_WORDS = Struct("<HH")

# .xls: kinds of records
_END, _LOCK, _SHEET, _STRINGS, _SIZE, _SEVERAL = 0x0A, 0x2F, 0x85, 0xFC, 0x200, 0xBD
_CELLS = frozenset({0x06, 0xBD, 0xFD, 0x203, 0x204, 0x205, 0x27E})

# .xlsb: kinds of records
_ROW, _LAST_CELL, _BEGIN = 0x00, 0x0B, 0x91


def span_of_xls(book: bytes) -> int:
    """Cells of the largest rectangle that a sheet of a workbook's stream spans or claims to; 0 when
    a password locks it. Raises ValueError when it claims more texts than it can hold.
    """
    sheets = []
    for kind, body in _records(book):
        if kind == _LOCK:
            return 0
        if kind == _SHEET and len(body) >= 4:  # noqa: PLR2004 - its place is four bytes
            sheets.append(int.from_bytes(body[:4], "little"))
        if kind == _STRINGS and int.from_bytes(body[4:8], "little") > len(book):
            raise ValueError("it says that it has more texts than bytes")
    return max((_span(memoryview(book)[at:]) for at in dict.fromkeys(sheets)), default=0)


def _span(sheet: memoryview) -> int:
    rows = columns = last = 0
    first: int | None = None
    for kind, body in _records(sheet):
        if kind in _CELLS and len(body) >= _WORDS.size:
            row, column = _WORDS.unpack_from(body)
            if kind == _SEVERAL:
                column = max(column, int.from_bytes(body[-2:], "little"))
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            first, last = row if first is None else first, row
        elif kind == _SIZE and len(body) in (10, 14):
            wide = len(body) == 14  # noqa: PLR2004 - rows are four bytes since Excel 97
            top, row, left, column = unpack_from("<IIHH" if wide else "<HHHH", body)
            if row < top or column < left:
                raise ValueError("it says that it ends before it begins")
            rows, columns = max(rows, row), max(columns, column)
    _in_order(first, last)
    return rows * columns


def _in_order(first: int | None, last: int) -> None:
    """Raises ValueError when the row of the last cell lies above that of the first: their reader
    makes room from first to last, and for four thousand million when that is less than nothing.
    """
    if first is not None and last < first:
        raise ValueError("its last cell lies above its first")


def _records(stream: bytes | memoryview) -> Iterator[tuple[int, bytes | memoryview]]:
    """Kind and body of each record, to the one that says it is the last."""
    at, size = 0, len(stream)
    while at + _WORDS.size <= size:
        kind, length = _WORDS.unpack_from(stream, at)
        if kind == _END:
            return
        at += _WORDS.size
        yield kind, stream[at : at + length]
        at += length


def span_of_xlsb(part: bytes) -> int:
    """Cells of the rectangle that a sheet's part spans; 0 for other parts. Raises ValueError when
    a record is too short for its place, of which its reader takes what it read last.
    """
    rows = columns = row = last = at = 0
    first: int | None = None
    inside = False
    while at < len(part):
        kind, at = _varied(part, at, most=2)
        length, at = _varied(part, at, most=4)
        inside = inside or kind == _BEGIN
        if inside and kind <= _LAST_CELL:
            if length < 4:  # noqa: PLR2004 - a place is four bytes
                raise ValueError("a record has no room for its place")
            number = int.from_bytes(part[at : at + 4], "little")
            if kind == _ROW:
                row = number + 1
            else:
                rows, columns = max(rows, row), max(columns, number + 1)
                first, last = row if first is None else first, row
        at += length
    _in_order(first, last)
    return rows * columns


def _varied(part: bytes, at: int, *, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes, seven bits in each, and where it ends.

    The kind of a record keeps its eighth bits, as its reader does.
    """
    number = 0
    for step, byte in enumerate(part[at : at + most]):
        number |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:  # noqa: PLR2004 - the eighth bit says that another byte follows
            return number, at + step + 1
    return number, at + most
