"""Opens a file of rows, whatever its format. The door for everyone who reads a person's table."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from zeroapp.data.csv_rows import CsvTable
from zeroapp.data.documents import open_document
from zeroapp.data.encoding import Scanned, scan, tell_letters
from zeroapp.data.faults import reading
from zeroapp.data.gate import (
    ARCHIVES,
    DOCUMENTS,
    JSON,
    MAIL,
    PAGE,
    PARQUET,
    PLAIN,
    SHEETS,
    TEXTS,
    admit,
    packed_up,
    text_inside,
)
from zeroapp.data.json_rows import JsonTable
from zeroapp.data.mails import is_mailbox, open_mails
from zeroapp.data.mending import MendedTable
from zeroapp.data.messengers import is_whatsapp, open_whatsapp
from zeroapp.data.parquet_rows import open_parquet
from zeroapp.data.prose import margin_of, open_prose
from zeroapp.data.sheets import open_sheets
from zeroapp.data.table import Table, TableRow

__all__ = ["Table", "TableRow", "open_table", "open_tables"]


def open_table(
    path: Path, *, watch: Callable[[int], None] | None = None, off: Collection[str] = ()
) -> Table:
    """The first table in a file of up to 1 GiB: all of it, or the first sheet of a workbook.

    The file is read once from end to end for its hash and encoding (`watch` is told the bytes so
    far), then once more row by row by `Table.read`, in bounded memory (what is held whole is said
    in the format's own module). off: kinds of repairs not to make. Raises
    DataError("file-missing", "unknown-format", "unsafe-file", "locked-file", "empty-file",
    "no-rows", "not-a-table", "file-too-large", "no-permission",
    "file-unreadable"). Rows that cannot be read never raise: they come as SetAside. A .json list
    is held in memory whole and may have 256 MiB.
    """
    return next(open_tables(path, watch=watch, off=off))


def open_tables(
    path: Path,
    *,
    watch: Callable[[int], None] | None = None,
    off: Collection[str] = (),
    encoding: str = "",
) -> Iterator[Table]:
    """Every table in a file, one after the other: read each before the next. See `open_table`.

    encoding: the one to read its letters in, where that is not to be guessed.
    """
    admit(path)
    if path.suffix.lower() in ARCHIVES:
        raise packed_up(path)
    with reading(path):
        scanned = scan(path, watch=watch, off=off, encoding=encoding)
    inside = text_inside(scanned.head) if path.suffix.lower() in SHEETS else ""
    for table in _tables(path, scanned=scanned, inside=inside, off=frozenset(off)):
        mended = MendedTable(table, off=off)
        if (inside or path.suffix.lower() in PLAIN - MAIL) and scanned.doubtful:
            tell_letters(mended.told, scanned.head, encoding=scanned.encoding)
        if inside:
            mended.told("misnamed", word=inside)
        yield mended


def _tables(path: Path, *, scanned: Scanned, inside: str, off: frozenset[str]) -> Iterator[Table]:
    suffix = path.suffix.lower()
    if inside:
        yield _misnamed(path, inside=inside, scanned=scanned, off=off)
    elif suffix in SHEETS:
        yield from open_sheets(path, scanned=scanned, off=off)
    elif suffix in PARQUET:
        yield open_parquet(path, scanned=scanned, off=off)
    elif suffix in DOCUMENTS:
        yield open_document(path, scanned=scanned, off=off)
    elif suffix in MAIL or (suffix in TEXTS and is_mailbox(scanned)):
        yield open_mails(path, scanned=scanned, off=off)
    elif suffix in JSON:
        yield JsonTable(path, scanned=scanned, off=off)
    elif suffix in TEXTS and is_whatsapp(scanned):
        yield open_whatsapp(path, scanned=scanned, off=off)
    elif suffix in TEXTS and (margin := margin_of(scanned)) is not None:
        yield open_prose(path, scanned=scanned, off=off, margin=margin)
    else:
        yield CsvTable(path, scanned=scanned, off=off)


def _misnamed(path: Path, *, inside: str, scanned: Scanned, off: frozenset[str]) -> Table:
    """What shops and banks offer as “.xls”: a page with a table, or plain cells."""
    if inside == PAGE:
        return open_document(path, scanned=scanned, off=off, suffix=".html")
    return CsvTable(path, scanned=scanned, off=off)
