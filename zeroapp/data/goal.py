"""Which task fits what was dropped: guessed from the sources and the roles that tasks declare, and
changed on wish while nothing was learned yet.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice

from zeroapp import tasks
from zeroapp.data.finding import Kind, Source
from zeroapp.data.folders import open_folder
from zeroapp.data.readers import open_table
from zeroapp.data.roles import columns_of, guess_roles, guess_task
from zeroapp.data.store import Store
from zeroapp.data.table import TableRow
from zeroapp.data.voices import told_by_files
from zeroapp.dataset import Cells, Column, Reads
from zeroapp.errors import DataError, UsageError
from zeroapp.task import Task

_LOOKED_AT = 300


def guess_goal(sources: Sequence[Source]) -> str:
    """The key of the task that fits what is to be imported; the default when nothing fits.

    Looks at the first rows of the first source that can be read. Cannot see what the person is
    after: the same columns may serve another task, which is one click away.
    """
    for source in sources:
        if source.refused is not None:
            continue
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


def other_goals(key: str) -> tuple[Task, ...]:
    """The other tasks that read the same, texts or pictures: what is imported serves them, too."""
    reads = tasks.get(key).reads
    return tuple(t for t in tasks.all_tasks().values() if t.reads is reads and t.key != key)


def change_goal(store: Store, key: str, *, now: str) -> None:
    """Make the project one of another task; the columns' parts are guessed anew, where the two
    tasks name them differently. Raises UsageError("unknown-task", "goal-does-not-fit").
    """
    task = tasks.get(key)
    if key != now and task not in other_goals(now):
        raise UsageError(
            "goal-does-not-fit",
            title=f"“{task.title}” does not fit what this project reads.",
            hint="Make a new project for it and drop the files there. Nothing was changed.",
        )
    every = store.every(max(1, store.count() // _LOOKED_AT))
    columns = columns_of([row.cells for row in every], names=store.columns())
    with store.transaction():
        store.put_setting("task", value=task.key)
        if columns:
            roles = guess_roles(task, columns=columns, rows=[row.cells for row in every])
            store.put_setting("roles", value=told_by_files(store, task=task, roles=roles))
        store.changed()


def _first_rows(source: Source) -> tuple[list[Cells], tuple[str, ...]]:
    off: frozenset[str] = frozenset()
    table = open_table(source.path) if source.kind is Kind.file else open_folder(source, off=off)
    with closing(table.read()) as items:
        rows = [i.cells for i in islice(items, _LOOKED_AT) if isinstance(i, TableRow)]
    return rows, table.columns
