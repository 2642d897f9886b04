"""What an opened table is, whatever its format. Only shapes, no reading."""

from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple, Protocol

from zeroapp.dataset import Cells, Repair, SetAside

MAX_FIELD = 1 << 20
"""Characters of one cell; a row with a longer one is set aside."""

_SHOWN = 200


class TableRow(NamedTuple):
    """A row that was read: the line it starts on (1 is the first of the file) and its cells."""

    line: int
    cells: Cells


class Table(Protocol):
    """A table that can be read once.

    columns: complete after `read`; before it, those of the first rows. delimiter is "" where
    there is none. bytes and sha256 are of the file as it was when opened.
    """

    path: Path
    name: str
    encoding: str
    delimiter: str
    bytes: int
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""

    def read(self) -> Generator[TableRow | SetAside, None, None]:
        """Every row of the file in order, read or set aside; closing it closes the file."""

    def position(self) -> int:
        """How many bytes of the file have been read."""

    def repairs(self) -> list[Repair]:
        """What was put right so far; complete once `read` has ended."""


def aside(file: str, *, line: int, reason: str, raw: str) -> SetAside:
    """A row set aside: broken bytes are shown by their numbers, zero bytes as a visible sign."""
    shown = raw[:_SHOWN].rstrip("\n").encode("utf-8", "backslashreplace").decode()
    return SetAside(
        file=file, line=line, reason=reason, raw=shown.replace("\0", "\N{SYMBOL FOR NULL}")[:_SHOWN]
    )
