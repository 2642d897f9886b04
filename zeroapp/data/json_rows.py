"""A list of flat JSON objects as a table: one a line (jsonl) or one list (json)."""

from collections.abc import Collection, Generator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.data.chats import laid_out
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned, broken
from zeroapp.data.faults import reading
from zeroapp.data.gate import broken_json, not_a_list, too_large_for_json, without_rows
from zeroapp.data.json_layouts import list_in, named
from zeroapp.data.json_texts import (
    broken_at,
    is_json,
    one_after_another,
    parsed,
    without_spare_commas,
)
from zeroapp.data.lines import MARK, Lines
from zeroapp.data.nesting import Opening
from zeroapp.data.table import MAX_FIELD, TableRow, aside
from zeroapp.dataset import Repair, SetAside
from zeroapp.errors import DataError

_WHOLE_LIMIT = 1 << 28
_HEAD_LINES = 200
_AROUND = f"{MARK} \r\n\t"
"""What may stand around the values of a file and says nothing."""

_NOT_AN_OBJECT = "It is not a JSON object."
_LONG = "A value has more than a million characters."
_BYTES = "It holds bytes that are no letters in this file's encoding ({})."


class JsonTable:
    """See `Table`. A row's line is its line in jsonl and its number in a json list.

    Raises DataError("not-a-table", "no-rows", "file-too-large").
    """

    delimiter = ""

    def __init__(self, path: Path, *, scanned: Scanned, off: Collection[str] = ()) -> None:
        self.path = path
        self.name = path.name
        self.encoding = scanned.encoding
        self.bytes = scanned.size
        self.sha256 = scanned.sha256
        self._notes = Notes(self.name, off=off)
        self._lines: Lines | None = None
        self._spare_commas = 0
        by_line = _is_by_line(path, scanned=scanned)
        self._list = self._not_by_line(scanned.head) if by_line else self._whole()
        self._names: dict[str, None] = {}
        head = list(islice(self._items(), _HEAD_LINES))
        if not head:
            raise without_rows(path)
        values = (self._value(item) for _, item in head)
        laid = [laid_out(one, notes=self._notes) for one in values if isinstance(one, dict)]
        self._opening = Opening(laid)
        for item in head:
            self._row(*item)
        self._notes = self._notes.fresh()
        if self._spare_commas:
            self._notes.add("row-commas", count=self._spare_commas, change=(",]", "]"))

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys met so far, in the order of first appearance."""
        return tuple(self._names)

    def read(self) -> Generator[TableRow | SetAside, None, None]:
        """Every object in order, read or set aside."""
        for line, item in self._items():
            yield self._row(line, item)

    def position(self) -> int:
        """How many bytes of the file have been read."""
        if self._list is not None:
            return self.bytes
        return self._lines.position() if self._lines else 0

    def repairs(self) -> list[Repair]:
        """What was put right so far."""
        return self._notes.repairs()

    def _items(self) -> Iterator[tuple[int, Any]]:
        """Line and what is there: a value of a list, or a line's text that is not blank."""
        if self._list is not None:
            yield from enumerate(self._list, start=1)
            return
        with reading(self.path), Lines(self.path, encoding=self.encoding) as lines:
            self._lines = lines
            for text in lines:
                line = lines.record.pop()
                if text.strip():
                    yield line.number, msgspec.Raw(b"") if line.cut else text

    def _row(self, line: int, item: Any) -> TableRow | SetAside:
        if isinstance(item, msgspec.Raw):
            return aside(self.name, line=line, reason=_LONG, raw="")
        value = self._value(item)
        if not isinstance(value, dict):
            by_bytes = isinstance(item, str) and broken(item, encoding=self.encoding)
            reason = _BYTES.format(self.encoding) if by_bytes else _NOT_AN_OBJECT
            return aside(self.name, line=line, reason=reason, raw=_shown(item))
        value = self._opening.opened(laid_out(value, notes=self._notes), notes=self._notes)
        cells = {str(key): self._cell(cell) for key, cell in value.items()}
        if any(len(cell) > MAX_FIELD for cell in cells.values()):
            return aside(self.name, line=line, reason=_LONG, raw=_shown(item))
        self._names.update(dict.fromkeys(cells))
        return TableRow(line, cells)

    def _value(self, item: Any) -> Any:
        """What is at a place: of a list as it is, of a line parsed; None where that fails."""
        if self._list is not None:
            return item
        if not isinstance(item, str):
            return None
        with suppress(ValueError):
            return parsed(item)
        bare = item.rstrip().removesuffix(",")
        if bare != item.rstrip() and self._notes.wants("row-commas"):
            with suppress(ValueError):
                value = parsed(bare)
                self._notes.add("row-commas", change=(item, bare))
                return value
        return None

    def _cell(self, value: Any) -> str:
        if isinstance(value, str):
            return value.replace("\0", "")
        if value is None:
            return ""
        if isinstance(value, dict | list):
            self._notes.add("nested-values")
        return msgspec.json.encode(value).decode()

    def _whole(self) -> list[Any]:
        if self.bytes > _WHOLE_LIMIT:
            raise too_large_for_json(self.path, size=self.bytes, limit=_WHOLE_LIMIT)
        value = self._whole_value(self._text())
        if isinstance(value, dict):
            value = list_in(value)
        if isinstance(value, list) and value and all(isinstance(item, list) for item in value):
            value = named(value)
        if not isinstance(value, list) or not any(isinstance(item, dict) for item in value):
            raise not_a_list(self.path)
        return value

    def _text(self) -> str:
        with reading(self.path):
            data = self.path.read_bytes()
        try:
            return data.decode(self.encoding).strip(_AROUND)
        except ValueError:
            raise not_a_list(self.path) from None

    def _whole_value(self, text: str) -> Any:
        with suppress(ValueError):
            return parsed(text)
        if objects := one_after_another(text):
            return objects
        if self._notes.wants("row-commas"):
            mended, self._spare_commas = without_spare_commas(text)
            with suppress(ValueError):
                return parsed(mended)
        raise broken_json(self.path, line=broken_at(text))

    def _not_by_line(self, head: bytes) -> list[Any] | None:
        """The objects of a file by line that do not stand one on a line; None where they do."""
        first, _ = _first_line(head, encoding=self.encoding)
        if is_json(first.rstrip().removesuffix(",")) or self.bytes > _WHOLE_LIMIT:
            return None
        try:
            return one_after_another(self._text()) or None
        except DataError:
            return None


def _shown(item: Any) -> str:
    return item if isinstance(item, str) else msgspec.json.encode(item).decode()


def _is_by_line(path: Path, *, scanned: Scanned) -> bool:
    """By its ending; but a .json file may hold an object a line, and a .jsonl file a list."""
    first, more = _first_line(scanned.head, encoding=scanned.encoding)
    if path.suffix.lower() != ".json":
        return not first.startswith("[") or (is_json(first) and more)
    return more and is_json(first.rstrip().removesuffix(",")) and first.startswith("{")


def _first_line(head: bytes, *, encoding: str) -> tuple[str, bool]:
    """The first line with anything on it, and whether another follows."""
    first, end, _ = head.decode(encoding, "replace").strip(_AROUND).partition("\n")
    return first, bool(end)
