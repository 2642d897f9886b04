"""Puts right what is plainly wrong inside cells, whatever the format: a table around a table."""

import html
import re
from collections.abc import Collection, Generator
from contextlib import closing
from itertools import chain
from pathlib import Path

from zeroapp.data.doctor import Notes
from zeroapp.data.table import Block, Item, Table, TableRow, one_by_one, portions, singly, wholesale
from zeroapp.dataset import Repair, SetAside

_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_RETURN, _ENTITIES, _TWICE = "carriage-returns", "html-entities", "encoded-twice"
_SECOND = (
    bytes(range(0x80, 0xC0)).decode("cp1252", "ignore").translate(dict.fromkeys(map(ord, "”’…–—»")))
)
_TORN = {
    **{first: re.compile(f"{first}[{_SECOND}]") for first in "ÂÃÄÅÎÏÐÑ"},
    **{sign: re.compile(sign) for sign in ("â€", "ðŸ", *map(chr, range(0x80, 0xA0)))},
}
"""Letters of UTF-8 taken for Windows' or ISO's, two signs or more for each: how they begin, for a
quick look, and go on. Words end with Ã before a quote, too; the controls of ISO are in no text.
"""

_TO_BYTES = {
    ord(letter): byte
    for byte in range(0x80, 0xA0)
    if (letter := bytes([byte]).decode("cp1252", "ignore"))
}
_TOGETHER = 16
"""Rows that are looked over at once; few, since rows of pictures take their time to come."""


class MendedTable:
    """See `Table`: the same rows; no carriage returns end cells, no torn letters, no entities."""

    def __init__(self, table: Table, *, off: Collection[str] = ()) -> None:
        self._table = table
        self._notes = Notes(table.name, off=off)
        self.path: Path = table.path
        self.name: str = table.name
        self.encoding: str = table.encoding
        self.delimiter: str = table.delimiter
        self.bytes: int = table.bytes
        self.sha256: str = table.sha256

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._table.columns

    def read(self) -> Generator[Item, None, None]:
        """Every row of the table in order, mended or set aside."""
        return one_by_one(self)

    def blocks(self) -> Generator[Block | Item, None, None]:
        """The same, with the blocks of the table in which nothing is to be mended."""
        with closing(wholesale(self._table)) as items:
            for portion in portions(items, size=_TOGETHER):
                some = [portion] if isinstance(portion, Block) else portion
                yield from map(self._mended, singly(some)) if self._wanting(portion) else some

    def told(self, kind: str, *, word: str, change: tuple[str, str] | None = None) -> None:
        """Note something about the file as a whole."""
        self._notes.add(kind, word=word, change=change)

    def position(self) -> int:
        """How many bytes of the file have been read."""
        return self._table.position()

    def repairs(self) -> list[Repair]:
        """What was put right so far."""
        return [*self._table.repairs(), *self._notes.repairs()]

    def _wanting(self, portion: Block | list[Item]) -> bool:
        """Whether any cell may need mending."""
        returns, entities = self._notes.wants(_RETURN), self._notes.wants(_ENTITIES)
        twice = self._notes.wants(_TWICE)
        if isinstance(portion, Block):
            torn = twice and _may_be_torn(portion.text)
            return ("&" in portion.text and entities) or torn
        cells = (item.cells.values() for item in portion if isinstance(item, TableRow))
        whole = "\0".join(chain.from_iterable(cells))
        odd = ("\r" in whole and returns) or ("&" in whole and entities)
        return odd or (twice and _may_be_torn(whole))

    def _mended(self, item: Item) -> Item:
        if isinstance(item, SetAside):
            return item
        return TableRow(item.line, {name: self._cell(cell) for name, cell in item.cells.items()})

    def _cell(self, cell: str) -> str:
        if cell.endswith("\r") and self._notes.wants(_RETURN):
            plain = cell.rstrip("\r")
            self._notes.add(_RETURN, change=(cell.replace("\r", "\\r"), plain))
            cell = plain
        if _may_be_torn(cell) and self._notes.wants(_TWICE) and (plain := _whole(cell)) != cell:
            self._notes.add(_TWICE, change=(cell, plain))
            cell = plain
        if "&" in cell and self._notes.wants(_ENTITIES):
            plain = _ENTITY.sub(_letter, cell)
            if plain != cell:
                self._notes.add(_ENTITIES, change=(cell, plain))
                cell = plain
        return cell


def _may_be_torn(text: str) -> bool:
    return not text.isascii() and any(
        first in text and torn.search(text) is not None for first, torn in _TORN.items()
    )


def _whole(cell: str) -> str:
    """The cell with its letters whole again, when all of it is UTF-8 that was read as cp1252."""
    try:
        return cell.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return cell


def _letter(found: re.Match[str]) -> str:
    """The letter an entity stands for; a control sign is none, so its entity stays."""
    letter = html.unescape(found[0])
    return letter if letter.isprintable() or letter == "\N{NO-BREAK SPACE}" else found[0]
