"""Parquet files as tables, a few thousand rows at a time. The only file that imports arro3."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.data.chats import laid_out
from zeroapp.data.doctor import Notes, mend_header
from zeroapp.data.encoding import Scanned
from zeroapp.data.gate import decoding, without_rows
from zeroapp.data.listed import ListedTable
from zeroapp.data.table import TableRow, aside
from zeroapp.dataset import Cells, SetAside

_BATCH = 2048
_KIND = "a Parquet file"
_BYTES = "It holds bytes (a picture or a sound), which are no text."


def open_parquet(path: Path, *, scanned: Scanned, off: frozenset[str]) -> ListedTable:
    """The file's rows; lists and objects become JSON text, conversations columns.

    Raises DataError("not-a-table", "no-rows"). A row's line is its number.
    """
    notes = Notes(path.name, off=off)
    reader = _reader(path)
    with decoding(path, kind=_KIND):
        named = [field.name for field in reader.schema]
    first = next(_batches(path), None)
    if not named or first is None or not first.num_rows:
        raise without_rows(path)
    columns = mend_header(named, notes=notes)

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        line = 0
        for batch in _batches(path):
            cells = [batch.column(n).to_pylist() for n in range(len(columns))]
            for values in zip(*cells, strict=True):
                line += 1
                yield _row(path.name, line, dict(zip(columns, values, strict=True)), notes)

    sample = [item for item, _ in zip(rows(notes.fresh()), range(20), strict=False)]
    seen = dict.fromkeys(c for item in sample if isinstance(item, TableRow) for c in item.cells)
    return ListedTable(
        path, scanned=scanned, columns=tuple(seen) or columns, rows=rows, notes=notes
    )


def _reader(path: Path) -> Any:
    from arro3.io import read_parquet

    with decoding(path, kind=_KIND):
        return read_parquet(path, batch_size=_BATCH)


def _batches(path: Path) -> Iterator[Any]:
    from arro3.core import RecordBatch

    reader = iter(_reader(path))
    while True:
        with decoding(path, kind=_KIND):
            batch = next(reader, None)
        if batch is None:
            return
        yield RecordBatch.from_arrow(batch)


def _row(file: str, line: int, values: dict[str, Any], notes: Notes) -> TableRow | SetAside:
    if any(isinstance(value, bytes) for value in values.values()):
        return aside(file, line=line, reason=_BYTES, raw=repr(values)[:200])
    values = laid_out(values, notes=notes)
    cells: Cells = {}
    for name, value in values.items():
        cells[name] = _text(value, notes=notes)
    return TableRow(line, cells)


def _text(value: Any, *, notes: Notes) -> str:
    if isinstance(value, str):
        return value.replace("\0", "")
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict | list):
        notes.add("nested-values")
        return msgspec.json.encode(value, enc_hook=str).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
