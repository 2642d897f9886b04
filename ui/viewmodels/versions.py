"""Versions of the data: which there are, what learned from each, what changed. QtCore only."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject

from ui import words
from ui.binding import Observable, Property
from ui.shown_data import ChangeItem, VersionItem
from ui.viewmodels.session import Session
from zeroapp.data.versions import NOW, Comparison, RowChange, What, compare, find_version
from zeroapp.dataset import Cells, Version
from zeroapp.errors import Failure
from zeroapp.project import Project
from zeroapp.runs.history import trained_with

_SAID = {
    What.added: "added",
    What.removed: "removed",
    What.relabelled: "with another kind",
    What.edited: "with another text",
}
_ONE = {
    What.added: "Added",
    What.removed: "Removed",
    What.relabelled: "Another kind",
    What.edited: "Changed",
}
_CELL = 300


class VersionsModel(Observable):
    """versions: the newest first, the data as it is now in front. older, newer: keys of the two
    that are compared. summary: what changed, in a sentence. changes: the first of each sort.
    busy: a comparison is at work.
    """

    versions: Property[tuple[VersionItem, ...]] = Property(())
    older = Property("")
    newer = Property("")
    summary = Property("")
    changes: Property[tuple[ChangeItem, ...]] = Property(())
    busy = Property(default=False)
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked = 0

    def entered(self) -> None:
        """The window is shown: what changed since the last version."""
        project = self._session.project
        found = project.store.versions() if project else []
        runs = trained_with(project) if project else {}
        now = VersionItem(key=NOW, title="As it is now", detail="with every change so far")
        self.versions = (now, *(_item(v, runs.get(v.version, ())) for v in reversed(found)))
        self.choose(NOW)

    def choose(self, key: str) -> None:
        """Look at a version, beside the one before it."""
        keys = [item.key for item in self.versions]
        at = keys.index(key)
        self.compare(keys[min(at + 1, len(keys) - 1)], key)

    def compare(self, older: str, newer: str) -> None:
        """Say what changed from one version to the other."""
        project = self._session.project
        self.older, self.newer = older, newer
        self._asked += 1
        mine = self._asked
        self.failure = None
        if project is None or older == newer:
            self.changes = ()
            self.summary = _alone(self.versions)
            return
        self.busy = True
        self._session.door.run(
            lambda: _compared(project, older, newer),
            done=lambda found: self._show(found, asked=mine),
            failed=self._failed,
        )

    def _show(self, found: Comparison, *, asked: int) -> None:
        if asked != self._asked:
            return
        self.busy = False
        self.summary = _summary(found)
        self.changes = tuple(_change(change) for change in found.changes)

    def _failed(self, failure: Failure) -> None:
        self.busy = False
        self.failure = failure


def _compared(project: Project, older: str, newer: str) -> Comparison:
    """Compares on a connection of its own, so that nobody waits for it."""
    store = project.store.again()
    try:
        return compare(store, find_version(store, older), find_version(store, newer))
    finally:
        store.close()


def _item(version: Version, runs: Sequence[str]) -> VersionItem:
    usable = words.plural(version.usable, "example")
    taught = f"{words.plural(len(runs), 'training')} learned from it" if runs else ""
    return VersionItem(
        key=version.version,
        title=_time(version.at),
        detail=" · ".join(part for part in (usable, taught) if part),
    )


def _time(at: str) -> str:
    """When it was, by this computer's clock."""
    if not at:
        return "Some time ago"
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d, %H:%M")


def _alone(versions: Sequence[VersionItem]) -> str:
    if len(versions) > 1:
        return "This is the first version: there is none before it."
    return "There is no version yet: one is kept each time your examples are looked at."


def _summary(found: Comparison) -> str:
    parts = [f"{words.plural(n, 'row')} {_SAID[what]}" for what, n in found.counts.items() if n]
    said = f"{', '.join(parts)}." if parts else "No row differs."
    shown, every = len(found.changes), sum(found.counts.values())
    if shown < every:
        said += f" The first {words.count(shown)} are shown."
    return said + (" The columns play other parts." if found.roles_changed else "")


def _change(change: RowChange) -> ChangeItem:
    before, after = change.before or {}, change.after or {}
    names = [n for n in dict.fromkeys([*before, *after]) if before.get(n, "") != after.get(n, "")]
    if change.before is None or change.after is None:
        names = list(dict.fromkeys([*before, *after]))
    bare = change.before is None or change.after is None or len(names) == 1
    return ChangeItem(
        what=_ONE[change.what],
        where=f"{change.file}, line {words.count(change.line)}",
        before=_cells(before, names, bare=bare),
        after=_cells(after, names, bare=bare),
        text=_text(after or before, but=names),
    )


def _cells(cells: Cells, names: Sequence[str], *, bare: bool) -> str:
    """What these cells say; with their columns' names, unless it is clear which they are."""
    said = [cells[n] if bare else f"{n}: {cells[n]}" for n in names if cells.get(n)]
    return " · ".join(said)[:_CELL]


def _text(cells: Cells, *, but: Sequence[str]) -> str:
    """What the row is known by: its longest cell among those that stayed the same."""
    same = [text for name, text in cells.items() if name not in but]
    return max(same, key=len, default="")[:_CELL]
