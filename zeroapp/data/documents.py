"""Texts of documents (md, docx, pdf, html) as rows. Each library is loaded where it is needed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from zeroapp.data.containers import BROKEN, admit_office
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned
from zeroapp.data.faults import reading
from zeroapp.data.gate import damaged, locked, without_rows
from zeroapp.data.headers import Head
from zeroapp.data.listed import ListedTable
from zeroapp.data.pages import blocks_of_html
from zeroapp.data.table import TableRow, aside
from zeroapp.dataset import SetAside

COLUMNS = ("text", "heading")
_NO_TEXT = "This page is a picture: it holds no text that can be read."
_BESIDE = "It stands beside the table, not in it."
_SPLIT_WORD = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[a-zà-öø-ÿ])")
_TABLE_SHARE = 0.5

Block = tuple[int, str, str]
"""A line or page number, a text and the heading above it."""
Grid = list[list[str]]


def open_document(
    path: Path, *, scanned: Scanned, off: frozenset[str], suffix: str = ""
) -> ListedTable:
    """One row for each paragraph, of a PDF for each page; of a document that mainly is a table,
    its rows. suffix: what it is, where its name says something else.

    Raises DataError("not-a-table", "locked-file", "unsafe-file", "no-rows").
    """
    notes = Notes(path.name, off=off)
    rows, columns = _READERS[suffix or path.suffix.lower()](path, scanned, notes)
    if next(rows(notes.fresh()), None) is None:
        raise without_rows(path)
    return ListedTable(path, scanned=scanned, columns=columns, rows=rows, notes=notes)


def whole_text(table: ListedTable) -> str:
    """All texts of a document as one, paragraphs apart."""
    texts = (item.cells.get("text", "") for item in table.read() if isinstance(item, TableRow))
    return "\n\n".join(filter(None, texts))


_Rows = Callable[[Notes], Iterator[TableRow | SetAside]]
_Read = tuple[_Rows, tuple[str, ...]]


def _from_blocks(blocks: list[Block]) -> _Read:
    def rows(_: Notes) -> Iterator[TableRow | SetAside]:
        for line, text, heading in blocks:
            yield TableRow(line, {"text": text, "heading": heading})

    headed = any(heading for _, _, heading in blocks)
    return rows, COLUMNS if headed else COLUMNS[:1]


def _from_grid(grid: Grid, *, beside: list[tuple[int, str]], notes: Notes) -> _Read:
    width = max(map(len, grid))
    even = [row + [""] * (width - len(row)) for row in grid]
    head = Head(even, notes=notes)

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, cells in head.rows(even, notes=notes):
            yield TableRow(line, cells)
        for line, text in beside:
            yield aside(notes.file, line=line, reason=_BESIDE, raw=text)

    return rows, head.columns


def _chosen(blocks: list[Block], grids: list[Grid], *, notes: Notes) -> _Read:
    """The largest table where most of the text stands in it, with others of the same columns, and
    what stands beside it set aside; else the paragraphs.
    """
    largest = max(grids, key=len, default=[])
    alike = [other for other in grids if other[:1] == largest[:1] and other is not largest]
    grid = [*largest, *(row for other in alike for row in other[1:])]
    inside = sum(len(cell) for row in grid for cell in row)
    outside = sum(len(text) for _, text, _ in blocks)
    wide = len(grid) > 2 and max(map(len, grid)) > 1  # noqa: PLR2004 - names and two rows
    most = inside > _TABLE_SHARE * (inside + outside)
    if wide and most and notes.wants("beside-table"):
        beside = _with_rows(blocks, [other for other in grids if other[:1] != largest[:1]])
        if beside:
            notes.add("beside-table", count=len(beside), change=(beside[0][1], ""))
        return _from_grid(grid, beside=[(line, text) for line, text, _ in beside], notes=notes)
    return _from_blocks(_with_rows(blocks, grids))


def _with_rows(blocks: list[Block], grids: list[Grid]) -> list[Block]:
    """The paragraphs, and after them the rows of tables as texts."""
    last = blocks[-1][0] if blocks else 0
    texts = [" | ".join(filter(None, row)) for grid in grids for row in grid]
    return [*blocks, *((last + n, text, "") for n, text in enumerate(texts, start=1) if text)]


def _markdown(path: Path, scanned: Scanned, _: Notes) -> _Read:
    from markdown_it import MarkdownIt

    with reading(path):
        text = path.read_bytes().decode(scanned.encoding, "replace").replace("\0", "")
    blocks: list[Block] = []
    heading, line, titled = "", 1, False
    for token in MarkdownIt("commonmark", {"maxNesting": 20}).parse(text):
        line = token.map[0] + 1 if token.map else line
        titled = token.type == "heading_open" or (titled and token.type != "heading_close")
        content = token.content.strip()
        if token.type == "inline" and token.children is not None:
            content = "".join(_marked(child) for child in token.children).strip()
        elif token.type not in ("fence", "code_block"):
            content = ""
        if titled:
            heading = content or heading
        elif content:
            blocks.append((line, content, heading))
    return _from_blocks(blocks)


def _marked(token: Any) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return str(token.content) if token.type in ("text", "code_inline", "image") else ""


def _docx(path: Path, _: Scanned, notes: Notes) -> _Read:
    from docx import Document
    from docx.opc.exceptions import OpcError
    from docx.table import Table
    from lxml.etree import LxmlError

    if admit_office(path, kind="a Word file"):
        notes.add("macros")
    blocks: list[Block] = []
    grids: list[Grid] = []
    heading = ""
    try:
        for number, part in enumerate(Document(str(path)).iter_inner_content(), start=1):
            if isinstance(part, Table):
                grids.append([[c.text.strip() for c in row.cells] for row in part.rows])
                continue
            text = part.text.strip()
            style = part.style.name or "" if part.style is not None else ""
            if style.startswith(("Heading", "Title")):
                heading = text or heading
            elif text:
                blocks.append((number, text, heading))
    except (*BROKEN, OpcError, LxmlError, AttributeError, TypeError) as error:
        raise damaged(path, kind="a Word file", detail=repr(error)) from error
    return _chosen(blocks, grids, notes=notes)


def _html(path: Path, scanned: Scanned, notes: Notes) -> _Read:
    with reading(path):
        text = path.read_bytes().decode(scanned.encoding, "replace")
    blocks, grids = blocks_of_html(text)
    return _chosen(blocks, grids, notes=notes)


def _pdf(path: Path, _: Scanned, _notes: Notes) -> _Read:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD or "assword" in str(error):
            raise locked(path) from error
        raise damaged(path, kind="a PDF", detail=str(error)) from error
    with pdf:
        pages = [_page(pdf, number) for number in range(len(pdf))]

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for number, page in enumerate(pages, start=1):
            if page is None or not page.strip():
                yield aside(path.name, line=number, reason=_NO_TEXT, raw="")
                continue
            text = page
            if notes.wants("page-breaks") and (whole := _SPLIT_WORD.sub("", page)) != page:
                found = _SPLIT_WORD.search(page)
                at = found.start() if found else 0
                notes.add(
                    "page-breaks",
                    count=len(_SPLIT_WORD.findall(page)),
                    change=(page[max(0, at - 20) : at + 20], whole[max(0, at - 20) : at + 18]),
                )
                text = whole
            yield TableRow(number, {"text": text.strip(), "page": str(number)})

    return rows, ("text", "page")


def _page(pdf: Any, number: int) -> str | None:
    """The text of a page, lines apart; None when the page cannot be read."""
    import pypdfium2

    try:
        page = pdf[number]
        text = str(page.get_textpage().get_text_bounded())
    except pypdfium2.PdfiumError:
        return None
    return (
        text.replace("\r\n", "\n").replace("\ufffe", "-\n").replace("\x02", "-\n").replace("\0", "")
    )


_READERS: dict[str, Callable[[Path, Scanned, Notes], _Read]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
}
