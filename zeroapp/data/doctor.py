"""Puts right what is plainly a slip of the pen in a table, and says so. Guesses no meaning."""

from collections import Counter
from collections.abc import Iterable, Sequence

from zeroapp.dataset import Repair

_SENTENCES = {
    "no-header": "The file has no line with column names; the columns were numbered.",
    "header-spaces": "Spaces around column names were removed.",
    "header-unnamed": "Columns without a name were numbered.",
    "header-twice": "Column names that came twice got a number.",
    "byte-order-mark": "An invisible mark at the start of the file was left out.",
    "encoding": "The file is written in an older encoding ({}); its letters were converted.",
    "empty-rows": "Empty rows were left out.",
    "short-rows": "Rows with too few cells got empty ones.",
    "spare-cells": "Empty cells beyond the last column were left out.",
    "unquoted-delimiter": "Texts with an unquoted “{}” were put together again.",
    "stray-quotes": "Quotation marks that did not pair were kept as part of the text.",
    "line-ends": "Line ends inside unquoted cells became spaces.",
    "nested-values": "Lists and objects inside a row were kept as JSON text.",
    "column-renamed": "Columns that differ only in capital letters were joined.",
}


class Notes:
    """Counts what was put right in one file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._counts: Counter[str] = Counter()
        self._words: dict[str, str] = {}

    def add(self, kind: str, *, word: str = "", count: int = 1) -> None:
        """Note a repair; `word` fills the gap in its sentence."""
        self._counts[kind] += count
        self._words[kind] = word

    def repairs(self) -> list[Repair]:
        """What was noted, in the order of first appearance."""
        return [
            Repair(
                file=self._file,
                kind=kind,
                sentence=_SENTENCES[kind].format(self._words[kind]),
                count=count,
            )
            for kind, count in self._counts.items()
        ]


def mend_header(cells: Sequence[str], *, notes: Notes) -> tuple[str, ...]:
    """Names without spaces around them, none empty, all different."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = _printable(cell).strip()
        if name != cell:
            notes.add("header-spaces")
        if not name:
            notes.add("header-unnamed")
            name = f"column {number}"
        if name in names:
            notes.add("header-twice")
            name = _another(name, taken=names)
        names.append(name)
    return tuple(names)


def _printable(cell: str) -> str:
    """Without zero bytes and a second byte order mark; broken bytes become a sign for that."""
    clean = cell.lstrip("\ufeff").replace("\0", "")
    return clean.encode("utf-8", "replace").decode()


def _another(name: str, *, taken: Sequence[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


class Fitter:
    """Makes a row as wide as the header where that is safe.

    A comma inside an unquoted text makes a row too wide. When one column holds free text and all
    others come from a small set of values, there is at most one way to join the cells again so
    that those others are known values: then it is done.
    """

    def __init__(
        self, columns: Sequence[str], *, sample: Iterable[Sequence[str]], delimiter: str
    ) -> None:
        self._width = len(columns)
        self._delimiter = delimiter
        rows = [row for row in sample if len(row) == self._width]
        known = [{row[column] for row in rows} for column in range(self._width)]
        free = [
            column
            for column, values in enumerate(known)
            if 2 * len(values) > len(rows) and any(" " in value for value in values)
        ]
        self._free = free[0] if len(free) == 1 and len(rows) > 1 else None
        self._known = known

    def fit(self, cells: list[str], *, notes: Notes) -> list[str] | None:
        """The cells of a row, as many as columns; None when that would be a guess."""
        extra = len(cells) - self._width
        if extra < 0:
            notes.add("short-rows")
            return cells + [""] * -extra
        if extra == 0:
            return cells
        if not any(cell.strip() for cell in cells[self._width :]):
            notes.add("spare-cells")
            return cells[: self._width]
        return self._join(cells, extra=extra, notes=notes)

    def _join(self, cells: list[str], *, extra: int, notes: Notes) -> list[str] | None:
        if self._free is None:
            return None
        start, end = self._free, self._free + extra + 1
        joined = [*cells[:start], self._delimiter.join(cells[start:end]), *cells[end:]]
        others = ((n, cell) for n, cell in enumerate(joined) if n != self._free)
        if not all(cell in self._known[n] for n, cell in others):
            return None
        notes.add("unquoted-delimiter", word=self._delimiter)
        return joined
