"""Which task fits what was dropped: guessed from the sources and the roles that tasks declare."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice

from zeroapp import tasks
from zeroapp.data.finding import Kind, Source
from zeroapp.data.folders import open_folder
from zeroapp.data.readers import open_table
from zeroapp.data.roles import columns_of, guess_task
from zeroapp.data.table import TableRow
from zeroapp.dataset import Cells, Column, Reads
from zeroapp.errors import DataError
from zeroapp.task import Task

_LOOKED_AT = 300


def guess_goal(sources: Sequence[Source]) -> str:
    """The key of the task that fits what is to be imported; the default when nothing fits.

    Looks at the first rows of the first source that can be read. Cannot see what the person is
    after: the same columns may serve another task, which is one click away.
    """
    for source in sources:
        if source.kind is Kind.pictures or source.below is not None:
            return best_task(tasks.all_tasks().values(), columns=(), reads=Reads.picture)
        try:
            rows, names = _first_rows(source)
        except DataError:
            continue  # the import itself says what is wrong with it
        columns = columns_of(rows, names=names)
        return best_task(tasks.all_tasks().values(), columns=columns, reads=Reads.text)
    return tasks.default().key


def best_task(found: Iterable[Task], *, columns: Sequence[Column], reads: Reads) -> str:
    """Of the tasks that read this, the one whose roles these columns fill best."""
    able = [task for task in found if task.reads is reads]
    best = guess_task(able, columns=columns) or (able[0] if reads is Reads.picture else None)
    return best.key if best is not None else tasks.default().key


def _first_rows(source: Source) -> tuple[list[Cells], tuple[str, ...]]:
    off: frozenset[str] = frozenset()
    table = open_table(source.path) if source.kind is Kind.file else open_folder(source, off=off)
    with closing(table.read()) as items:
        rows = [i.cells for i in islice(items, _LOOKED_AT) if isinstance(i, TableRow)]
    return rows, table.columns
