"""How a new file's columns and kinds are brought in line with those that are in the project."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, count
from operator import itemgetter

import msgspec

from zeroapp import tasks
from zeroapp.data.doctor import Notes
from zeroapp.data.listed import ListedTable
from zeroapp.data.mending import MendedTable
from zeroapp.data.roles import columns_of, guess_roles
from zeroapp.data.spelling import Kinds, respelled
from zeroapp.data.store import Packed, Store, packed
from zeroapp.data.table import Block, Item, Table, TableRow
from zeroapp.dataset import Repair, Roles, SetAside

SPELLING = "label-spelling"
_CAPITALS, _ROLE = "column-renamed", "column-joined"


class Join:
    """Which columns of a file get another name: old -> new."""

    def __init__(self, names: Mapping[str, str], *, notes: Notes) -> None:
        self._names = names
        self._notes = notes

    def ready(
        self, portion: Block | list[Item], *, kinds: Kinds
    ) -> Packed | tuple[list[TableRow], list[SetAside]]:
        """A portion as it is stored; its kinds are counted. Touches no store: `ahead` calls it."""
        if isinstance(portion, Block):
            block = self.block(portion)
            for column, at in dict(zip(block.columns, count(), strict=False)).items():
                kinds.add(column, values=map(itemgetter(at), block.rows))
            return packed(block)
        rows = self.rows([item for item in portion if isinstance(item, TableRow)])
        for column in dict.fromkeys(chain.from_iterable(row.cells for row in rows)):
            kinds.add(column, values=(row.cells.get(column, "") for row in rows))
        return rows, [item for item in portion if isinstance(item, SetAside)]

    def rows(self, rows: list[TableRow]) -> list[TableRow]:
        """The rows with the new names."""
        names = self._names
        if not names:
            return rows
        return [
            TableRow(line, {names.get(name, name): cell for name, cell in cells.items()})
            for line, cells in rows
        ]

    def block(self, block: Block) -> Block:
        """The block with the new names."""
        return block._replace(columns=tuple(self.columns(block.columns)))

    def columns(self, columns: Sequence[str]) -> list[str]:
        """The columns with the new names."""
        return [self._names.get(name, name) for name in columns]

    def repairs(self) -> list[Repair]:
        """What was renamed."""
        return self._notes.repairs()


def join(
    store: Store,
    *,
    table: Table,
    first: Sequence[Item],
    task: str,
    off: Collection[str],
) -> Join:
    """Bring a file's columns in line: those that differ in capitals only, and those that play a
    role which another column plays in the files before and which this file lacks.
    """
    notes = Notes(table.name, off=off)
    earlier = store.columns()
    names: dict[str, str] = {}
    if notes.wants(_CAPITALS):
        names = _by_capitals(table.columns, earlier=earlier)
        for old, new in names.items():
            notes.add(_CAPITALS, change=(old, new))
    if earlier and notes.wants(_ROLE):
        joined = _by_role(store, table=table, first=first, task=task)
        for old, new in joined.items():
            if old not in names and new not in names.values():
                names[old] = new
                notes.add(_ROLE, change=(old, new))
    return Join(names, notes=notes)


def _by_capitals(columns: Sequence[str], *, earlier: Sequence[str]) -> dict[str, str]:
    known = {name.casefold(): name for name in reversed(earlier)}
    return {
        name: other
        for name in columns
        if (other := known.get(name.casefold())) and other != name and other not in columns
    }


def _by_role(store: Store, *, table: Table, first: Sequence[Item], task: str) -> dict[str, str]:
    kind = tasks.get(task)
    folded = {name.casefold() for name in table.columns}
    roles = store.setting("roles", kind=Roles) or _guess(store, task=task)
    lacking = {role: name for role, name in roles.items() if name.casefold() not in folded}
    if not lacking:
        return {}
    cells = [item.cells for item in first if isinstance(item, TableRow)]
    mine = guess_roles(kind, columns=columns_of(cells, names=table.columns))
    taken = {name.casefold() for name in store.columns()}
    return {mine[r]: n for r, n in lacking.items() if r in mine and mine[r].casefold() not in taken}


def _guess(store: Store, *, task: str) -> Roles:
    """What the first rows of the project say, before any role was chosen."""
    rows = [row.cells for row in store.preview(limit=500)]
    return guess_roles(tasks.get(task), columns=columns_of(rows, names=store.columns()))


def respell(
    store: Store, files: Mapping[int, str], *, column: str, kinds: Mapping[int, Kinds]
) -> dict[int, Repair]:
    """Write the kinds in new files in one way, each as those before it; what was put right in each.

    files: number -> name, in the order they were read. kinds: what was counted while a file was
    read; the rows of the others are read back, once.
    """
    settled: Counter[str] = Counter()
    for other in store.numbers().values():
        if other < min(files):
            settled.update(store.values_of(column, file=other))
    found: dict[int, Repair] = {}
    for number, name in files.items():
        counted = kinds.get(number)
        counts = counted.of(column) if counted else store.values_of(column, file=number)
        words = respelled(counts, settled=settled)
        if words:
            found[number] = _rewritten(store, number, column=column, name=name, words=words)
        for value, times in counts.items():
            settled[words.get(value, value)] += times
    return found


def _rewritten(
    store: Store, number: int, *, column: str, name: str, words: Mapping[str, str]
) -> Repair:
    notes = Notes(name)
    for before, after in words.items():
        notes.add(SPELLING, count=0, change=(before, after))
    notes.add(SPELLING, count=store.respell(number, column=column, words=words))
    return notes.repairs()[0]


def mended(table: ListedTable, *, off: Collection[str]) -> Iterator[Table]:
    """A single table with its cells put right."""
    yield MendedTable(table, off=off)


def taken_back(repair: Repair) -> Repair:
    """The repair as one that the person did not want."""
    return msgspec.structs.replace(repair, undone=True)
