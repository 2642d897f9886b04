"""A delimited text file as a table, row by row, with the slips of the pen put right."""

import csv
from collections import Counter
from collections.abc import Collection, Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path

from zeroapp.data.dialect import ONE_COLUMN, Dialect, begins_table, recognise
from zeroapp.data.doctor import Fitter, Notes, mend_header
from zeroapp.data.encoding import Scanned, broken
from zeroapp.data.faults import reading
from zeroapp.data.gate import TABLES, TABS, TEXTS, without_rows
from zeroapp.data.lines import END, MARK, MAX_LINE, Line, Lines
from zeroapp.data.quoting import split_loosely
from zeroapp.data.table import MAX_FIELD, Block, Item, TableRow, aside, one_by_one
from zeroapp.dataset import Repair, SetAside

_HEAD_LINES = 1000
_HEAD_CHARACTERS = 1 << 18
_MARKS = {";": "semicolons", "\t": "tabs", "|": "upright strokes", ",": "commas"}
_NUL = "It holds zero bytes, which no text has."
_BYTES = "It holds bytes that are no letters in this file's encoding ({})."
_LONG = "A cell has more than a million characters."
_WIDE = "It has {} cells where the table has {} columns."
_OTHER = "It belongs to another table, which begins in line {} after an empty one."
_QUOTES = "Its quotation marks do not pair, so its cells cannot be told apart."


class CsvTable:
    """See `Table`. Raises DataError("no-rows") when nothing is below the column names."""

    def __init__(self, path: Path, *, scanned: Scanned, off: Collection[str] = ()) -> None:
        self.path = path
        self.name = path.name
        self.encoding = scanned.encoding
        self.bytes = scanned.size
        self.sha256 = scanned.sha256
        self._notes = Notes(self.name, off=off)
        self._lines: Lines | None = None
        self._dialect = self._recognise()
        self.delimiter = self._dialect.delimiter.replace(ONE_COLUMN, "")
        self.columns = self._columns()
        rows = self._dialect.sample[1:] if self._dialect.header else self._dialect.sample
        self._fitter = Fitter(self.columns, sample=rows, delimiter=self._dialect.delimiter)
        self._names: list[str] | None = None
        # whether the last record was blank, and the line in which another table began below one
        self._blank, self._other = False, 0
        if self.encoding == "utf-8-sig":
            self._notes.add("byte-order-mark")

    def read(self) -> Generator[Item, None, None]:
        """Every row of the file in order, read or set aside."""
        return one_by_one(self)

    def blocks(self) -> Generator[Block | Item, None, None]:
        """The same, with whole blocks where all is in order."""
        # The parser's own limit is far below what a long e-mail needs; it is one number for the
        # whole process, and setting it to the same value twice does no harm.
        csv.field_size_limit(MAX_FIELD)
        with reading(self.path), Lines(self.path, encoding=self.encoding) as lines:
            self._lines = lines
            for _ in islice(lines, self._dialect.skip):
                pass
            records = self._records(lines)
            if self._dialect.header:
                next(records, None)
                again = len(self.columns) > 1 and self._notes.wants("header-again")
                self._names = list(self._dialect.sample[0]) if again else None
            yield from self._items(lines, records)

    def _items(
        self, lines: Lines, records: Iterator[tuple[int, list[str]] | SetAside]
    ) -> Iterator[Block | Item]:
        """Whole blocks where all is in order; record by record where anything is not."""
        while True:
            block = lines.block()
            if rows := self._in_order(block):
                self._blank, self._other = False, 0
                yield Block(lines.pass_over(len(rows)), self.columns, rows, block)
                continue
            lines.unread(block)
            for item in records:
                if isinstance(item, SetAside):
                    yield item
                else:
                    line, one = item
                    yield TableRow(line, dict(zip(self.columns, one, strict=True)))
                if not lines.waiting:
                    break
            else:
                return

    def _in_order(self, block: str) -> list[list[str]]:
        """The rows of a block that needs no mending: one on each line, each as wide as the table
        and none blank. [] when anything at all is odd; then `_records` looks closely.
        """
        texts = block.splitlines()
        # more lines than newlines: a return or another sign that parts lines is within a cell
        if len(texts) != block.count("\n") + (not block.endswith("\n")):
            return []
        if MARK in block or END in block:
            return []
        if len(texts[-1]) >= MAX_LINE or self._unreadable([Line(0, block)]):
            return []
        try:
            rows = list(csv.reader(texts, delimiter=self._dialect.delimiter, strict=True))
        except csv.Error:
            return []
        fits = len(rows) == len(texts) and set(map(len, rows)) == {len(self.columns)}
        fits = fits and self._names not in rows
        return rows if fits and all(map(str.strip, map("".join, rows))) else []

    def position(self) -> int:
        """How many bytes of the file have been read."""
        return self._lines.position() if self._lines else 0

    def repairs(self) -> list[Repair]:
        """What was put right so far."""
        return self._notes.repairs()

    def _records(self, lines: Lines) -> Iterator[tuple[int, list[str]] | SetAside]:
        """Records that are not blank, as wide as the table, with the line they start on."""
        parse = csv.reader(lines, delimiter=self._dialect.delimiter, strict=True)
        width = len(self.columns)
        while True:
            lines.record.clear()
            try:
                cells = next(parse)
            except StopIteration:
                return
            except csv.Error as error:
                result = self._recover(lines, error=str(error))
            else:
                result = cells if len(cells) == width or not cells else self._fit(cells, lines)
            start = lines.record[0]
            reason = self._unreadable(lines.record) or result
            self._blank = not "".join(reason).strip()
            if not (self._blank or isinstance(reason, str)):
                self._other = 0
            if isinstance(reason, str):
                yield aside(self.name, line=start.number, reason=reason, raw=start.text)
            elif reason == self._names:
                self._notes.add("header-again", change=(" | ".join(reason), ""))
            elif "".join(reason).strip() or not self._notes.wants("empty-rows"):
                yield start.number, reason or [""] * width
            else:
                self._notes.add("empty-rows")

    def _unreadable(self, record: Sequence[Line]) -> str:
        """Why these lines can never be a row, or ""."""
        for _, text, cut in record:
            if cut:
                return _LONG
            if "\0" in text:
                return _NUL
            if not text.isascii() and broken(text, encoding=self.encoding):
                return _BYTES.format(self.encoding)
        return ""

    def _fit(self, cells: list[str], lines: Lines) -> list[str] | str:
        """A record of another width than the table: its cells put right, or the reason."""
        if self._blank and begins_table(cells, below=self._below(lines)):
            self._other = lines.record[0].number
        if self._other:
            return _OTHER.format(self._other)
        if len(lines.record) > 1:
            if first := self._first_alone(lines):
                return first
            if self._swallowed(lines.record):
                return self._only_first(lines)
        fitted = self._fitter.fit(cells, notes=self._notes)
        return fitted or _WIDE.format(len(cells), len(self.columns))

    def _below(self, lines: Lines) -> list[str]:
        return split_loosely(lines.peek(), delimiter=self._dialect.delimiter)

    def _recover(self, lines: Lines, *, error: str) -> list[str] | str:
        """A record the parser refused: its cells, or the reason why there are none."""
        record = lines.record
        if error.startswith("new-line"):
            return self._without_line_ends(lines)
        if first := self._first_alone(lines):
            return first
        complete = "limit" not in error and "unexpected end" not in error
        if complete and not self._swallowed(record):
            whole = self._loosely("".join(line.text for line in record))
            if whole:
                return whole
        return self._only_first(lines)

    def _swallowed(self, record: Sequence[Line]) -> bool:
        """Whether a quotation mark that never closes has made one record of several rows."""
        delimiter, width = self._dialect.delimiter, len(self.columns)
        later = (split_loosely(line.text, delimiter=delimiter) for line in record[1:])
        return any(len(cells) == width for cells in later)

    def _only_first(self, lines: Lines) -> str:
        """Give up the first line of a record alone: the others come again as rows of their own."""
        record = lines.record
        lines.put_back(record[1:])
        del record[1:]
        return _LONG if len(record[0].text) > MAX_FIELD else _QUOTES

    def _first_alone(self, lines: Lines) -> list[str]:
        """The cells of the first line when it is a row by itself; the others are put back."""
        record = lines.record
        cells = self._loosely(record[0].text)
        if cells:
            lines.put_back(record[1:])
            del record[1:]
        return cells

    def _loosely(self, text: str) -> list[str]:
        """The cells of a text read without trust in its quotation marks; [] when they misfit."""
        if self._dialect.delimiter == ONE_COLUMN and len(self.columns) == 1:
            # The line is the cell: speech in quotation marks is no quoting.
            return [text.rstrip("\n")]
        cells = split_loosely(text, delimiter=self._dialect.delimiter)
        if len(cells) < len(self.columns) or not self._notes.wants("stray-quotes"):
            return []
        fitted = self._fitter.fit(cells, notes=self._notes) or []
        if fitted:
            self._notes.add("stray-quotes", change=(text.rstrip("\n"), " | ".join(fitted)))
        return fitted

    def _without_line_ends(self, lines: Lines) -> list[str] | str:
        """Carriage returns in a line: they part rows where each piece is one, else they are within
        bare cells.
        """
        if rows := self._parted_by_returns(lines):
            return rows
        text = "".join(line.text for line in lines.record).replace("\r", " ")
        cells = split_loosely(text, delimiter=self._dialect.delimiter)
        if len(cells) != len(self.columns) or not self._notes.wants("line-ends"):
            return self._only_first(lines)
        self._notes.add("line-ends", change=(lines.record[0].text, text))
        return cells

    def _parted_by_returns(self, lines: Lines) -> list[str]:
        """The cells of the first of several rows in a line; the others come as lines; [] else."""
        line, *more = lines.record
        texts = [f"{text}\n" for text in line.text.removesuffix("\n").split("\r") if text]
        cells = [split_loosely(text, delimiter=self._dialect.delimiter) for text in texts]
        width = len(self.columns)
        if more or width == 1 or not cells or any(len(row) != width for row in cells):
            return []
        first, *later = (Line(line.number, text) for text in texts)
        lines.record[:] = [first]
        lines.put_back(later)
        return cells[0]

    # --- before the first row ------------------------------------------------------------------

    def _recognise(self) -> Dialect:
        with reading(self.path), Lines(self.path, encoding=self.encoding) as lines:
            head: list[str] = []
            room = _HEAD_CHARACTERS
            for text in islice(lines, _HEAD_LINES):
                head.append(text)
                room -= len(text)
                if room < 0:
                    break
        if not any(text.strip() for text in head):
            raise without_rows(self.path)
        suffix = self.path.suffix.lower()
        dialect = recognise(
            head, tabs_likely=suffix in TABS, off=self._notes.off, prose=suffix in TEXTS
        )
        for title in dialect.titles:
            self._notes.add("title-rows", change=(title, ""))
        usual = "\t" if suffix in TABS else ","
        if suffix in TABLES and dialect.delimiter not in (usual, ONE_COLUMN):
            first = dialect.sample[0] if dialect.sample else ()
            shown = dialect.delimiter.join(first), " | ".join(first)
            self._notes.add(
                "delimiter",
                word=_MARKS.get(dialect.delimiter, f"“{dialect.delimiter}”"),
                change=shown,
            )
        if len(dialect.sample) <= dialect.header:
            raise without_rows(self.path)
        return dialect

    def _columns(self) -> tuple[str, ...]:
        first = self._dialect.sample[0]
        if self._dialect.header:
            return mend_header(first, notes=self._notes)
        widths = Counter(len(row) for row in self._dialect.sample)
        (width, _), *_ = widths.most_common(1)
        named = tuple(f"column {number}" for number in range(1, width + 1))
        self._notes.add("no-header", change=(" | ".join(first), " | ".join(named)))
        return named
