"""Spreadsheets (xlsx, xlsm, xlsb, xls, ods) as tables. The only file that imports python-calamine.

Formulas come as the values they had when the file was saved; nothing is ever calculated or run.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError, ParserCreate

import msgspec

from zeroapp.data.binary_sheets import span_of_xls, span_of_xlsb
from zeroapp.data.compound_file import CompoundFile
from zeroapp.data.containers import BROKEN, admit_office
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned
from zeroapp.data.gate import damaged, decoding, locked, unsafe, without_rows
from zeroapp.data.headers import Head
from zeroapp.data.listed import ListedTable
from zeroapp.data.table import TableRow
from zeroapp.dataset import SetAside

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_KIND = "a spreadsheet"
_OLD, _OPEN, _BINARY = ".xls", ".ods", ".xlsb"
_MAX_OLD = 100 << 20
_CELLS = 50_000_000
_COLUMNS = 16_384
"""Excel's own last column is XFD. Looking for names and roles in millions takes minutes."""
_FAR = "has cells so far apart that they would fill the memory"
_RETURN = "_x000D_"
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,4})(\d{1,10})["']""")
_BLOCK = 1 << 20
_OVERLAP = 64

Corner = tuple[int, int]


def open_sheets(path: Path, *, scanned: Scanned, off: frozenset[str]) -> Iterator[ListedTable]:
    """A table for each visible sheet with rows.

    Raises DataError("not-a-table", "locked-file", "unsafe-file", "no-rows"). A sheet is held in
    memory whole while it is read.
    """
    from python_calamine import CalamineError, PasswordError, load_workbook

    macros = path.suffix.lower() != _OLD and admit_office(path, kind=_KIND)
    if path.suffix.lower() == _OLD and scanned.size > _MAX_OLD:
        raise damaged(path, kind=_KIND, detail=f"{scanned.size} bytes")
    _refuse_endless(path)
    found = 0
    try:
        with decoding(path, kind=_KIND), load_workbook(path) as book:
            names = _visible(book)
            several = len(names) > 1
            for name in names:
                sheet = book.get_sheet_by_name(name)
                table = _table(path, sheet=sheet, scanned=scanned, off=off, several=several)
                if table is not None:
                    found += 1
                    if macros:
                        table.told("macros")
                    yield table
    except PasswordError:
        raise locked(path) from None
    except CalamineError as error:
        raise damaged(path, kind=_KIND, detail=str(error)) from error
    if not found:
        raise without_rows(path)


def _refuse_endless(path: Path) -> None:
    """Refuse what would fill the memory: the reader believes a file's own word on its size."""
    suffix = path.suffix.lower()
    try:
        if suffix == _OLD:
            span = max(map(span_of_xls, CompoundFile(path).parts("Workbook", "Book")), default=0)
        else:
            with zipfile.ZipFile(path) as file:
                span = _span(file, suffix=suffix)
    except (*BROKEN, OSError, ExpatError, ValueError) as error:
        raise damaged(path, kind=_KIND, detail=str(error)) from error
    if span > _CELLS:
        raise unsafe(path, why=_FAR)


def _span(file: zipfile.ZipFile, *, suffix: str) -> int:
    """Cells of the largest rectangle that a sheet spans; of ODS its reader minds that itself."""
    if suffix == _OPEN:  # its reader waits for ever for an end that is lost
        _read_to_its_end(file)
        return 0
    parts = [info for info in file.infolist() if not info.is_dir()]
    if suffix == _BINARY:
        return max((span_of_xlsb(file.read(info)) for info in parts), default=0)
    sheets = (info for info in parts if info.filename.lower().endswith(".xml"))
    return max((_cells(file, info) for info in sheets), default=0)


def _read_to_its_end(file: zipfile.ZipFile) -> None:
    """Raise ExpatError when the cells of an ODS file are not whole XML. Entities were refused."""
    with file.open("content.xml") as part:
        ParserCreate().ParseFile(part)


def _cells(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Cells of the rectangle that the places named in a sheet of Excel's span."""
    row = column = 0
    before = b""
    with file.open(info) as part:
        while block := part.read(_BLOCK):
            for letters, digits in set(_PLACE.findall(before + block)):
                row = max(row, int(digits))
                column = max(column, _number(letters))
            before = block[-_OVERLAP:]
    return row * column


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _visible(book: "CalamineWorkbook") -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
    ]


def _table(
    path: Path, *, sheet: "CalamineSheet", scanned: Scanned, off: frozenset[str], several: bool
) -> ListedTable | None:
    """The sheet as a table, or None when nothing is below its first row."""
    if sheet.end is None:
        return None
    height, width = (last + 1 for last in sheet.end)
    if width > _COLUMNS or height * width > _CELLS:
        raise unsafe(path, why=_FAR)
    grid = [_texts(row) for row in sheet.iter_rows()]
    notes = Notes(f"{path.name} › {sheet.name}" if several else path.name, off=off)
    if sum(any(map(str.strip, row)) for row in grid) < 2:  # noqa: PLR2004 - names and a row
        return None
    head = Head(grid, notes=notes)
    if notes.wants("merged-cells"):
        _fill(grid, sheet=sheet, below=head.skip, notes=notes)
    hashed = hashlib.sha256(f"{scanned.sha256}\0{sheet.name}".encode()).hexdigest()
    mine = msgspec.structs.replace(
        scanned, sha256=hashed if several else scanned.sha256, encoding="utf-8"
    )

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, cells in head.rows(grid, notes=notes):
            yield TableRow(line, cells)

    table = ListedTable(path, scanned=mine, columns=head.columns, rows=rows, notes=notes)
    table.about = len(grid) - head.skip
    return table


def _fill(grid: list[list[str]], *, sheet: "CalamineSheet", below: int, notes: Notes) -> None:
    """Give each cell of a merged block the value of its first; titles and names stay alone."""
    left = sheet.start[1] if sheet.start else 0
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        if top < below or not left <= first < left + len(grid[min(top, len(grid) - 1)]):
            continue
        for row in grid[top : bottom + 1]:
            value = grid[top][first - left]
            for column in range(first - left, min(len(row), last - left + 1)):
                if value and not row[column]:
                    row[column] = value
                    notes.add("merged-cells", change=("", value))


def _texts(row: list[Any]) -> list[str]:
    """A row's cells as texts; most rows of a sheet with one cell far away are empty."""
    return row if row.count("") == len(row) else [_text(value) for value in row]


def _text(value: object) -> str:
    """A cell as text: whole numbers without a point, dates in ISO form, midnight left out."""
    match value:
        case str():
            return value.replace(_RETURN, "").replace("\0", "")
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return "" if value is None else str(value)
