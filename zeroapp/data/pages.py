"""Web pages as paragraphs and tables. Loads nothing from anywhere: only the given text is read."""

import re
from typing import Any

_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST = 100
"""Rows or columns that one cell may span."""

_DROPPED = ("script", "style", "noscript", "template", "head", "svg")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    {"p", "li", "div", "blockquote", "pre", "dd", "dt", "section", "article", "body", "td", "th"}
    | {"main", "header", "footer", "nav", "aside", "figcaption", "ul", "ol", "dl", "table", "tr"}
    | {"tbody", "thead", "form", "center", "caption", "option", "address", "details", "summary"}
)


def blocks_of_html(text: str) -> tuple[list[tuple[int, str, str]], list[list[list[str]]]]:
    """Paragraphs outside tables (line, text, the heading above), and the tables as grids.

    Entities are characters afterwards; scripts and styles are left out. Never raises: the parser
    makes the best of any text, down to nothing.
    """
    root = _tree(text)
    if root is None:
        return [], []
    grids = [_grid(table) for table in root.iter("table")]
    for table in list(root.iter("table")):
        if table.getparent() is not None and any(len(row) > 1 for row in _grid(table)):
            table.drop_tree()
    return _blocks(root), [grid for grid in grids if any(len(row) > 1 for row in grid)]


def text_of_html(text: str) -> str:
    """All text of a page, a line for each paragraph."""
    root = _tree(text)
    return "" if root is None else "\n".join(block for _, block, _ in _blocks(root, inline=True))


def _tree(text: str) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    data = text.encode("utf-8", "replace").replace(b"\0", b"")
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    _clean(root)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    for part in list(root.iter("br")):
        part.tail = "\n" + (part.tail or "")
    return root


def _clean(root: Any) -> None:
    """Leave out control characters: a text that has them can be read but not be written anew."""
    for part in root.iter():
        for place in ("text", "tail"):
            text = getattr(part, place)
            if text and _CONTROLS.search(text):
                setattr(part, place, _CONTROLS.sub("", text))


def _blocks(root: Any, *, inline: bool = False) -> list[tuple[int, str, str]]:
    """The texts of the innermost blocks, in order; inline: headings are texts too."""
    found: list[tuple[int, str, str]] = []
    heading = ""
    waiting: list[str] = []
    at = 1

    def end() -> None:
        nonlocal waiting
        lines = (" ".join(line.split()) for line in "".join(waiting).split("\n"))
        if text := "\n".join(filter(None, lines)):
            found.append((at, text, heading))
        waiting = []

    for event, part in _walk(root):
        block = part.tag in _BLOCKS
        if block:
            if event == "end" and part.tag in _HEADINGS and not inline:
                heading = " ".join("".join(waiting).split()) or heading
                waiting = []
            end()
            at = part.sourceline or at
        if event == "start" and part.text:
            waiting.append(part.text)
        if event == "end" and part.tail:
            waiting.append(part.tail)
    end()
    return found


def _walk(root: Any) -> Any:
    from lxml import etree

    return (
        (event, part)
        for event, part in etree.iterwalk(root, events=("start", "end"))
        if isinstance(part.tag, str)
    )


def _grid(table: Any) -> list[list[str]]:
    """Its cells; one that spans several rows stands in each, one over several columns in the first
    of them.
    """
    grid: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}  # column: how many rows more, and what they hold
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _carry(cells, spans)
            text = " ".join(cell.text_content().split())
            for column in range(len(cells), len(cells) + _span(cell, "colspan")):
                spans[column] = _span(cell, "rowspan") - 1, text
                cells.append(text)
                text = ""
        _carry(cells, spans)
        grid.append(cells)
    return grid


def _carry(cells: list[str], spans: dict[int, tuple[int, str]]) -> None:
    """Add what cells above give to the next columns of a row."""
    while (more := spans.get(len(cells), (0, "")))[0] > 0:
        spans[len(cells)] = more[0] - 1, more[1]
        cells.append(more[1])


def _span(cell: Any, name: str) -> int:
    said = cell.get(name, "").strip()
    return min(max(1, int(said)), _WIDEST) if said.isdecimal() and len(said) < 9 else 1  # noqa: PLR2004 - no table is as large
