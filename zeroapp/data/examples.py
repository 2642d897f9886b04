"""Turns stored rows into what a task reads: a text and its label. Knows roles, not tasks."""

import hashlib
import unicodedata
from collections.abc import Iterable

from zeroapp.dataset import Cells, Example, Roles, Row


def text_of(cells: Cells, *, roles: Roles) -> str:
    """The text as it is, apart from Unicode's composed form (NFC); "" when it is blank."""
    text = cells.get(roles.get("text", ""), "")
    if not text or text.isspace():
        return ""
    return unicodedata.normalize("NFC", text)


def label_of(cells: Cells, *, roles: Roles) -> str:
    """The label without the spaces around it; "" when there is none."""
    return unicodedata.normalize("NFC", cells.get(roles.get("label", ""), "")).strip()


def examples_of(rows: Iterable[Row], *, roles: Roles) -> list[Example]:
    """The usable rows: those with a text and a label."""
    found = []
    for row in rows:
        text = text_of(row.cells, roles=roles)
        label = label_of(row.cells, roles=roles)
        if text and label:
            found.append(Example(row_id=row.id, text=text, label=label))
    return found


def version_of(examples: Iterable[Example], *, task: str, roles: Roles) -> str:
    """A name for exactly this data: 16 hex digits over task, roles and the usable rows.

    The order of the rows does not matter; how often a row is there does.
    """
    rows = sorted(
        hashlib.blake2b(f"{e.label}\0{e.text}".encode(), digest_size=16).digest() for e in examples
    )
    whole = hashlib.sha256(repr((task, sorted(roles.items()))).encode())
    whole.update(b"".join(rows))
    return whole.hexdigest()[:16]
