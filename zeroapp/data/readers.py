"""Opens a file of rows, whatever its format. The door for everyone who reads a person's table."""

from collections.abc import Callable
from pathlib import Path

from zeroapp.data.csv_rows import CsvTable
from zeroapp.data.encoding import scan
from zeroapp.data.faults import reading
from zeroapp.data.gate import JSON, admit
from zeroapp.data.json_rows import JsonTable
from zeroapp.data.table import Table, TableRow

__all__ = ["Table", "TableRow", "open_table"]


def open_table(path: Path, *, watch: Callable[[int], None] | None = None) -> Table:
    """The table in a csv, tsv, txt, jsonl or json file of up to 1 GiB, in bounded memory.

    The file is read once from end to end for its hash and encoding (`watch` is told the bytes so
    far), then once more row by row by `Table.read`. Raises DataError("file-missing",
    "unknown-format", "empty-file", "no-rows", "not-a-table", "file-too-large") and
    ResourceError("no-permission", "file-unreadable"). Rows that cannot be read never raise: they
    come as SetAside. A .json list is held in memory whole and may have 256 MiB.
    """
    admit(path)
    with reading(path):
        scanned = scan(path, watch=watch)
    if path.suffix.lower() in JSON:
        return JsonTable(path, scanned=scanned)
    return CsvTable(path, scanned=scanned)
