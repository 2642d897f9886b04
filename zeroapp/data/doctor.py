"""Puts right what is plainly a slip of the pen in a table, and says so. Guesses no meaning."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from zeroapp.dataset import Change, Repair

_SHOWN = 3
_LENGTH = 160

_SENTENCES = {
    "title-rows": "Lines above the column names were left out.",
    "delimiter": "The cells are set apart by {}.",
    "carriage-returns": "Invisible line ends at the end of cells were removed.",
    "html-entities": "Letters written for web pages (such as &amp;) became plain letters.",
    "encoded-twice": "Letters that another program had torn in two (such as Ã©) are whole again.",
    "beside-table": "Text beside the table was left out.",
    "merged-cells": "Merged cells were filled: each row got the value it belongs to.",
    "macros": "The file carries macros. They were neither run nor kept.",
    "label-spelling": "Kinds that differ only in capitals or spaces became one.",
    "chat-layout": "Conversations were laid out as columns: what was asked, what was answered.",
    "quoted-replies": "Older mails quoted below an answer, and signatures, were left out.",
    "wrong-folder": "Folders that only wrap others were passed over to find the kinds.",
    "first-frame": "Of pictures that move, the first one was kept.",
    "page-breaks": "Words split at the end of a line were put together again.",
    "margin": "Lines that were broken at a margin were put together to paragraphs again.",
    "no-header": "The file has no line with column names; the columns were numbered.",
    "header-again": "Lines with the column names came again further down and were left out.",
    "header-spaces": "Spaces around column names were removed.",
    "header-unnamed": "Columns without a name were numbered.",
    "header-twice": "Column names that came twice got a number.",
    "byte-order-mark": "An invisible mark at the start of the file was left out.",
    "encoding": "The letters were read as {}. See whether they are right, or choose others.",
    "empty-rows": "Empty rows were left out.",
    "short-rows": "Rows with too few cells got empty ones.",
    "spare-cells": "Empty cells beyond the last column were left out.",
    "unquoted-delimiter": "Texts with an unquoted “{}” were put together again.",
    "stray-quotes": "Quotation marks that did not pair were kept as part of the text.",
    "line-ends": "Line ends inside unquoted cells became spaces.",
    "row-commas": "Commas at the end of rows were left out.",
    "nested-opened": "Objects inside a row became columns of their own.",
    "misnamed": "The file has the name of a spreadsheet, but is {}; it was read as such.",
    "nested-values": "Lists and objects inside a row were kept as JSON text.",
    "column-joined": "Columns that play the same part as others before were given their names.",
    "column-renamed": "Columns that differ only in capital letters were joined.",
}


NEEDED = frozenset(
    {
        *("first-frame", "header-unnamed", "header-twice", "byte-order-mark", "macros"),
        *("nested-values", "misnamed"),
    }
)
"""Repairs without which a file cannot be read, or not safely: they cannot be taken back."""


class Notes:
    """Counts what was put right in one file, with the first few cases before and after.

    off: kinds of repairs that the person does not want; `wants` says so to whoever mends.
    """

    def __init__(self, file: str, *, off: Collection[str] = ()) -> None:
        self.file = file
        self.off = frozenset(off) - NEEDED
        self._shown: dict[str, list[Change]] = {}
        self._counts: Counter[str] = Counter()
        self._words: dict[str, dict[str, None]] = {}

    def wants(self, kind: str) -> bool:
        """Whether this kind of repair may be made."""
        return kind not in self.off

    def fresh(self) -> "Notes":
        """Notes with nothing in them yet, for another reading of the same file."""
        return Notes(self.file, off=self.off)

    def add(
        self, kind: str, *, word: str = "", count: int = 1, change: tuple[str, str] | None = None
    ) -> None:
        """Note a repair; `word` fills the gap in its sentence, change is what was and what is."""
        self._counts[kind] += count
        self._words.setdefault(kind, {})[word] = None
        if change and len(shown := self._shown.setdefault(kind, [])) < _SHOWN:
            shown.append(Change(before=_short(change[0]), after=_short(change[1])))

    def repairs(self) -> list[Repair]:
        """What was noted, in the order of first appearance."""
        return [
            Repair(
                file=self.file,
                kind=kind,
                sentence=_SENTENCES[kind].format(" and ".join(self._words[kind])),
                count=count,
                shown=tuple(self._shown.get(kind, ())),
                lasting=kind in NEEDED,
            )
            for kind, count in self._counts.items()
        ]


def _short(text: str) -> str:
    clean = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\N{SYMBOL FOR NULL}")
    return clean[:_LENGTH]


def mend_header(cells: Sequence[str], *, notes: Notes) -> tuple[str, ...]:
    """Names without spaces around them, none empty, all different."""
    names: dict[str, None] = {}
    times: Counter[str] = Counter()
    for number, cell in enumerate(cells, start=1):
        name = plain = _printable(cell)
        if notes.wants("header-spaces"):
            name = " ".join(plain.split())
        if name != cell:
            notes.add("header-spaces", change=(cell, name))
        if not name.strip():
            name = f"column {number}"
            notes.add("header-unnamed", change=("", name))
        if name in names:
            name = _another(name, taken=names, times=times)
            notes.add("header-twice", change=(plain.strip(), name))
        names[name] = None
    return tuple(names)


def _printable(cell: str) -> str:
    """Without zero bytes and a second byte order mark; broken bytes become a sign for that."""
    clean = cell.lstrip("\ufeff").replace("\0", "")
    return clean.encode("utf-8", "replace").decode()


def _another(name: str, *, taken: Collection[str], times: Counter[str]) -> str:
    """The name with the first free number; times: where to go on looking."""
    number = times[name] or 2
    while f"{name} ({number})" in taken:
        number += 1
    times[name] = number + 1
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
            if not notes.wants("short-rows"):
                return None
            fitted = cells + [""] * -extra
            notes.add("short-rows", change=_rows(cells, fitted))
            return fitted
        if extra == 0:
            return cells
        if notes.wants("spare-cells") and not any(map(str.strip, cells[self._width :])):
            notes.add("spare-cells", change=_rows(cells, cells[: self._width]))
            return cells[: self._width]
        return self._join(cells, extra=extra, notes=notes)

    def _join(self, cells: list[str], *, extra: int, notes: Notes) -> list[str] | None:
        if self._free is None or not notes.wants("unquoted-delimiter"):
            return None
        start, end = self._free, self._free + extra + 1
        joined = [*cells[:start], self._delimiter.join(cells[start:end]), *cells[end:]]
        others = ((n, cell) for n, cell in enumerate(joined) if n != self._free)
        if not all(cell in self._known[n] for n, cell in others):
            return None
        notes.add("unquoted-delimiter", word=self._delimiter, change=_rows(cells, joined))
        return joined


def _rows(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """Two versions of a row, as they are shown."""
    return " | ".join(before), " | ".join(after)
