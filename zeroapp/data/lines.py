"""The lines of a text file for the csv parser, in bounded memory, with a way to step back."""

import io
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from zeroapp.data.encoding import on_error

MAX_LINE = 4 << 20
"""Characters of one line; what is longer is cut and the row set aside."""

MARK = "\ufeff"
"""What may begin a file; where files were put together it begins lines further down."""

END = "\x1a"
"""Alone in the last line: what DOS ended its files with."""

_BLOCK = 1 << 16
"""Characters of a block, to which what its last line lacks is added."""


class Line(NamedTuple):
    """A line with its end, one newline unless the file ends. cut: there was more of it."""

    number: int
    text: str
    cut: bool = False


class Lines:
    """Iterates the texts of the lines and remembers those of the current record.

    `csv.reader` takes lines one by one until a record is whole. When that goes wrong the
    record's lines, all or all but the first, can be put back and read another way.
    """

    def __init__(self, path: Path, *, encoding: str) -> None:
        self._raw = path.open("rb")
        self._old_mac = _old_mac(path)
        newline = "" if self._old_mac else "\n"
        self._text = io.TextIOWrapper(
            self._raw, encoding=encoding, errors=on_error(encoding), newline=newline
        )
        self._number = 0
        self._waiting: deque[Line] = deque()
        self.record: list[Line] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._text.close()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        self.record.append(line)
        return line.text

    def position(self) -> int:
        """Bytes read from the file so far; somewhat ahead of the line."""
        return 0 if self._raw.closed else self._raw.tell()

    def put_back(self, lines: list[Line]) -> None:
        """Let these lines come again next."""
        self._waiting.extendleft(reversed(lines))

    def peek(self) -> str:
        """The text of the next line, which still comes; "" at the end."""
        if not self._waiting:
            try:
                self._waiting.append(self._read())
            except StopIteration:
                return ""
        return self._waiting[0].text

    @property
    def waiting(self) -> bool:
        """Whether lines were put back that have not come again."""
        return bool(self._waiting)

    def block(self) -> str:
        """Many lines at once, as they stand in the file, for a reader in a hurry.

        They count as read only when `pass_over` says so, or come one by one after `unread`.
        Gives "" when lines are waiting, when they do not end with newlines, and at the end.
        """
        if self._waiting or self._old_mac:
            return ""
        text = self._text.read(_BLOCK)
        if text and not text.endswith("\n"):
            begun = len(text) - text.rfind("\n") - 1
            text += self._text.readline(MAX_LINE + 1 - begun)
        return text

    def pass_over(self, count: int) -> int:
        """So many lines of a block are done with; gives the number of the first of them."""
        first = self._number + 1
        self._number += count
        return first

    def unread(self, block: str) -> None:
        """Let the lines of a block come one by one."""
        texts = block.split("\n")
        last = texts.pop()
        self._waiting.extend([self._line(f"{text}\n") for text in texts])
        if last:
            self._waiting.append(self._line(last))

    def _read(self) -> Line:
        text = self._text.readline(MAX_LINE + 1)
        if not text:
            raise StopIteration
        return self._line(text)

    def _line(self, text: str) -> Line:
        self._number += 1
        text = text.removeprefix(MARK)
        if text.rstrip("\r\n") == END:
            text = "\n"
        cut = len(text) > MAX_LINE
        if cut:
            text = text[:MAX_LINE] + "\n"
            while (more := self._text.readline(MAX_LINE)) and not more.endswith(("\n", "\r")):
                pass
        elif text.endswith(("\r\n", "\r")):
            text = text.rstrip("\r\n") + "\n"
        return Line(self._number, text, cut)


def _old_mac(path: Path) -> bool:
    """Whether lines end with a carriage return alone."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    return b"\r" in head and b"\n" not in head
