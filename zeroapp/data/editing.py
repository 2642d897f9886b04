"""What a person does to rows: set cells, rename kinds, bin and restore rows. Every call is one
edit, so every call can be undone. Knows the log and columns; what a column means is not its job.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from zeroapp.data.database import as_json
from zeroapp.data.edit_log import cleaned
from zeroapp.data.examples import label_of, text_of
from zeroapp.data.sameness import plain
from zeroapp.data.store import Store
from zeroapp.dataset import Roles, Row
from zeroapp.edits import (
    CellSet,
    CellsSet,
    ColumnAdded,
    Edit,
    LabelKept,
    Reason,
    RowsBinned,
    RowsRestored,
    SettingChosen,
    ValuesRenamed,
)
from zeroapp.errors import UsageError
from zeroapp.inspection import Suspect


def set_cells(store: Store, ids: Collection[int], *, column: str, value: str) -> Edit | None:
    """Let a cell of these rows say `value`; None when it does so already.

    Raises UsageError("no-row", "missing-column").
    """
    _refuse_column(store, column)
    rows = [row for row in _rows(store, ids) if row.cells.get(column, "") != value]
    if not rows:
        return None
    edit: Edit = CellsSet(column=column, after=value, count=len(rows))
    if len(rows) == 1:
        before = rows[0].cells.get(column, "")
        edit = CellSet(column=column, before=before, after=value, place=_place(rows[0]))
    store.add_edit(edit, cells=((row.id, column, value) for row in rows))
    return edit


def rename_values(store: Store, before: Sequence[str], *, column: str, after: str) -> Edit | None:
    """Give values of a column another name; several, or one that is there already, are merged.

    One rule whatever the number of rows. None when no row says any of them.
    """
    _refuse_column(store, column)
    wanted = [name for name in dict.fromkeys(map(cleaned, before)) if name and name != after]
    counts = value_counts(store, column=column)
    count = sum(counts[name] for name in wanted)
    if not count:
        return None
    edit = ValuesRenamed(column=column, before=tuple(wanted), after=after, count=count)
    store.add_edit(edit)
    return edit


def bin_rows(store: Store, ids: Collection[int], *, reason: Reason = Reason.hand) -> Edit | None:
    """Put rows into the bin; None when all of them are there already."""
    gone = set(store.binned(store.line()))
    rows = [row.id for row in _rows(store, ids) if row.id not in gone]
    if not rows:
        return None
    edit = RowsBinned(count=len(rows), reason=reason)
    store.add_edit(edit, binned=rows)
    return edit


def restore_rows(store: Store, ids: Collection[int]) -> Edit | None:
    """Take rows out of the bin; None when none of them is there."""
    rows = sorted(set(ids) & set(store.binned(store.line())))
    if not rows:
        return None
    edit = RowsRestored(count=len(rows))
    store.add_edit(edit, restored=rows)
    return edit


def drop_duplicates(store: Store, *, roles: Roles) -> Edit | None:
    """Bin all but the first of rows that say the same text under the same label.

    Same: what a reader calls the same (case, spaces and punctuation aside, see `sameness.plain`).
    The same text under two labels is left alone: somebody has to say which is right.
    """
    extra = list(duplicates(store.rows(), roles=roles))
    if not extra:
        return None
    edit = RowsBinned(count=len(extra), reason=Reason.duplicates)
    store.add_edit(edit, binned=extra)
    return edit


def duplicates(rows: Iterable[Row], *, roles: Roles) -> Iterable[int]:
    """The ids of rows that repeat an earlier one's text and label."""
    seen: set[int] = set()
    for row in rows:
        text = text_of(row.cells, roles=roles)
        key = hash((plain(text), label_of(row.cells, roles=roles)))
        if text and key in seen:
            yield row.id
        seen.add(key)


def keep_label(store: Store, row: int, *, column: str) -> Edit:
    """Say that a doubted label is right. Raises UsageError("no-row")."""
    found = _rows(store, [row])[0]
    edit = LabelKept(row=row, label=found.cells.get(column, ""), place=_place(found))
    store.add_edit(edit)
    return edit


def doubted(store: Store, *, column: str) -> list[tuple[Suspect, Row]]:
    """The rows whose label is suspected and about which nobody has decided yet, the surest first.

    Left out: rows in the bin, rows that have another label by now, labels that were kept.
    """
    suspects = store.suspects()
    gone = set(store.binned(store.line()))
    kept = {e.edit.row for e in store.edits() if isinstance(e.edit, LabelKept)}
    rows = {row.id: row for row in store.rows_of([suspect.row_id for suspect in suspects])}
    return [
        (suspect, row)
        for suspect in suspects
        if (row := rows.get(suspect.row_id)) is not None
        and row.id not in gone | kept
        and cleaned(row.cells.get(column, "")) == suspect.given
    ]


def add_column(store: Store, name: str) -> Edit:
    """Give the table one more column, empty at first. Raises UsageError("column-exists")."""
    name = name.strip()
    if not name or name.casefold() in {column.casefold() for column in store.columns()}:
        raise UsageError(
            "column-exists",
            title=f"A new column cannot be called “{name}”: it needs a name of its own.",
            hint="Give it another name. Nothing was changed.",
        )
    edit = ColumnAdded(name=name)
    store.add_edit(edit)
    return edit


def choose(store: Store, key: str, *, before: object, after: object, said: str) -> Edit | None:
    """Change a setting of the project so that it can be undone; None when nothing changes."""
    if before == after:
        return None
    edit = SettingChosen(key=key, said=said, before=as_json(before), after=as_json(after))
    store.add_edit(edit)
    return edit


def value_counts(store: Store, *, column: str) -> Counter[str]:
    """How many rows say each value of a column, blanks left out."""
    counts = Counter(cleaned(row.cells.get(column, "")) for row in store.rows())
    del counts[""]
    return counts


def _rows(store: Store, ids: Collection[int]) -> list[Row]:
    rows = store.rows_of(sorted(set(ids)))
    if len(rows) != len(set(ids)):
        missing = min(set(ids) - {row.id for row in rows})
        raise UsageError(
            "no-row",
            title=f"There is no row with the number {missing} in this project.",
            hint="Look at the table again; nothing was changed.",
        )
    return rows


def _refuse_column(store: Store, column: str) -> None:
    columns = store.columns()
    if column not in columns:
        raise UsageError(
            "missing-column",
            title=f"There is no column called “{column}”.",
            hint=f"The columns are: {', '.join(columns) or 'none yet, add a file first'}.",
        )


def _place(row: Row) -> str:
    return f"{row.file}, line {row.line:,}"
