"""What a person can change in their data, as values: one tagged union, `Edit`. Knows no storage.

An edit says what was done, never what the data looks like after it: `zeroapp.data.edit_log` keeps
edits in order and works out the rest. The person's files and the rows as they were read stay.
"""

from enum import StrEnum

import msgspec

from zeroapp.wording import many, quoted, short

_SHOWN = 40


class Reason(StrEnum):
    """Why rows were put into the bin."""

    hand = "hand"
    duplicates = "duplicates"
    suggestion = "suggestion"


class CellSet(msgspec.Struct, tag="cell", frozen=True, kw_only=True):
    """One cell of one row says something else now. place: where the row came from."""

    column: str
    before: str
    after: str
    place: str = ""


class CellsSet(msgspec.Struct, tag="cells", frozen=True, kw_only=True):
    """A cell of several rows says the same now, such as a label given to all that were chosen."""

    column: str
    after: str
    count: int


class ValuesRenamed(msgspec.Struct, tag="rename", frozen=True, kw_only=True):
    """Every cell of a column that said one of `before` says `after`: a rule, not a list of rows.

    It holds for rows that are added later too, until it is undone. Two values that are given one
    name are merged.
    """

    column: str
    before: tuple[str, ...]
    after: str
    count: int


class RowsBinned(msgspec.Struct, tag="bin", frozen=True, kw_only=True):
    """Rows lie in the bin: nothing looks at them or learns from them."""

    count: int
    reason: Reason = Reason.hand


class RowsRestored(msgspec.Struct, tag="restore", frozen=True, kw_only=True):
    """Rows came back from the bin."""

    count: int


class LabelKept(msgspec.Struct, tag="kept", frozen=True, kw_only=True):
    """A label that was doubted is right: nobody has to ask about this row again."""

    row: int
    label: str
    place: str = ""


class ColumnAdded(msgspec.Struct, tag="column", frozen=True, kw_only=True):
    """The table has one more column, empty at first: for labels that are given by hand."""

    name: str


class SettingChosen(msgspec.Struct, tag="choice", frozen=True, kw_only=True):
    """A setting of the project was changed: undoing puts `before` back. Both are JSON text.

    said: the whole sentence, such as “Kept rows of one author together”.
    """

    key: str
    said: str
    before: str
    after: str


Edit = (
    CellSet
    | CellsSet
    | ValuesRenamed
    | RowsBinned
    | RowsRestored
    | LabelKept
    | ColumnAdded
    | SettingChosen
)
"""Whoever needs another kind of edit adds a frozen struct with a tag of its own here."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An edit as the log keeps it. id grows with time; at: UTC, ISO 8601."""

    id: int
    at: str
    edit: Edit


def said(edit: Edit) -> str:
    """What was done, as a sentence without its full stop: “Renamed “a” to “b” in 12 rows”."""
    match edit:
        case CellSet() | LabelKept():
            return _one_cell(edit)
        case CellsSet():
            return f"Set {_quoted(edit.after)} in {many(edit.count, 'row')}"
        case ValuesRenamed():
            return _renamed(edit)
        case RowsBinned():
            more = " that came more than once" if edit.reason is Reason.duplicates else ""
            return f"Put {many(edit.count, 'row')}{more} into the bin"
        case RowsRestored():
            return f"Took {many(edit.count, 'row')} out of the bin"
        case ColumnAdded():
            return f"Added the column “{edit.name}”"
        case SettingChosen():
            return edit.said


def _one_cell(edit: CellSet | LabelKept) -> str:
    where = f" ({edit.place})" if edit.place else ""
    if isinstance(edit, LabelKept):
        return f"Kept {_quoted(edit.label)} as it is{where}"
    return f"Changed {_quoted(edit.before)} to {_quoted(edit.after)}{where}"


def _renamed(edit: ValuesRenamed) -> str:
    names, rows = quoted(edit.before), many(edit.count, "row")
    if len(edit.before) == 1:
        return f"Renamed {names} to {_quoted(edit.after)} in {rows}"
    return f"Merged {names} into {_quoted(edit.after)} in {rows}"


def _quoted(text: str) -> str:
    return f"“{short(text, limit=_SHOWN)}”" if text.strip() else "nothing"
