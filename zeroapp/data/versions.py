"""Versions of the data: which there are, and what changed from one to another. Changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from zeroapp.data.edit_log import Line
from zeroapp.data.store import Store
from zeroapp.dataset import Cells, Roles, Row, Version
from zeroapp.errors import UsageError

NOW = "now"
"""The name of the data as it is at this moment, for people and the command line."""

_SHORTEST = 4


class What(StrEnum):
    """How a row differs between two versions."""

    added = "added"
    removed = "removed"
    relabelled = "relabelled"
    edited = "edited"


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row that differs; before is None for an added one, after for a removed one.

    file, line: where the row came from.
    """

    what: What
    row_id: int
    file: str
    line: int
    before: Cells | None
    after: Cells | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from `older` to `newer`. counts: how many rows of each sort; changes: the first
    of them. roles_changed: the columns play other parts.
    """

    older: Version
    newer: Version
    counts: dict[What, int]
    changes: tuple[RowChange, ...]
    roles_changed: bool


def current(store: Store) -> Version:
    """The data as it is now, whether or not it was ever checked."""
    return Version(
        version=NOW,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        head=store.head(),
        files=tuple(sorted(store.numbers().values())),
        roles=store.setting("roles", kind=Roles) or {},
        usable=0,
    )


def find_version(store: Store, name: str) -> Version:
    """The version of this name, or whose name begins so; "now" is the data as it is.

    Raises UsageError("no-version", "several-versions").
    """
    if name == NOW:
        return current(store)
    found = [v for v in store.versions() if v.version.startswith(name)]
    if len(name) < _SHORTEST or not found:
        raise UsageError(
            "no-version",
            title=f"There is no version of the data called “{name}”.",
            hint="List the versions, then name one by at least its first four letters.",
        )
    if len(found) > 1:
        raise UsageError(
            "several-versions",
            title=f"Several versions of the data have a name that begins with “{name}”.",
            hint=f"Write more of it: {', '.join(v.version for v in found)}.",
        )
    return found[0]


def compare(store: Store, older: Version, newer: Version, *, keep: int = 200) -> Comparison:
    """What changed between two versions; `keep` changes of each sort are kept, the first ones.

    A file that was read again counts as the same file: its rows are matched by their lines.
    """
    counts = dict.fromkeys(What, 0)
    changes: list[RowChange] = []
    for change in _changes(store, older=older, newer=newer):
        counts[change.what] += 1
        if counts[change.what] <= keep:
            changes.append(change)
    return Comparison(
        older=older,
        newer=newer,
        counts=counts,
        changes=tuple(changes),
        roles_changed=older.roles != newer.roles,
    )


def _changes(store: Store, *, older: Version, newer: Version) -> Iterator[RowChange]:
    lines = store.line(older.head), store.line(newer.head)
    before, after = (store.hashes(v.files) for v in (older, newer))
    label = newer.roles.get("label", "")
    for sha in dict.fromkeys([*before, *after]):
        old, new = before.get(sha), after.get(sha)
        if old is not None and old == new:
            pairs = _same_file(store, old, lines=lines)
        else:
            pairs = _other_file(store, old, new, lines=lines)
        for was, now in pairs:
            if (change := _change(was, now, label=label)) is not None:
                yield change


_Pairs = Iterator[tuple[Row | None, Row | None]]


def _same_file(store: Store, file: int, *, lines: tuple[Line, Line]) -> _Pairs:
    """The rows of a file that may differ between two lines of edits."""
    for page in store.pages(file, only=store.touched(*lines)):
        was, now = ({r.id: r for r in store.overlaid(page, line=line)} for line in lines)
        yield from ((was.get(row.id), now.get(row.id)) for row in page)


def _other_file(
    store: Store, old: int | None, new: int | None, *, lines: tuple[Line, Line]
) -> _Pairs:
    """The rows of two readings of a file, or of a file that is in one version only."""
    was, now = (
        _placed(store, file, line=line) for file, line in zip((old, new), lines, strict=True)
    )
    for place in dict.fromkeys([*was, *now]):
        yield was.get(place), now.get(place)


def _placed(store: Store, file: int | None, *, line: Line) -> dict[tuple[int, int], Row]:
    """The rows of a reading by their line, and the how-manieth of it they are."""
    if file is None:
        return {}
    places = store.places(file)
    rows = (row for page in store.pages(file) for row in store.overlaid(page, line=line))
    return {places[row.id]: row for row in rows}


def _change(was: Row | None, now: Row | None, *, label: str) -> RowChange | None:
    row = now or was
    if row is None or (was and now and was.cells == now.cells):
        return None
    return RowChange(
        what=_what(was, now, label=label),
        row_id=row.id,
        file=row.file,
        line=row.line,
        before=was.cells if was else None,
        after=now.cells if now else None,
    )


def _what(was: Row | None, now: Row | None, *, label: str) -> What:
    if was is None or now is None:
        return What.added if was is None else What.removed
    names = was.cells.keys() | now.cells.keys()
    changed = {name for name in names if was.cells.get(name, "") != now.cells.get(name, "")}
    return What.relabelled if changed == {label} else What.edited
