"""`zeroapp mend`, `versions`, `diff`: change rows, take it back, see what changed."""

from argparse import Namespace
from collections.abc import Iterator

from zeroapp.cli.console import Console
from zeroapp.data import editing
from zeroapp.data.versions import NOW, Comparison, RowChange, What, compare, find_version
from zeroapp.dataset import Cells, Version
from zeroapp.edits import Edit, said
from zeroapp.errors import UsageError
from zeroapp.project import Project
from zeroapp.runs.history import trained_with
from zeroapp.wording import many, short

_LOG = 20
_SHOWN = 10
_CELL = 60


def mend(args: Namespace, console: Console) -> int:
    """Do every edit that is asked for, in the order the help names them, and say what was done."""
    with Project.open(args.project) as project:
        done = list(_edits(args, project))
        log = project.store.edits()
        lines = [f"{sentence}." for sentence, _ in done] or ["Nothing was changed."]
        if args.log:
            lines = [f"{entry.at}  {said(entry.edit)}" for entry in log[:_LOG]]
        told = {
            "done": [sentence for sentence, _ in done],
            "log": [
                {"at": entry.at, "said": said(entry.edit), "edit": entry.edit} for entry in log
            ],
            "rows": project.count(),
            "binned": len(project.store.binned_now()),
        }
        console.result(told, "\n".join(lines) or "Nothing was changed so far.")
    return 0


def _edits(args: Namespace, project: Project) -> Iterator[tuple[str, Edit]]:
    """What was done, and the edit."""
    for edit in (*_cells(args, project), *_rows(args, project)):
        if edit is not None:
            yield said(edit), edit
    for _ in range(args.undo):
        if edit := project.store.undo():
            yield f"Undone: {said(edit)}", edit
    for _ in range(args.redo):
        if edit := project.store.redo():
            yield f"Done again: {said(edit)}", edit


def _cells(args: Namespace, project: Project) -> Iterator[Edit | None]:
    store, column = project.store, args.column or project.roles().get("label", "")
    for text in args.rename:
        before, after = _pair(text, shape="OLD=NEW")
        yield editing.rename_values(store, [before], column=column, after=after)
    for text in args.set:
        row, value = _pair(text, shape="ROW=VALUE")
        yield editing.set_cells(store, _numbers([row]), column=column, value=value)


def _rows(args: Namespace, project: Project) -> Iterator[Edit | None]:
    store = project.store
    if args.bin:
        yield editing.bin_rows(store, _numbers(args.bin))
    if args.restore:
        yield editing.restore_rows(store, _numbers(args.restore))
    if args.drop_duplicates:
        yield editing.drop_duplicates(store, roles=project.roles())
    if args.role:
        chosen = dict(_pair(text, shape="ROLE=COLUMN") for text in args.role)
        yield project.set_roles({**project.roles(), **chosen})


def versions(args: Namespace, console: Console) -> int:
    """Every version of the data, the newest last, and which runs learned from it."""
    with Project.open(args.project) as project:
        found = project.store.versions()
        runs = trained_with(project)
    told = [{**_shown(v), "runs": runs.get(v.version, [])} for v in found]
    lines = [
        f"{v.version}  {v.at or 'earlier':25}  {many(v.usable, 'usable row')}"
        + "".join(f"\n    run {run}" for run in runs.get(v.version, []))
        for v in found
    ]
    console.result({"versions": told}, "\n".join(lines) or "No version yet: check the data first.")
    return 0


def diff(args: Namespace, console: Console) -> int:
    """What changed from one version of the data to another, or to how it is now."""
    with Project.open(args.project) as project:
        store = project.store
        older, newer = find_version(store, args.older), find_version(store, args.newer or NOW)
        found = compare(store, older, newer)
    told = {
        "older": _shown(older),
        "newer": _shown(newer),
        "counts": found.counts,
        "roles_changed": found.roles_changed,
        "changes": found.changes,
    }
    console.result(told, "\n".join(_compared(found)))
    return 0


def _shown(version: Version) -> dict[str, object]:
    return {
        "version": version.version,
        "at": version.at,
        "usable": version.usable,
        "roles": version.roles,
    }


def _compared(found: Comparison) -> Iterator[str]:
    counts = [f"{many(count, 'row')} {what}" for what, count in found.counts.items() if count]
    yield f"{found.older.version} → {found.newer.version}: {', '.join(counts) or 'no row differs'}"
    if found.roles_changed:
        yield "The columns play other parts."
    for what in What:
        some = [change for change in found.changes if change.what is what]
        yield from map(_line, some[:_SHOWN])
        if found.counts[what] > _SHOWN:
            yield f"  and {found.counts[what] - _SHOWN:,} more {what}"


def _line(change: RowChange) -> str:
    before, after = change.before or {}, change.after or {}
    place = f"  {change.what}: {change.file}, line {change.line:,}: "
    if change.before is None or change.after is None:
        return place + short(" | ".join((after or before).values()), limit=2 * _CELL)
    return place + "; ".join(_cell(name, before, after) for name in _changed(before, after))


def _cell(name: str, before: Cells, after: Cells) -> str:
    was, now = (short(cells.get(name, ""), limit=_CELL) for cells in (before, after))
    return f"{name} “{was}” → “{now}”"


def _changed(before: Cells, after: Cells) -> list[str]:
    names = dict.fromkeys([*before, *after])
    return [name for name in names if before.get(name, "") != after.get(name, "")]


def _pair(text: str, *, shape: str) -> tuple[str, str]:
    one, equals, other = text.partition("=")
    if not equals:
        raise _unclear(text, shape=shape)
    return one, other


def _numbers(texts: list[str]) -> list[int]:
    try:
        return [int(text) for text in texts]
    except ValueError:
        raise _unclear(" ".join(texts), shape="a row's number, such as 12") from None


def _unclear(text: str, *, shape: str) -> UsageError:
    return UsageError(
        "bad-usage",
        title=f"“{text}” cannot be understood here. Nothing was changed.",
        hint=f"Write it as {shape}.",
    )
