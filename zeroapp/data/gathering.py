"""One pass over all rows that collects what the checks look at. Judges nothing."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from zeroapp.data.columns import describe
from zeroapp.data.examples import example_of, examples_for, label_of, text_of
from zeroapp.data.store import Store
from zeroapp.dataset import Column, Example, Roles, Row
from zeroapp.errors import Place
from zeroapp.protocol import Progressed
from zeroapp.task import Task
from zeroapp.work import Stopped, Work

NEEDED = ("text", "label")
"""Roles without whose column a file teaches nothing."""

_VALUES = 2000
_PAGE = 5000


@dataclass(slots=True)
class Gathered:
    """What the rows hold under the given roles.

    empty: role -> rows in which its cell is blank though the file has the column.
    first_empty: role -> where the first of them is. lacking: file -> rows of a file that has no
    such column at all.
    """

    roles: Roles
    rows: int = 0
    columns: list[Column] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    empty: Counter[str] = field(default_factory=Counter)
    first_empty: dict[str, Place] = field(default_factory=dict)
    lacking: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _ColumnTally:
    filled: int = 0
    # Hashes instead of texts: a gigabyte of long texts would not fit.
    different: set[int] = field(default_factory=set)
    values: list[str] = field(default_factory=list)


def gather(store: Store, *, task: Task, roles: Roles, work: Work) -> Gathered:
    """Read every row once, or twice where examples are made of several. Raises Stopped."""
    total = store.count()
    step = max(1, total // _VALUES)
    known = store.columns_by_file()
    found = Gathered(roles=roles)
    tallies: dict[str, _ColumnTally] = defaultdict(_ColumnTally)
    for row in store.rows():
        if found.rows % _PAGE == 0:
            if work.stop_wanted():
                raise Stopped
            work.say(Progressed(done=found.rows, total=total, unit="rows"))
        _count_cells(row, tallies=tallies, keep=found.rows % step == 0)
        _use(row, found=found, known=known[row.file], project=store.path.parent)
        found.rows += 1
    if task.examples is not None and roles:
        place = store.path.parent
        found.examples = examples_for(task, store.rows(), roles=roles, project=place)
    found.columns = [
        describe(
            name,
            values=tallies[name].values,
            filled=tallies[name].filled,
            distinct=len(tallies[name].different),
        )
        for name in store.columns()
    ]
    return found


def _count_cells(row: Row, *, tallies: dict[str, _ColumnTally], keep: bool) -> None:
    for name, cell in row.cells.items():
        value = cell.strip()
        if value:
            tally = tallies[name]
            tally.filled += 1
            tally.different.add(hash(value))
            if keep or len(tally.values) < _FEW:
                tally.values.append(value[:_LOOKED_AT])


_LOOKED_AT = 500
_FEW = 20
"""Values that are kept of a column even when it is filled in rows that are passed over."""


def _use(row: Row, *, found: Gathered, known: list[str], project: Path) -> None:
    roles = found.roles
    if not roles:
        return
    needed = [roles[role] for role in NEEDED if role in roles]
    if any(name not in known and name not in row.cells for name in needed):
        found.lacking[row.file] += 1
        return
    text = text_of(row.cells, roles=roles)
    label = label_of(row.cells, roles=roles)
    values = {"text": text, "label": label}
    blank = [role for role in roles if role in values and not values[role]]
    for role in blank:
        found.empty[role] += 1
        found.first_empty.setdefault(role, Place(file=row.file, line=row.line, column=roles[role]))
    if text and label:
        found.examples.append(example_of(row, roles=roles, project=project))
