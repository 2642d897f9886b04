"""Pictures to be answered: a folder of them, one alone, or a table that names them. Keeps none."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned
from zeroapp.data.folders import kinds_of
from zeroapp.data.gate import no_tables
from zeroapp.data.listed import ListedTable
from zeroapp.data.picture_tables import Places
from zeroapp.data.readers import open_table
from zeroapp.data.table import Table, TableRow
from zeroapp.dataset import SetAside
from zeroapp.errors import DataError
from zeroapp.export.answerer import Answerer
from zeroapp.pictures import is_picture

FILE = "file"
Floats = NDArray[np.floating[Any]]


def open_asked(path: Path) -> Table:
    """The rows to answer: of a folder or a picture one a picture, else those of the table.

    Raises DataError("no-tables") for a folder without pictures, and what `open_table` raises.
    """
    if path.is_dir():
        members = [p for p in sorted(path.rglob("*")) if is_picture(p) and p.is_file()]
        return _listed(path, members)
    return _listed(path.parent, [path]) if is_picture(path) else open_table(path)


def _listed(folder: Path, members: Sequence[Path]) -> Table:
    if not members:
        raise no_tables(folder)
    notes = Notes(folder.name)
    kinds = kinds_of([m.parent.relative_to(folder).parts for m in members], notes=notes)
    columns = (FILE, *dict.fromkeys(name for kind in kinds for name in kind))

    def rows(_notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, (member, kind) in enumerate(zip(members, kinds, strict=True), start=1):
            yield TableRow(line, {FILE: member.relative_to(folder).as_posix(), **kind})

    scanned = Scanned(
        size=sum(m.stat().st_size for m in members), sha256="", encoding="utf-8", head=b""
    )
    table = ListedTable(folder, scanned=scanned, columns=columns, rows=rows, notes=notes)
    table.about = len(members)
    return table


def places(path: Path) -> Places:
    """Where the named pictures are looked for: in the folder, or beside the table."""
    return Places(path if path.is_dir() else path.parent)


def answers_to(answerer: Answerer, paths: Sequence[str]) -> list[Floats | None]:
    """Probabilities for each picture; None for one that cannot be opened."""
    try:
        return list(answerer.predict(paths)) if paths else []
    except (DataError, OSError, ValueError):
        if len(paths) == 1:
            return [None]
    return [answer for path in paths for answer in answers_to(answerer, [path])]
