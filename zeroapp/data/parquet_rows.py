"""Parquet files as tables, a few thousand rows at a time. Only this and its program know arro3."""

import subprocess
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.data import parquet_stream
from zeroapp.data.chats import laid_out
from zeroapp.data.doctor import Notes, mend_header
from zeroapp.data.encoding import Scanned
from zeroapp.data.gate import damaged, decoding, without_rows
from zeroapp.data.listed import ListedTable
from zeroapp.data.table import TableRow, aside
from zeroapp.dataset import Cells, SetAside
from zeroapp.programs import script_command

_BATCH = 2048
_KIND = "a Parquet file"
_BYTES = "It holds bytes (a picture or a sound), which are no text."


def open_parquet(path: Path, *, scanned: Scanned, off: frozenset[str]) -> ListedTable:
    """The file's rows; lists and objects become JSON text, conversations columns.

    Raises DataError("not-a-table", "no-rows"). A row's line is its number.
    """
    notes = Notes(path.name, off=off)
    batches = _batches(path)
    first = next(batches, None)
    if first is None or not first.num_rows or not first.num_columns:
        raise without_rows(path)
    columns = mend_header(first.schema.names, notes=notes)

    def rows(notes: Notes, batches: Iterable[Any]) -> Iterator[TableRow | SetAside]:
        line = 0
        for batch in batches:
            cells = [batch.column(n).to_pylist() for n in range(len(columns))]
            for values in zip(*cells, strict=True):
                line += 1
                yield _row(path.name, line, dict(zip(columns, values, strict=True)), notes)

    sample = islice(rows(notes.fresh(), [first]), 20)
    seen = dict.fromkeys(c for item in sample if isinstance(item, TableRow) for c in item.cells)
    return ListedTable(
        path,
        scanned=scanned,
        columns=tuple(seen) or columns,
        rows=lambda notes: rows(notes, chain([first], batches)),
        notes=notes,
    )


def _batches(path: Path) -> Iterator[Any]:
    """The file in record batches, read by a process of its own: a damaged file can end that."""
    from arro3.core import RecordBatch
    from arro3.io import read_ipc_stream

    command = [*script_command(parquet_stream.__file__), str(path), str(_BATCH)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with process, decoding(path, kind=_KIND):
        assert process.stdout
        try:
            for batch in read_ipc_stream(process.stdout):
                yield RecordBatch.from_arrow(batch)
            if code := process.wait():
                raise damaged(path, kind=_KIND, detail=f"its reader ended with {code}")
        finally:
            process.kill()


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
