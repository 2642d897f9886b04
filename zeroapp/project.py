"""A project: a folder with its SQLite file, runs and exports. What data means is not its job."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from zeroapp import project_file, project_runs, tasks
from zeroapp.data.editing import choose
from zeroapp.data.examples import examples_for, hidden, version_of
from zeroapp.data.faults import refuse_name, write_error
from zeroapp.data.finding_store import MASKING
from zeroapp.data.goal import change_goal
from zeroapp.data.records import Split
from zeroapp.data.splits import assign
from zeroapp.data.store import Store
from zeroapp.data.voices import settled
from zeroapp.dataset import (
    DatasetProfile,
    Example,
    Part,
    Repair,
    Roles,
    Row,
    SetAside,
    SourceFile,
    Version,
)
from zeroapp.edits import Edit
from zeroapp.errors import AppError, Problem, UsageError
from zeroapp.inspection import Suspect, Verdict
from zeroapp.plan import PlanOptions
from zeroapp.report import ExportRecord
from zeroapp.run_folder import RunFolder
from zeroapp.task import Role, roles_of
from zeroapp.wording import typed

DATABASE = "project.db"


class _Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The last check and the revision of the data it looked at."""

    revision: int
    profile: DatasetProfile
    problems: tuple[Problem, ...]


class Project:
    """An open project folder. Several processes may have the same one open."""

    def __init__(self, folder: Path, *, store: Store) -> None:
        self.folder = folder.absolute()  # workers, which run elsewhere, are told of it
        self._store = store

    @classmethod
    def create(cls, folder: Path, *, task: str | None = None) -> "Project":
        """Make a project in `folder`, which may exist but must not hold a project already.

        task: None leaves it to the first files that are imported.

        Raises UsageError("project-exists", "unknown-task", "not-a-folder"),
        ResourceError("no-permission", "disk-full"), DataError("file-name").
        """
        refuse_name(folder)
        chosen = {"task": tasks.get(task).key} if task is not None else {}
        if (folder / DATABASE).exists():
            raise UsageError(
                "project-exists",
                title=f"There is already a project in “{folder}”. It was left as it is.",
                hint="Open it, or choose another folder for the new one.",
            )
        fresh = not folder.exists()
        _make_folder(folder)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            store = Store.create(folder / DATABASE, settings={**chosen, "created_at": made})
        except AppError:
            if fresh:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        project_file.put(folder)
        return cls(folder, store=store)

    @classmethod
    def open(cls, folder: Path) -> "Project":
        """Open the project in `folder`.

        Raises UsageError("no-project"), ResourceError("project-newer", "project-damaged",
        "no-permission"), DataError("file-name").
        """
        refuse_name(folder)
        try:
            there = (folder / DATABASE).is_file()
        except OSError as error:
            raise write_error(folder / DATABASE, error) from error
        if not there:
            raise UsageError(
                "no-project",
                title=f"There is no project in “{folder}”.",
                hint=f"Make one with: zeroapp new {typed(folder)}",
            )
        return cls(folder, store=Store(folder / DATABASE))

    @property
    def store(self) -> Store:
        """The SQLite file."""
        return self._store

    @property
    def task(self) -> str:
        """The key of the task; the default until the first files say what fits."""
        return self._store.setting("task", kind=str) or tasks.default().key

    def set_task(self, key: str) -> None:
        """Make it a project of another task, while there are no trainings.

        Raises UsageError("unknown-task", "goal-does-not-fit", "goal-is-set").
        """
        if self.runs("train"):
            raise UsageError(
                "goal-is-set",
                title="This project has trainings, so what it is for stays as it is.",
                hint="Make a new project for the other aim. Nothing was changed.",
            )
        change_goal(self._store, key, now=self.task)
        self.set_options(PlanOptions())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the SQLite file."""
        self._store.close()

    # --- the rows ------------------------------------------------------------------------------

    def roles(self) -> Roles:
        """Which column plays which role; empty until something was imported or chosen."""
        return self._store.setting("roles", kind=Roles) or {}

    def set_roles(self, roles: Roles) -> Edit | None:
        """Choose the columns. Drops the stored check. An edit like any other: it can be undone.

        A role without a column is left out. Gives None when nothing changes. Raises
        UsageError("missing-column", "unknown-role", "no-such-value"); then nothing has changed.
        """
        before = self.roles()
        roles = {role: column for role, column in roles.items() if column}
        _refuse_unknown(roles, columns=self.columns(), task=self.task)
        roles = settled(roles, before=before, task=tasks.get(self.task), store=self._store)
        said = f"Let {_parts_said(roles, before=before, task=self.task)}"
        return choose(self._store, "roles", before=before, after=roles, said=said)

    def columns(self) -> list[str]:
        """The names of all columns, in the order of first appearance."""
        return self._store.columns()

    def count(self) -> int:
        """How many rows are stored."""
        return self._store.count()

    def preview(self, *, limit: int, offset: int = 0) -> list[Row]:
        """`limit` rows from the `offset`-th on."""
        return self._store.preview(limit=limit, offset=offset)

    def files(self) -> list[SourceFile]:
        """The imported files, oldest first."""
        return self._store.files()

    def repairs(self) -> list[Repair]:
        """What was put right while reading."""
        return self._store.repairs()

    def set_aside(self, *, limit: int = 100) -> list[SetAside]:
        """The first rows that could not be read."""
        return self._store.set_aside(limit=limit)

    def examples(self, *, raw: bool = False) -> list[Example]:
        """The usable rows by the current roles: text and label are there.

        raw: as they stand in the rows, also where personal data is hidden in training.
        """
        masked = self._store.masks() and not raw
        return self._examples(self._store.rows(), roles=self.roles(), masked=masked)

    def _examples(self, rows: Iterable[Row], *, roles: Roles, masked: bool) -> list[Example]:
        task = tasks.get(self.task)
        found = examples_for(task, rows, roles=roles, project=self.folder)
        return hidden(found, answers=task.answers) if masked else found

    # --- the last check ------------------------------------------------------------------------

    def profile(self) -> DatasetProfile | None:
        """The profile of the last check; None when rows or roles have changed since."""
        checked = self._checked()
        return checked.profile if checked else None

    def problems(self) -> tuple[Problem, ...]:
        """What the last check found; empty when rows or roles have changed since."""
        checked = self._checked()
        return checked.problems if checked else ()

    def store_check(self, profile: DatasetProfile, problems: Sequence[Problem]) -> None:
        """Keep the result of a check, unless rows or roles have changed since it began."""
        if profile.roles != self.roles() or profile.rows != self.count():
            return
        checked = _Checked(
            revision=self._store.revision(), profile=profile, problems=tuple(problems)
        )
        self._store.put_setting("check", value=checked)
        self._store.add_version(
            Version(
                version=profile.version,
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                head=self._store.head(),
                files=tuple(sorted(self._store.numbers().values())),
                roles=profile.roles,
                usable=profile.usable,
            )
        )

    def _checked(self) -> _Checked | None:
        checked = self._store.setting("check", kind=_Checked)
        if checked is None or checked.revision != self._store.revision():
            return None
        return checked

    # --- the deeper checks ---------------------------------------------------------------------

    def suspects(self) -> tuple[Suspect, ...]:
        """Rows whose label is probably wrong, the surest first, as they were last found.

        Some may have another label or be gone by now: `Suspect.given` tells.
        """
        return self._store.suspects()

    def set_masks(self, *, on: bool) -> None:
        """Hide personal data from now on, or show it again; an edit that can be undone."""
        said = "Hid personal data in training" if on else "Showed personal data in training"
        choose(self._store, MASKING, before=self._store.masks(), after=on, said=said)

    def decide(self, problem: Problem, verdict: Verdict) -> None:
        """Keep what a person decided about a finding; `Verdict.open` takes it back."""
        self._store.decide(problem, verdict=verdict)

    def verdict_on(self, problem: Problem) -> Verdict:
        """What was decided about a finding; open when it touches more rows than it did then."""
        return self._store.verdict_on(problem)

    # --- parts and options ---------------------------------------------------------------------

    def parts(self, *, version: str, seed: int) -> dict[Part, list[Example]]:
        """The examples of each part, in the order of the rows.

        Made once for a (version, seed) and kept: the same rows in the same parts, with the roles
        and edits of that time, whatever is imported or changed later. Raises
        UsageError("data-changed") when `version` (see DatasetProfile.version) is not that of
        today's data and no split of it is kept.
        """
        split = self._store.split(version, seed=seed) or self._split(version, seed=seed)
        line = self._store.line(split.head)
        found: dict[Part, list[Example]] = {part: [] for part in Part}
        # the rows of that time alone: an example may be made of several
        rows = (r for r in self._store.rows(replaced=True, line=line) if r.id in split.parts)
        for example in self._examples(rows, roles=split.roles, masked=split.masked):
            found[split.parts[example.row_id]].append(example)
        return found

    def _split(self, version: str, *, seed: int) -> Split:
        roles, line = self.roles(), self._store.line()
        masked = self._store.masks()
        examples = self._examples(self._store.rows(line=line), roles=roles, masked=masked)
        if version_of(examples, task=self.task, roles=roles) != version:
            raise UsageError(
                "data-changed",
                title="The data has changed since this plan was made.",
                hint="Check the data and plan again; earlier runs stay as they are.",
            )
        parts = assign(examples, seed=seed, answers=tasks.get(self.task).answers)
        split = Split(roles=roles, head=line.head, masked=masked, parts=parts)
        self._store.add_split(version, seed=seed, split=split)
        return split

    def options(self) -> PlanOptions:
        """What was asked of the planner."""
        return self._store.setting("options", kind=PlanOptions) or PlanOptions()

    def set_options(self, options: PlanOptions) -> None:
        """Keep what is asked of the planner."""
        self._store.put_setting("options", value=options)

    # --- runs and exports ----------------------------------------------------------------------

    def new_run(self, kind: str) -> RunFolder:
        """Make an empty run folder; names sort by time (see `project_runs.make`)."""
        return project_runs.make(self.folder, kind)

    def runs(self, kind: str | None = None) -> list[RunFolder]:
        """The runs, newest first; only those of one kind when it is given."""
        return project_runs.found(self.folder, kind=kind)

    def run(self, run_id: str) -> RunFolder:
        """The run with this name; raises UsageError("no-run")."""
        return project_runs.named(self.folder, run_id)

    def exports(self) -> list[ExportRecord]:
        """The finished exports, oldest first."""
        return self._store.exports()

    def add_export(self, record: ExportRecord) -> None:
        """Enter a finished export."""
        self._store.add_export(record)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(
            "not-a-folder",
            title=f"“{folder}” is a file, so no project can be made there.",
            hint="Choose another name for the project's folder.",
        ) from None
    except OSError as error:
        raise write_error(folder / DATABASE, error) from error


def _refuse_unknown(roles: Roles, *, columns: Sequence[str], task: str) -> None:
    known = {role.key: role for role in roles_of(tasks.get(task))}
    for role, column in roles.items():
        if role not in known:
            raise UsageError(
                "unknown-role",
                title=f"There is no role called “{role}” here.",
                hint=f"The roles are: {', '.join(known)}.",
            )
        if column not in columns and not known[role].of:
            raise UsageError(
                "missing-column",
                title=f"There is no column called “{column}”.",
                hint=f"The columns are: {', '.join(columns) or 'none yet, add a file first'}.",
            )


def _parts_said(roles: Roles, *, before: Roles, task: str) -> str:
    changed = [r for r in roles_of(tasks.get(task)) if roles.get(r.key) != before.get(r.key)]
    return " and ".join(f"{_played_by(role, roles)} be “{role.title}”" for role in changed)


def _played_by(role: Role, roles: Roles) -> str:
    if role.key in roles:
        return f"“{roles[role.key]}”"
    return "nobody" if role.of else "no column"
