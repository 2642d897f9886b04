"""The lines of a text file for the csv parser, in bounded memory, with a way to step back."""

import io
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from zeroapp.data.encoding import on_error

MAX_LINE = 4 << 20
"""Characters of one line; what is longer is cut and the row set aside."""


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
        newline = "" if _old_mac(path) else "\n"
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

    def _read(self) -> Line:
        text = self._text.readline(MAX_LINE + 1)
        if not text:
            raise StopIteration
        self._number += 1
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
