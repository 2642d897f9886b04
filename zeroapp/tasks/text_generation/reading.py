"""Makes examples of rows: pairs as they stand, and pairs by rule from texts in one's own voice.

Nothing is asked of anybody: what comes next in a text is what the model learns to write.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from zeroapp.dataset import Cells, Example, Roles, Row
from zeroapp.tasks.text_generation.talks import talks
from zeroapp.turns import question

PASSAGE = 120
"""Words of a passage: paragraphs are joined until there are so many."""

LONGEST = 220
"""A paragraph of more words is parted after a sentence."""

REMEMBERED = 50
"""Words of the passage before that are shown, so that there is something to go on from."""

BEGIN = "Write the beginning of a text."
CONTINUE = "Continue this text:"

_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")


def examples(rows: Iterable[Row], roles: Roles) -> Iterator[Example]:
    """Pairs where there is a column of answers; of a chat, where it is known who the person is,
    what they answered; else passages of the texts.
    """
    if "label" in roles:
        return _pairs(rows, roles)
    return talks(rows, roles) if {"me", "speaker"} <= set(roles) else _passages(rows, roles)


def _cell(cells: Cells, roles: Roles, role: str) -> str:
    return unicodedata.normalize("NFC", cells.get(roles.get(role, ""), "")).strip()


def _pairs(rows: Iterable[Row], roles: Roles) -> Iterator[Example]:
    for row in rows:
        prompt = question(row.cells, roles=roles)
        answer = _cell(row.cells, roles, "label")
        if prompt and answer:
            yield Example(row_id=row.id, text=prompt, label=answer)


@dataclass(slots=True)
class _Passage:
    file: str
    heading: str
    line: int
    rows: list[int] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    words: int = 0

    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    def add(self, row: Row, text: str, words: int) -> None:
        if row.id not in self.rows[-1:]:
            self.rows.append(row.id)
        self.paragraphs.append(text)
        self.words += words
        self.line = row.line

    def fits(self, row: Row, heading: str, more: int) -> bool:
        """Whether the row goes on where this ends, and there is room."""
        follows = row.file == self.file and row.line >= self.line and heading == self.heading
        return follows and (self.words < PASSAGE and self.words + more <= LONGEST)


def _passages(rows: Iterable[Row], roles: Roles) -> Iterator[Example]:
    before: _Passage | None = None
    for passage in _cut(rows, roles):
        follows = before is not None and (before.file, before.heading) == (
            passage.file,
            passage.heading,
        )
        yield Example(
            row_id=passage.rows[0],
            text=_prompt(passage, before if follows else None),
            label=passage.text(),
            more=tuple(passage.rows[1:]),
        )
        before = passage


def _cut(rows: Iterable[Row], roles: Roles) -> Iterator[_Passage]:
    """Neighbouring paragraphs of one file and heading, joined to about PASSAGE words."""
    current: _Passage | None = None
    for row in rows:
        text, heading = _cell(row.cells, roles, "text"), _cell(row.cells, roles, "heading")
        if not text:
            continue
        for piece in _parted(text):
            words = len(piece.split())
            if current is None or not current.fits(row, heading, words):
                if current is not None:
                    yield current
                current = _Passage(file=row.file, heading=heading, line=row.line)
            current.add(row, piece, words)
    if current is not None:
        yield current


def _parted(text: str) -> Iterator[str]:
    """A paragraph, or pieces of a long one that end with a sentence and are not too long."""
    words = len(text.split())
    if words <= LONGEST:
        yield text
        return
    wanted = words / -(-words // LONGEST)
    start = 0
    for end in (m.end() for m in _SENTENCE.finditer(text)):
        if len(text[start:end].split()) >= wanted:
            yield text[start:end].strip()
            start = end
    if text[start:].strip():
        yield text[start:].strip()


def _prompt(passage: _Passage, before: _Passage | None) -> str:
    if before is not None:
        return f"{CONTINUE}\n\n{_end_of(before.text())}"
    if passage.heading:
        return f"Write the text called “{passage.heading}”."
    return BEGIN


def _end_of(text: str) -> str:
    """The last whole sentences of about REMEMBERED words; of one long sentence its end."""
    starts = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    for start, _ in pairwise(starts):
        if len(text[start:].split()) <= REMEMBERED:
            return text[start:].strip()
    return " ".join(text.split()[-REMEMBERED:])
