"""A longer text in a plain file (a novel, a diary) as paragraphs, its lines put together again."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from zeroapp.data.dialect import ONE_COLUMN, recognise
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned, broken
from zeroapp.data.faults import reading
from zeroapp.data.lines import Lines
from zeroapp.data.listed import ListedTable
from zeroapp.data.table import MAX_FIELD, TableRow, aside
from zeroapp.dataset import SetAside

_LOOK_AT = 1 << 16
_FEWEST = 20
"""Breaks inside paragraphs from which on a margin can be told; paragraphs, where each is a line."""

_ALONE = 0.8
"""Of the paragraphs of such a text, how many are a line: the others are verses and the like."""

_SHARE = 0.7
"""Of those, how many stand at the margin: the next word would not have fitted. In poems, lists and
tables it is a few."""

_MARGINS = range(40, 121)
_FEW_ABOVE = 0.03
"""Lines that may go beyond the margin: a long address, a rule."""

_BEGINS = re.compile(rb"^\*\*\* ?START OF TH[A-Z]+ PROJECT GUTENBERG", re.MULTILINE)
_EDGE = re.compile(r"\*\*\* ?(START|END) OF TH[A-Z]+ PROJECT GUTENBERG")
_BYTES = "It holds bytes that are no letters in this file's encoding ({})."
_AROUND = "It stands before or after the text itself: words of Project Gutenberg."

Block = tuple[int, list[str]]
"""The number of its first line, and its lines."""


def margin_of(scanned: Scanned) -> int | None:
    """Where the lines of a longer text end; 0 where each paragraph is a line; None: it is none."""
    lines = scanned.head[:_LOOK_AT].decode(scanned.encoding, "replace").splitlines()
    blocks = [block for _, block in _blocks(enumerate(lines, start=1))]
    if any("\t" in line for line in lines):
        return None
    return _margin(lines, blocks=blocks) or (0 if _by_lines(lines, blocks=blocks) else None)


def _by_lines(lines: Sequence[str], *, blocks: Sequence[Sequence[str]]) -> bool:
    """Whether blank lines part paragraphs that are a line each, and nothing looks like a table."""
    alone = sum(len(block) == 1 for block in blocks)
    if len(blocks) < _FEWEST or alone < _ALONE * len(blocks):
        return False
    dialect = recognise(lines, tabs_likely=False)
    return dialect.delimiter == ONE_COLUMN and not dialect.header


def _margin(lines: Sequence[str], *, blocks: Sequence[Sequence[str]]) -> int:
    """Where lines were broken at a margin, or 0."""
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    breaks = [pair for block in blocks for pair in pairwise(block)]
    if len(breaks) < _FEWEST:
        return 0
    margin = lengths[int((1 - _FEW_ABOVE) * (len(lengths) - 1))]
    full = sum(_full(line, following, margin=margin) for line, following in breaks)
    return margin if margin in _MARGINS and full >= _SHARE * len(breaks) else 0


def open_prose(path: Path, *, scanned: Scanned, off: frozenset[str], margin: int) -> ListedTable:
    """A row for each paragraph, at the line it begins with. Lines that end at the margin (0: there
    is none) are joined to the next; those that end before it, as in a verse, stay lines. What
    Project Gutenberg puts around its texts, terms of many pages, is set aside.
    """

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        broken_up = margin and notes.wants("margin")
        inside = not _BEGINS.search(scanned.head[:_LOOK_AT])
        with reading(path), Lines(path, encoding=scanned.encoding) as lines:
            for number, block in _blocks((lines.record.pop().number, text) for text in lines):
                text = "\n".join(block)
                edge = _EDGE.match(text)
                if edge or not inside:
                    inside = edge[1] == "START" if edge else inside
                    yield aside(path.name, line=number, reason=_AROUND, raw=text)
                    continue
                if broken(text, encoding=scanned.encoding):
                    reason = _BYTES.format(scanned.encoding)
                    yield aside(path.name, line=number, reason=reason, raw=text)
                    continue
                if broken_up and (whole := _joined(block, margin=margin)) != text:
                    notes.add("margin", change=(text, whole))
                    text = whole
                yield TableRow(number, {"text": text})

    notes = Notes(path.name, off=off)
    return ListedTable(path, scanned=scanned, columns=("text",), rows=rows, notes=notes)


def _blocks(lines: "Iterator[tuple[int, str]] | enumerate[str]") -> Iterator[Block]:
    """Lines without a blank one between; one without end is parted."""
    first, block, size = 0, list[str](), 0
    for number, raw in lines:
        line = raw.replace("\0", "").strip()
        if block and (not line or size > MAX_FIELD // 2):
            yield first, block
            block, size = [], 0
        if line:
            first = first if block else number
            block.append(line)
            size += len(line)
    if block:
        yield first, block


def _full(line: str, following: str, *, margin: int) -> bool:
    """Whether the next line's first word would have gone beyond the margin."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > margin


def _joined(block: Sequence[str], *, margin: int) -> str:
    text = block[0]
    for line, following in pairwise(block):
        text += (" " if _full(line, following, margin=margin) else "\n") + following
    return text
