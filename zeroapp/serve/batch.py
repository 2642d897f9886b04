"""Answers every row of a table file and writes it as csv with two more columns."""

import csv
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from zeroapp import protocol as p
from zeroapp.data.examples import label_of, text_of
from zeroapp.data.picture_tables import Places, naming_column
from zeroapp.data.readers import open_table
from zeroapp.data.table import Table
from zeroapp.dataset import Answers, Cells, Roles, SetAside
from zeroapp.errors import UsageError
from zeroapp.export import bundle
from zeroapp.export.source import looks_at_pictures
from zeroapp.serve.cells import guarded
from zeroapp.serve.models import find_model
from zeroapp.serve.pictures import open_asked, places
from zeroapp.serve.replies import Replies, open_replies
from zeroapp.turns import BESIDE, question
from zeroapp.work import Stopped, Work

# Rows that show which column holds the texts.
_LOOKED_AT = 200


@dataclass(slots=True)
class _Tally:
    """What has been done so far. labelled: rows whose right answer the file holds."""

    began: float = field(default_factory=time.monotonic)
    rows: int = 0
    aside: int = 0
    labelled: int = 0
    right: int = 0

    def accuracy(self) -> float | None:
        """Share right of the labelled rows."""
        return self.right / self.labelled if self.labelled else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The csv being written: its columns, which of them is read, where the answers go.

    places: where the pictures lie that the column names; None for texts.
    """

    columns: tuple[str, ...]
    roles: Roles
    answer: str
    confidence: str
    places: Places | None = None

    def asked(self, cells: Cells) -> str:
        """What the model is asked for a row: text, or where a picture lies; "" for none."""
        said = text_of(cells, roles=self.roles)
        if self.places is None or not said:
            paired = any(role in self.roles for role in BESIDE)
            return question(cells, roles=self.roles) if paired else said
        found = self.places.find(said)
        return str(found) if found else ""

    def head(self, answers: Answers) -> tuple[str, ...]:
        """The names of all columns that are written."""
        if answers is Answers.text:
            return (*self.columns, self.answer)
        return (*self.columns, self.answer, self.confidence)


def predict(job: p.Predict, work: Work) -> p.Predicted:
    """Answer the file, or the pictures of a folder.

    The csv holds its columns and rows in order, `answer` and `confidence`.

    The text column is job.column, else the one the training data had, else the wordiest. A row
    without text gets no answer; a row that cannot be read is left out and counted aloud. Cells
    that a spreadsheet would run as a formula get ' before them; the file starts with a byte
    order mark, without which spreadsheets misread letters beyond English. accuracy is set when
    the label column of the training data is there and filled; an unknown label counts as wrong.

    Raises UsageError("no-model", "missing-column", "same-file"), DataError of the readers,
    ResourceError("disk-full", "no-permission"), Stopped; then `out` is as it was.
    """
    out = Path(job.out).expanduser().absolute()
    _refuse_same(Path(job.file), out=out)
    found = find_model(Path(job.model))
    shown = looks_at_pictures(found.folder)
    opened = open_asked if shown else open_table
    beside = places(Path(job.file)) if shown else None
    table = opened(Path(job.file))
    sheet = _sheet(table, column=job.column, roles=found.roles, beside=beside)
    work.say(p.PhaseEntered(phase="loading", title="Loading the model"))
    replies = open_replies(found.folder)
    work.say(p.PhaseEntered(phase="answering", title="Answering the rows"))
    tally = _Tally()
    with _beside(out) as file:
        table = opened(Path(job.file))
        writer = csv.writer(file)
        writer.writerow(map(guarded, sheet.head(replies.answers)))
        for rows in _portions(table, tally=tally, size=replies.at_once):
            if work.stop_wanted():
                raise Stopped
            writer.writerows(_answered(rows, sheet=sheet, replies=replies, tally=tally))
            work.say(_progress(table, tally=tally))
    _note_aside(tally, work=work)
    return p.Predicted(rows=tally.rows, out=str(out), accuracy=tally.accuracy())


def _answered(
    rows: Sequence[Cells], *, sheet: _Sheet, replies: Replies, tally: _Tally
) -> Iterator[list[str]]:
    """The rows as they are written; the tally counts them."""
    texts = [sheet.asked(cells) for cells in rows]
    answers = iter(replies.to([text for text in texts if text]))
    labels = replies.answers is Answers.labels
    for cells, text in zip(rows, texts, strict=True):
        answer, confidence = next(answers) if text else ("", "")
        # a text may be good in other words than those in the file
        truth = label_of(cells, roles=sheet.roles) if labels else ""
        tally.rows += 1
        tally.labelled += bool(truth)
        tally.right += bool(truth) and truth == answer
        kept = [cells.get(column, "") for column in sheet.columns]
        said = (answer, confidence) if labels else (answer,)
        yield [guarded(cell) for cell in (*kept, *said)]


def _portions(table: Table, *, tally: _Tally, size: int) -> Iterator[list[Cells]]:
    portion: list[Cells] = []
    for item in table.read():
        if isinstance(item, SetAside):
            tally.aside += 1
            continue
        portion.append(item.cells)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion


def _progress(table: Table, *, tally: _Tally) -> p.Progressed:
    """Rows done of about how many: the file's size tells, nobody counts it first."""
    # A table that has been read to its end is closed and has no position any more.
    share = min(1.0, (table.position() or table.bytes) / max(table.bytes, 1))
    total = max(tally.rows, round(tally.rows / share))
    pace = (time.monotonic() - tally.began) / tally.rows
    left = pace * (total - tally.rows)
    return p.Progressed(done=tally.rows, total=total, unit="rows", seconds_left=left)


def _note_aside(tally: _Tally, *, work: Work) -> None:
    if tally.aside:
        text = f"{tally.aside:,} rows could not be read and are not in the answers."
        work.say(p.Noted(level="warning", text=text, code="rows-set-aside"))


# --- columns -------------------------------------------------------------------------------------


def _sheet(table: Table, *, column: str | None, roles: Roles, beside: Places | None) -> _Sheet:
    columns, head = _columns(table)
    if beside is not None and column is None:
        column = naming_column(head, places=beside)
    text = _text_column(columns, head=head, column=column, trained=roles.get("text"))
    label = roles.get("label", "")
    known = {"text": text} | ({"label": label} if label in columns and label != text else {})
    beside_it = {role: roles[role] for role in BESIDE if role in roles}
    known |= {role: name for role, name in beside_it.items() if name in columns and name != text}
    return _Sheet(
        columns=columns,
        roles=known,
        answer=_unused("answer", columns=columns),
        confidence=_unused("confidence", columns=columns),
        places=beside,
    )


def _columns(table: Table) -> tuple[tuple[str, ...], list[Cells]]:
    """All columns of the file and its first rows."""
    rows = (item.cells for item in table.read() if not isinstance(item, SetAside))
    head = list(islice(rows, _LOOKED_AT))
    if not table.delimiter:
        # Rows of json may bring columns the first ones lacked.
        for _ in rows:
            pass
    return table.columns, head


def _text_column(
    columns: Sequence[str], *, head: Sequence[Cells], column: str | None, trained: str | None
) -> str:
    if column is not None and column not in columns:
        raise UsageError(
            "missing-column",
            title=f"There is no column called “{column}” in this file.",
            hint=f"Its columns are: {', '.join(columns)}.",
        )
    if column is not None:
        return column
    if trained is not None and trained in columns:
        return trained
    return max(columns, key=lambda name: sum(len(cells.get(name, "")) for cells in head))


def _unused(name: str, *, columns: Sequence[str]) -> str:
    """The name, or with a number where the file has such a column already."""
    found, number = name, 1
    while found in columns:
        number += 1
        found = f"{name} {number}"
    return found


# --- the file ------------------------------------------------------------------------------------


def _refuse_same(file: Path, *, out: Path) -> None:
    if out.exists() and file.exists() and out.samefile(file):
        raise UsageError(
            "same-file",
            title="The answers would be written over the file they are for.",
            hint="Choose another name for the answers.",
        )


@contextmanager
def _beside(out: Path) -> Iterator[IO[str]]:
    """A file that becomes `out` when the block ends well, and is gone when it does not."""
    partial: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.name}-", suffix=".partial", dir=out.parent)
        partial = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(out)
    except OSError as error:
        raise bundle.write_error(out.parent, error) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
