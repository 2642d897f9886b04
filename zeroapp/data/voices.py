"""Whose words they are in a chat: the values that a person chooses among, not columns.

Such a part (`Role.of`) is kept with the columns of the other parts, so that it is undone, versioned
and learned from like them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from zeroapp.data.edit_log import cleaned
from zeroapp.data.editing import value_counts
from zeroapp.data.store import Store
from zeroapp.dataset import Roles
from zeroapp.errors import UsageError
from zeroapp.task import Role, Task
from zeroapp.wording import quoted

_SHOWN = 8
_BOTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """A question: which value plays this part. counts: how often each comes, the most first.

    chosen: "" while nobody has said.
    """

    role: Role
    chosen: str
    counts: tuple[tuple[str, int], ...]


def voices(store: Store, *, task: Task, roles: Roles) -> Voices | None:
    """What there is to choose from. None where there is nothing to ask: fewer than two values, or
    a column that holds the answers.
    """
    if "label" in roles:
        return None
    for role in _open(task, roles=roles):
        counts = value_counts(store, column=roles[role.of])
        if len(counts) > 1:
            ordered = tuple(counts.most_common())
            return Voices(role=role, chosen=roles.get(role.key, ""), counts=ordered)
    return None


def told_by_files(store: Store, *, task: Task, roles: Roles) -> Roles:
    """The roles, and whose words it is about where the files leave no doubt.

    A chat between two is called after the other one; all files that say so must agree. What was
    chosen stays.
    """
    found = dict(roles)
    for role in _open(task, roles=roles):
        told = set(_not_in_name(store, column=roles[role.of]))
        if role.key not in roles and len(told) == 1:
            found[role.key] = told.pop()
    return found


def _not_in_name(store: Store, *, column: str) -> Iterator[str]:
    """Of each file with two voices, one of which it is called after: the other."""
    numbers = store.numbers()
    for file in store.files():
        values = store.values_of(column, file=numbers[file.sha256])
        names = {cleaned(value) for value in values} - {""}
        others = [name for name in names if not _names(file.name, name)]
        if len(names) == _BOTH and len(others) == 1:
            yield others[0]


def _names(file: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", file, re.IGNORECASE))


def settled(roles: Roles, *, before: Roles, task: Task, store: Store) -> Roles:
    """The roles without values of a column that is another now.

    Raises UsageError("no-such-value") for a value that is not in its column.
    """
    found = dict(roles)
    for role in task.roles:
        value, column = roles.get(role.key, ""), roles.get(role.of, "")
        if not role.of or not value:
            continue
        if value != before.get(role.key):
            _refuse_unknown(value, names=value_counts(store, column=column))
        elif column != before.get(role.of):
            del found[role.key]
    return found


def _refuse_unknown(value: str, *, names: Counter[str]) -> None:
    if value not in names:
        most = [name for name, _ in names.most_common(_SHOWN)]
        raise UsageError(
            "no-such-value",
            title=f"Nobody is called “{value}” in this chat. Nothing was changed.",
            hint=f"There are {quoted(most, limit=_SHOWN)}." if most else "Add the chat first.",
        )


def _open(task: Task, *, roles: Roles) -> Iterator[Role]:
    """The parts that a value plays, where the column with the values is known."""
    return (role for role in task.roles if role.of and role.of in roles)
