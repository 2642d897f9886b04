"""Objects inside the rows of a JSON file, as columns of their own where that is one thing a row."""

from collections.abc import Iterator, Sequence
from typing import Any

from zeroapp.data.doctor import Notes

_MOST_KEYS = 12
"""Objects with more keys over the first rows are dictionaries of something, not columns."""

Cells = dict[str, Any]


class Opening:
    """Which objects and lists are opened, decided on the first rows of a file.

    An object is opened where its keys are few and everywhere the same few; a list where it never
    holds more than one thing. `opened` names what was inside by its way: “data.text”.
    """

    def __init__(self, rows: Sequence[Cells]) -> None:
        self._keys: dict[str, set[str]] = {}
        self._single: set[str] = set()
        self._closed: set[str] = set()
        # A name with a dot of its own could be taken for a way.
        if not any("." in key for row in rows for key in row):
            for row in rows:
                for key, value in row.items():
                    self._look(value, way=key)
        many = {way for way, keys in self._keys.items() if len(keys) > _MOST_KEYS}
        self._closed |= many

    def _look(self, value: Any, *, way: str) -> None:
        if isinstance(value, list):
            if len(value) > 1:
                self._closed.add(way)
                return
            self._single.add(way)
            value = value[0] if value else None
        if isinstance(value, dict):
            self._keys.setdefault(way, set()).update(value)
            for key, inner in value.items():
                self._look(inner, way=f"{way}.{key}")
        elif value is not None and way in self._keys:
            self._closed.add(way)

    def opened(self, row: Cells, *, notes: Notes) -> Cells:
        """The row with what is inside as cells; what does not fit stays as it is."""
        if (not self._keys and not self._single) or not notes.wants("nested-opened"):
            return row
        found = {way: value for key, cell in row.items() for way, value in self._cells(key, cell)}
        if found.keys() != row.keys():
            notes.add("nested-opened", change=(str(row), str(found)))
        return found

    def _cells(self, way: str, value: Any) -> Iterator[tuple[str, Any]]:
        if way in self._closed:
            yield way, value
            return
        inner = value
        if isinstance(value, list) and way in self._single and len(value) <= 1:
            inner = value[0] if value else None
        if isinstance(inner, dict) and inner and inner.keys() <= self._keys.get(way, set()):
            for key, cell in inner.items():
                yield from self._cells(f"{way}.{key}", cell)
        else:
            yield way, value if isinstance(inner, dict) else inner
