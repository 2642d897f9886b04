"""Guesses which column plays which role, from its name and what is in it. No torch, no storage."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import product

from zeroapp.data.columns import PARTS, describe
from zeroapp.data.foretelling import foretold
from zeroapp.dataset import Answers, Cells, Column, ColumnKind, Roles
from zeroapp.task import GROUP, Role, Task, roles_of

_WORDS = re.compile(r"[^\W\d_]+")


def columns_of(rows: Sequence[Cells], *, names: Iterable[str]) -> list[Column]:
    """The columns of these rows; filled and distinct are counted over them alone."""
    found = []
    for name in names:
        values = [value for row in rows if (value := row.get(name, "").strip())]
        distinct = len(set(values))
        found.append(describe(name, values=values, filled=len(values), distinct=distinct))
    return found


def guess_task(tasks: Iterable[Task], *, columns: Sequence[Column]) -> Task | None:
    """The task whose roles the columns fill best, of those whose required roles they can fill.

    None when there is none; the first when several fit alike.
    """
    tasks = list(tasks)
    if (chat := _for_chats(tasks, columns=columns)) is not None:
        return chat
    best: tuple[float, Task | None] = (0.0, None)
    for task in tasks:
        total, roles = _best_roles(task, columns=columns)
        if all(role.key in roles for role in task.roles if role.required) and total > best[0]:
            best = (total, task)
    return best[1]


def _for_chats(tasks: Sequence[Task], *, columns: Sequence[Column]) -> Task | None:
    """The task that knows who says what, where that is known and no column is called a kind."""
    kinds = [r for t in tasks if t.answers is Answers.labels for r in t.roles if r.key == "label"]
    if any(_named(role, column=column) for role in kinds for column in columns):
        return None
    return next((task for task in tasks if _by_name(_own_names(task), columns=columns)), None)


def guess_roles(task: Task, *, columns: Sequence[Column], rows: Sequence[Cells] = ()) -> Roles:
    """The most plausible column for each role; a role nothing fits is left out.

    Names weigh most ("message", "intent"), then the kind of the values, then how long or how
    repeated they are. Every assignment of columns to roles is compared as a whole, so a column
    named for both roles goes where it is missed most. With rows, two things more: a label that the
    text foretells is preferred, and roles that go by a name, or are those of all tasks (group,
    date), get what is left.
    """
    named = _by_name(_own_names(task), columns=columns)
    columns = [column for column in columns if column.name not in named.values()]
    own = named | _best_roles(task, columns=columns)[1]
    if task.answers is Answers.text and "input" in own and "label" not in own:
        # something to go by, and the one text beside it: that is what is to be written
        own |= {"text": own.pop("input"), "label": own["text"]}
    if not rows:
        return own
    if "text" in own and task.answers is Answers.labels:
        lifts = _lifts(columns, rows=rows, text=own["text"])
        own = named | _best_roles(task, columns=columns, lifts=lifts)[1]
    left = [column for column in columns if column.name not in own.values()]
    return own | _by_name(roles_of(task)[len(task.roles) :], columns=left)


def _lifts(columns: Sequence[Column], *, rows: Sequence[Cells], text: str) -> dict[str, float]:
    """How well the text foretells each column of kinds."""
    texts = [row.get(text, "") for row in rows]
    return {
        column.name: foretold(texts, [row.get(column.name, "") for row in rows])
        for column in columns
        if column.kind is ColumnKind.category and column.name != text
    }


def _own_names(task: Task) -> list[Role]:
    return [role for role in task.roles if role.by_name]


def _by_name(roles: Iterable[Role], *, columns: Sequence[Column]) -> Roles:
    """A group or speaker by its name alone: nothing else tells it from a kind. A date when there
    is one.
    """
    found: Roles = {}
    for role in roles:
        fits = [c for c in columns if c.kind in role.kinds]
        named = [c for c in fits if c.name.strip().casefold() in role.names]
        if role.by_name:
            fewest = _FEWEST_GROUPS if role == GROUP else _FEWEST_NAMES
            named = [c for c in named if fewest <= c.distinct < c.filled]
        elif not named and len(fits) == 1:
            named = fits
        if named:
            found[role.key] = named[0].name
    return found


def _best_roles(
    task: Task, *, columns: Sequence[Column], lifts: Mapping[str, float] | None = None
) -> tuple[float, Roles]:
    roles = [role for role in task.roles if not role.by_name and not role.of]
    keys = [role.key for role in roles]
    fullest = max((column.filled for column in columns), default=0)
    scores = [
        {
            column.name: _score(role, column=column, lifts=lifts or {})
            for column in columns
            if _may_play(role, column=column, others=roles_of(task), fullest=fullest)
        }
        for role in roles
    ]
    needed = {role.key for role in task.roles if role.required}
    best: tuple[float, Roles] = (0.0, {})
    for choice in product(*(_candidates(score, roles=len(keys)) for score in scores)):
        chosen = {key: name for key, name in zip(keys, choice, strict=True) if name is not None}
        if len(set(chosen.values())) < len(chosen):
            continue  # a column plays one role
        total = sum(
            score[chosen[key]] for key, score in zip(keys, scores, strict=True) if key in chosen
        )
        more = len(needed & chosen.keys()) - len(needed & best[1].keys())
        if more > 0 or (more == 0 and total > best[0] + _DRAW):
            best = (total, chosen)
    return best


def _may_play(role: Role, *, column: Column, others: Iterable[Role], fullest: int) -> bool:
    """Not a column that is hardly ever filled, nor one that is called like another role."""
    named = _named(role, column=column)
    called = any(_named(other, column=column) >= _EXACT for other in others)
    often = column.filled * _HARDLY >= fullest
    return named >= _EXACT or (often and (named > 0 or not called))


def _candidates(score: Mapping[str, float], *, roles: int) -> list[str | None]:
    """The columns that can matter for a role: its best, as many as there are roles, or none.

    In the order of the table: of two that fit alike the left one is what is asked.
    """
    best = sorted(score, key=lambda name: -score[name])[:roles]
    return [*(name for name in score if name in best and score[name] > 0), None]


def _score(role: Role, *, column: Column, lifts: Mapping[str, float]) -> float:
    """How well a column fits a role; 0 or less: not at all."""
    if column.kind is ColumnKind.empty or _says_parts(column):
        return 0.0
    named = _named(role, column=column)
    if column.distinct <= 1 < column.filled:
        # The same in every row: nothing can be learnt from it, whatever it is called.
        return _LAST_RESORT if named or column.kind in role.kinds[:1] else 0.0
    if column.kind not in role.kinds:
        # A name that is meant exactly is believed; the checks then say what is odd about it.
        return 1.0 + named if named >= _EXACT else 0.0
    second_best = role.kinds.index(column.kind)
    if second_best and not named:
        return 0.0
    lift = 2 * lifts.get(column.name, 0.0) if role.kinds[0] is ColumnKind.category else 0.0
    return 2.0 - 0.5 * second_best + named + _shape(column) + lift


_HARDLY = 5
"""A column that is filled in less than every fifth of the rows says too little."""

_FEWEST_GROUPS = 10
_FEWEST_NAMES = 2
_DRAW = 1e-9
_EXACT = 3.0
_PARTLY = 1.5
_LAST_RESORT = 0.25


def _named(role: Role, *, column: Column) -> float:
    """3 to 4 for a column called like the role, half for one with such a word in its name."""
    name = column.name.strip().casefold()
    rank = _ranks(role.names)
    if name in rank:
        return _EXACT + rank[name]
    words = _WORDS.findall(name)
    # The last word says what a column is: "message_type" is a type.
    return max(
        (rank[word] + (_PARTLY if word == words[-1] else 0.5) for word in words if word in rank),
        default=0.0,
    )


@cache
def _ranks(names: tuple[str, ...]) -> Mapping[str, float]:
    return {name: 1 - place / len(names) for place, name in enumerate(names)}


def _shape(column: Column) -> float:
    """Up to 1: long texts for a text, few values that repeat and are words for a category."""
    length = sum(map(len, column.samples)) / max(1, len(column.samples))
    if column.kind is ColumnKind.text:
        return min(1.0, length / 100)
    several = 0.5 if column.distinct > 1 else -1.0
    words = 0.25 if any(map(_has_letter, column.samples)) else 0.0
    return several + words - min(0.25, column.distinct / 1000)


def _says_parts(column: Column) -> bool:
    """Whether the column says which rows are for training and which for tests."""
    values = {value.casefold() for value in column.samples}
    return bool(values) and values <= PARTS and column.distinct <= len(PARTS)


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
