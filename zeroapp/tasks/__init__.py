"""Finds the task folders below this one, and in those that ZEROAPP_TASKS names. Loads no torch:
only the light halves.
"""

import os
import pkgutil
from functools import cache
from importlib import import_module

from zeroapp.dataset import Reads
from zeroapp.errors import UsageError
from zeroapp.task import Task

# folders of somebody's own tasks, parted as in PATH: the worker's processes find them there, too
__path__ += filter(None, os.environ.get("ZEROAPP_TASKS", "").split(os.pathsep))


@cache
def all_tasks() -> dict[str, Task]:
    """Every task by its key: those that ship, then others; each in alphabetical order."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.ispkg]
    found = (import_module(f"{__name__}.{name}").TASK for name in names)
    return {task.key: task for task in found}


def get(key: str) -> Task:
    """The task named `key`; raises UsageError("unknown-task") naming those there are."""
    try:
        return all_tasks()[key]
    except KeyError:
        raise UsageError(
            "unknown-task",
            title=f"There is no task called “{key}”.",
            hint=f"The tasks are: {', '.join(all_tasks())}.",
        ) from None


def default() -> Task:
    """The task a new project starts with until the data says otherwise: one that reads texts."""
    return next(task for task in all_tasks().values() if task.reads is Reads.text)
