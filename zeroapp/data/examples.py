"""Turns stored rows into what a task reads: a text or a picture, and its label."""

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from zeroapp import pictures
from zeroapp.data.personal import mask
from zeroapp.dataset import Answers, Cells, Example, Roles, Row
from zeroapp.task import Task

FILES = "files"
"""The folder of a project in which pictures are kept."""

FILE_COLUMN = "file"
"""The column that says what a person calls the file a row came from."""


def text_of(cells: Cells, *, roles: Roles) -> str:
    """The text as it is, apart from Unicode's composed form (NFC); "" when it is blank."""
    text = cells.get(roles.get("text", ""), "")
    if not text or text.isspace():
        return ""
    return unicodedata.normalize("NFC", text)


def label_of(cells: Cells, *, roles: Roles) -> str:
    """The label without the spaces around it; "" when there is none."""
    return unicodedata.normalize("NFC", cells.get(roles.get("label", ""), "")).strip()


def example_of(row: Row, *, roles: Roles, project: Path) -> Example:
    """The row as a task sees it; its text is "" where there is nothing to read."""
    text = text_of(row.cells, roles=roles)
    label = label_of(row.cells, roles=roles)
    group = row.cells.get(roles.get("group", ""), "").strip()
    if not pictures.is_stored_name(text):
        return Example(row_id=row.id, text=text, label=label or None, group=group)
    return Example(
        row_id=row.id,
        text=str(pictures.stored(project / FILES, text)),
        label=label or None,
        name=row.cells.get(FILE_COLUMN, "") or text,
        group=group,
    )


def place_of(text: str, *, project: Path) -> str:
    """Where the picture lies that is stored by this name; any other text as it is."""
    known = pictures.is_stored_name(text)
    return str(pictures.stored(project / FILES, text)) if known else text


def examples_of(rows: Iterable[Row], *, roles: Roles, project: Path) -> list[Example]:
    """The usable rows of the project in `project`: text or picture and label are there."""
    found = (example_of(row, roles=roles, project=project) for row in rows)
    return [example for example in found if example.text and example.label]


def examples_for(task: Task, rows: Iterable[Row], *, roles: Roles, project: Path) -> list[Example]:
    """The examples a task makes of these rows, in their order."""
    if task.examples is None:
        return examples_of(rows, roles=roles, project=project)
    return list(task.examples(rows, roles))


def hidden(examples: Iterable[Example], *, answers: Answers) -> list[Example]:
    """The examples with placeholders in place of personal data, in the texts they read and say."""
    found = []
    for example in examples:
        if example.name:
            found.append(example)
            continue
        label = example.label
        if answers is Answers.text and label is not None:
            label = mask(label)
        found.append(replace(example, text=mask(example.text), label=label))
    return found


def said_by(example: Example) -> str:
    """What an example says, wherever its project lies: the text, or the name of the picture."""
    if not example.name:
        return example.text
    return pictures.content_of(Path(example.text).name)


def version_of(examples: Iterable[Example], *, task: str, roles: Roles) -> str:
    """A name for exactly this data: 16 hex digits over task, roles and the usable rows.

    The order of the rows does not matter; how often a row is there does.
    """
    rows = sorted(
        hashlib.blake2b(f"{e.label}\0{said_by(e)}{_end(e)}".encode(), digest_size=16).digest()
        for e in examples
    )
    whole = hashlib.sha256(repr((task, sorted(roles.items()))).encode())
    whole.update(b"".join(rows))
    return whole.hexdigest()[:16]


def _end(example: Example) -> str:
    """Only where there is a group, so that versions without one keep the names they had."""
    return f"\0{example.group}" if example.group else ""
