"""What a person changed, in order: appended, undone and redone, never erased. Knows no roles.

Edits form a tree: each knows the one it was made after. The head says where on it the data stands
now; undoing moves it to the parent, redoing to the newest child. So any earlier state can be looked
at again, also one that was undone and left behind.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from zeroapp.data.database import Database, as_json
from zeroapp.dataset import Row
from zeroapp.edits import ColumnAdded, Edit, Entry, SettingChosen, ValuesRenamed

_HEAD = "head"
_EDIT: msgspec.json.Decoder[Edit] = msgspec.json.Decoder(Edit)
_DENSE = 4

_CARRY = (
    (
        "SELECT row_id, edit_id, column, value FROM edit_cells WHERE row_id BETWEEN ? AND ?",
        "INSERT OR IGNORE INTO edit_cells (row_id, edit_id, column, value) VALUES (?, ?, ?, ?)",
    ),
    (
        "SELECT row_id, edit_id, gone FROM edit_bin WHERE row_id BETWEEN ? AND ?",
        "INSERT OR IGNORE INTO edit_bin (row_id, edit_id, gone) VALUES (?, ?, ?)",
    ),
)
_PATH = """
WITH RECURSIVE path (id) AS (
    SELECT ? UNION ALL SELECT parent FROM edits JOIN path USING (id) WHERE parent > 0
)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """The edits that hold at one head. renames: column -> rules in order, each with its edit."""

    head: int
    ids: frozenset[int] = frozenset()
    renames: Mapping[str, "Renames"] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


class Renames:
    """The renaming rules of one column, oldest first."""

    def __init__(self) -> None:
        self._rules: list[tuple[int, Mapping[str, str]]] = []
        self._whole: dict[str, str] = {}

    def add(self, edit: int, *, rule: ValuesRenamed) -> None:
        """One more rule; `edit` is later than all before it."""
        names = dict.fromkeys(map(cleaned, rule.before), rule.after)
        self._whole = {old: names.get(cleaned(new), new) for old, new in self._whole.items()}
        self._whole = names | self._whole
        self._rules.append((edit, names))

    def edits(self) -> frozenset[int]:
        """The edits that made the rules."""
        return frozenset(edit for edit, _ in self._rules)

    def now(self, value: str, *, since: int = 0) -> str:
        """What a value is called after the rules that came later than the edit `since`."""
        if not since:
            return self._whole.get(cleaned(value), value)
        for edit, names in self._rules:
            if edit > since:
                value = names.get(cleaned(value), value)
        return value


class EditLog(Database):
    """The part of project.db that knows what was changed. Every method is safe on any thread."""

    _line: Line = Line(0)

    def head(self) -> int:
        """The newest edit that holds; 0 when none does."""
        return self.setting(_HEAD, kind=int) or 0

    def line(self, head: int | None = None) -> Line:
        """The edits that hold at `head`, today's when it is None."""
        head = self.head() if head is None else head
        if head != self._line.head:
            self._line = self._line_of(head)
        return self._line

    def _line_of(self, head: int) -> Line:
        if not head:
            return Line(0)
        ids = frozenset(i for (i,) in self._along(head, "SELECT id FROM path"))
        rules = self._along(
            head,
            "SELECT id, edit FROM edits WHERE id IN path"
            " AND json_extract(edit, '$.type') IN ('rename', 'column') ORDER BY id",
        )
        renames: dict[str, Renames] = {}
        columns = []
        for number, text in rules:
            match _EDIT.decode(text):
                case ValuesRenamed() as rule:
                    renames.setdefault(rule.column, Renames()).add(number, rule=rule)
                case ColumnAdded(name=name):
                    columns.append(name)
                case _:
                    pass
        return Line(head, ids, renames, tuple(columns))

    def edits(self, *, limit: int | None = None, head: int | None = None) -> list[Entry]:
        """The edits that hold, newest first."""
        head = self.head() if head is None else head
        found = self._along(
            head,
            "SELECT id, at, edit FROM edits WHERE id IN path ORDER BY id DESC LIMIT ?",
            -1 if limit is None else limit,
        )
        return [_entry(*row) for row in found]

    def _along(self, head: int, sql: str, *values: object) -> list[Any]:
        """Rows of a query that may use the table `path`: the edits that hold at a head."""
        return self._read(f"{_PATH} {sql}", (head, *values))

    def undoable(self) -> Edit | None:
        """What `undo` would take back."""
        entries = self.edits(limit=1)
        return entries[0].edit if entries else None

    def redoable(self) -> Edit | None:
        """What `redo` would do again."""
        entry = self._child()
        return entry.edit if entry else None

    # --- changes -------------------------------------------------------------------------------

    def add_edit(
        self,
        edit: Edit,
        *,
        cells: Iterable[tuple[int, str, str]] = (),
        binned: Iterable[int] = (),
        restored: Iterable[int] = (),
    ) -> int:
        """Append an edit and what it does to single rows; gives its number.

        cells: (row id, column, new value). A SettingChosen sets its setting as well.
        """
        with self.transaction():
            cursor = self._connection.execute(
                "INSERT INTO edits (parent, at, edit) VALUES (?, ?, ?)",
                (self.head(), datetime.now(UTC).isoformat(timespec="seconds"), as_json(edit)),
            )
            number = int(cursor.lastrowid or 0)
            self._write_many(
                "INSERT INTO edit_cells (row_id, edit_id, column, value) VALUES (?, ?, ?, ?)",
                ((row, number, column, value) for row, column, value in cells),
            )
            for rows, gone in ((binned, 1), (restored, 0)):
                self._write_many(
                    "INSERT INTO edit_bin (row_id, edit_id, gone) VALUES (?, ?, ?)",
                    ((row, number, gone) for row in rows),
                )
            self._move(number, edit=edit, undone=False)
        return number

    def undo(self) -> Edit | None:
        """Take the newest edit back; what it was, or None when there is none."""
        with self.transaction():
            found = self._read("SELECT parent, edit FROM edits WHERE id = ?", (self.head(),))
            if not found:
                return None
            parent, text = found[0]
            edit = _EDIT.decode(text)
            self._move(parent, edit=edit, undone=True)
            return edit

    def redo(self) -> Edit | None:
        """Do again what was undone last; what it was, or None when there is nothing."""
        with self.transaction():
            entry = self._child()
            if entry is None:
                return None
            self._move(entry.id, edit=entry.edit, undone=False)
            return entry.edit

    def _child(self) -> Entry | None:
        found = self._read(
            "SELECT id, at, edit FROM edits WHERE parent = ? ORDER BY id DESC LIMIT 1",
            (self.head(),),
        )
        return _entry(*found[0]) if found else None

    def _move(self, head: int, *, edit: Edit, undone: bool) -> None:
        self.put_setting(_HEAD, value=head)
        if isinstance(edit, SettingChosen):
            text = edit.before if undone else edit.after
            self._write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (edit.key, text))
        self.changed()

    def carry(self, old: int, *, new: int) -> None:
        """Let the edits of one reading of a file hold for another: row by row of the same line."""
        if not self._read("SELECT 1 FROM edits LIMIT 1"):
            return
        fresh = {place: row for row, place in self.places(new).items()}
        to = {row: fresh[place] for row, place in self.places(old).items() if place in fresh}
        for select, insert in _CARRY:
            found = self._read(select, self.span(old))
            self._write_many(insert, ((to[row], *rest) for row, *rest in found if row in to))

    def span(self, file: int) -> tuple[int, int]:
        """The ids of the first and of the last row of a file, between which there is no other."""
        query = "SELECT first_row, first_row + rows_stored - 1 FROM files WHERE id = ?"
        ((first, last),) = self._read(query, (file,))
        return first, last

    def places(self, file: int) -> dict[int, tuple[int, int]]:
        """Row id -> its line, and the how-manieth of that line it is."""
        seen: Counter[int] = Counter()
        places = {}
        for row, line in self._read(
            "SELECT id, line FROM rows WHERE id BETWEEN ? AND ? ORDER BY id", self.span(file)
        ):
            places[row] = (line, seen[line])
            seen[line] += 1
        return places

    def touched(self, one: Line, other: Line) -> list[int] | None:
        """The rows that may differ between two lines, by their ids; None when it may be any row."""
        edits = one.ids ^ other.ids
        if any(rules.edits() & edits for line in (one, other) for rules in line.renames.values()):
            return None
        found = self._read(
            "SELECT row_id FROM edit_cells WHERE edit_id IN (SELECT value FROM json_each(?1))"
            " UNION SELECT row_id FROM edit_bin"
            " WHERE edit_id IN (SELECT value FROM json_each(?1)) ORDER BY 1",
            (as_json(sorted(edits)),),
        )
        return [row for (row,) in found]

    # --- what edits make of rows ---------------------------------------------------------------

    def binned(self, line: Line) -> list[int]:
        """The rows in the bin, by their ids."""
        if not line.ids:
            return []
        found = self._along(
            line.head,
            "SELECT row_id, gone, MAX(edit_id) FROM edit_bin WHERE edit_id IN path"
            " GROUP BY row_id HAVING gone ORDER BY row_id",
        )
        return [row for row, _, _ in found]

    def edited(self, line: Line) -> list[int]:
        """The rows whose cells an edit set, by their ids; rules not counted."""
        found = self._along(
            line.head,
            "SELECT DISTINCT row_id FROM edit_cells WHERE edit_id IN path ORDER BY row_id",
        )
        return [row for (row,) in found] if line.ids else []

    def overlaid(self, rows: Sequence[Row], *, line: Line, bin_too: bool = False) -> list[Row]:
        """Rows as they are at a line, those in the bin left out unless bin_too."""
        if not line.ids or not rows:
            return list(rows)
        ids = [row.id for row in rows]
        gone = frozenset() if bin_too else self._gone(ids, line=line)
        sets = self._sets(ids, line=line)
        if not gone and not sets and not line.renames:
            return list(rows)
        left = (row for row in rows if row.id not in gone)
        if not line.renames:
            return [_changed(row, sets[row.id], line) if row.id in sets else row for row in left]
        return [_changed(row, sets.get(row.id), line) for row in left]

    def _gone(self, ids: Sequence[int], *, line: Line) -> Collection[int]:
        found = self._effects("SELECT row_id, edit_id, gone FROM edit_bin WHERE", ids)
        last = {row: gone for row, edit, gone in found if edit in line.ids}
        return {row for row, gone in last.items() if gone}

    def _sets(self, ids: Sequence[int], *, line: Line) -> dict[int, dict[str, tuple[int, str]]]:
        sets: dict[int, dict[str, tuple[int, str]]] = {}
        found = self._effects("SELECT row_id, edit_id, column, value FROM edit_cells WHERE", ids)
        for row, edit, column, value in found:
            if edit in line.ids:
                sets.setdefault(row, {})[column] = (edit, value)
        return sets

    def _effects(self, select: str, ids: Sequence[int]) -> list[Any]:
        """What edits did to these rows, the later edit after the earlier one.

        A stretch is looked up when the ids lie close together, else one by one.
        """
        first, last = min(ids), max(ids)
        if last - first < _DENSE * len(ids):
            where, values = "row_id BETWEEN ? AND ?", (first, last)
            return self._read(f"{select} {where} ORDER BY row_id, edit_id", values)
        where = "row_id IN (SELECT value FROM json_each(?))"
        return self._read(f"{select} {where} ORDER BY row_id, edit_id", (as_json(ids),))


def _changed(row: Row, sets: Mapping[str, tuple[int, str]] | None, line: Line) -> Row:
    cells = row.cells
    if sets:
        cells = cells | {column: value for column, (_, value) in sets.items()}
    for column, rules in line.renames.items():
        value = cells.get(column)
        if value is None:
            continue
        since = sets[column][0] if sets and column in sets else 0
        now = rules.now(value, since=since)
        if now != value:
            cells = {**cells, column: now}
    return row if cells is row.cells else Row(id=row.id, file=row.file, line=row.line, cells=cells)


def cleaned(value: str) -> str:
    """A value as a rule compares it: spaces around it and Unicode's forms do not matter."""
    return unicodedata.normalize("NFC", value).strip()


def _entry(number: int, at: str, text: str) -> Entry:
    return Entry(id=number, at=at, edit=_EDIT.decode(text))
