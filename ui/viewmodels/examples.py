"""Examples: what was dropped, how it was read, which column plays which part. QtCore only."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from ui import words
from ui.binding import Property
from ui.errors import failure_of
from ui.shown import Doing
from ui.shown_data import (
    AsideItem,
    ColumnHead,
    FileItem,
    GoalChoice,
    RepairItem,
    RoleChoice,
    TableData,
    VoiceChoice,
)
from ui.viewmodels.fix import FixModel
from ui.viewmodels.rows import RowsModel
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.turn import Turn
from ui.viewmodels.versions import VersionsModel
from zeroapp import tasks, wizard
from zeroapp.data.code_pages import NAMES, named
from zeroapp.data.editing import add_column, doubted
from zeroapp.data.examples import place_of
from zeroapp.data.goal import other_goals
from zeroapp.data.pasting import keep_pasted
from zeroapp.data.voices import Voices, voices
from zeroapp.dataset import Answers, Repair, Roles, SourceFile
from zeroapp.errors import AppError, Failure
from zeroapp.project import Project
from zeroapp.protocol import ImportData, Job
from zeroapp.status import Outcome, RunStatus, State
from zeroapp.task import roles_of
from zeroapp.wizard import Step

PREVIEW_ROWS = 8
ASIDE_ROWS = 20


class ExamplesModel(StepModel):
    """Reads files as a job and shows what came of them.

    doing: the import at work, None otherwise. table: the first rows and the parts of columns.
    doubted: rows whose kind is suspected. files, aside: what was put right and what could not be
    read. goal, goal_help: what the columns make of the project.
    goals: what else it could be for, while nothing was learned yet. lacks_label: no column holds
    the kinds that it is to learn. voices: who in a chat could be the person.
    """

    doing: Property[Doing | None] = Property(None)
    table: Property[TableData] = Property(TableData())
    rows = Property(0)
    files: Property[tuple[FileItem, ...]] = Property(())
    aside: Property[tuple[AsideItem, ...]] = Property(())
    aside_count = Property(0)
    doubted = Property(0)
    goal = Property("")
    goal_help = Property("")
    lacks_label = Property(default=False)
    goals: Property[tuple[GoalChoice, ...]] = Property(())
    voices: Property[VoiceChoice | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.title = "Show it some examples"
        self._watcher = session.watcher("import")
        self._watcher.status_changed.connect(self._told)
        self._watcher.ended.connect(self._ended)
        self._turn = Turn(session, over=("import", "check", "plan", "tryout"), parent=self)
        self._turn.refused.connect(lambda: self._told(self._watcher.status))
        self._wanted: tuple[str, ...] = ()
        self._job_wanted = ImportData(project="", paths=())
        self._order: tuple[str, ...] = ()
        self._voice: str | None = None
        self.all_rows = RowsModel(session, self)
        self.fix = FixModel(session, self)
        self.versions = VersionsModel(session, self)
        self._show()

    # --- what the page calls -----------------------------------------------------------------

    def entered(self) -> None:
        """Show the project as it is now."""
        self._show()

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read files or folders into the project, after whatever is at work has ended."""
        if not paths or self.session.project is None:
            return
        if self.session.training_alive():
            self.failure = _training_is_on()
            return
        self._wanted = tuple(str(path) for path in paths)
        self._read(ImportData(project=self.session.folder, paths=self._wanted))

    def paste(self, text: str) -> None:
        """Read pasted lines or cells into the project, as a file that the project keeps."""
        project = self.session.project
        if project is None or self.doing is not None:
            return
        try:
            path = keep_pasted(project.folder, text)
        except AppError as error:
            self.failure = failure_of(error)
            return
        self.add_files([path])

    def change_repair(self, file: int, kind: str) -> None:
        """Take a repair back, or make it again when it was taken back: the file is read again."""
        self._read_again(file, without=self._undone(file) ^ {kind})

    def choose_encoding(self, file: int, encoding: str) -> None:
        """Read a file's letters in this encoding: it is read again."""
        self._read_again(file, without=self._undone(file) - {"encoding"}, encoding=encoding)

    def _undone(self, file: int) -> set[str]:
        project = self.session.project
        repairs = project.repairs() if project is not None else []
        return {repair.kind for repair in repairs if repair.number == file and repair.undone}

    def _read_again(self, file: int, *, without: set[str], encoding: str = "") -> None:
        if self.session.project is None:
            return
        if self.session.training_alive():
            self.failure = _training_is_on()
            return
        self._wanted = ()
        job = ImportData(
            project=self.session.folder,
            paths=(),
            again=file,
            without=tuple(sorted(without)),
            encoding=encoding,
        )
        self._read(job)

    def _read(self, job: ImportData) -> None:
        self.failure = None
        self._job_wanted = job
        self.doing = Doing(title="Getting ready to read")
        self._turn.take(self._job)
        self._offer()

    def _job(self) -> Job:
        return self._job_wanted

    def mended(self) -> None:
        """The window with all rows was closed: show what came of it."""
        self._show()

    def stop(self) -> None:
        """Stop reading; what was in the project before stays as it was."""
        self._turn.drop()
        if self._watcher.handle is not None:
            self._watcher.handle.stop()

    def set_role(self, column: str, role: str) -> None:
        """Let `column` play `role` ("" for none); the column that played it takes over its part."""
        project = self.session.project
        if project is None:
            return
        try:
            project.set_roles(changed_roles(project.roles(), column=column, role=role))
        except AppError as error:
            self.failure = failure_of(error)
            return
        self._show()

    def set_voice(self, name: str) -> None:
        """Say which one in the chat is the person; "" for nobody."""
        project = self.session.project
        if project is None or self._voice is None:
            return
        try:
            project.set_roles({**project.roles(), self._voice: name})
        except AppError as error:
            self.failure = failure_of(error)
        self._show()

    def add_label_column(self, name: str) -> None:
        """Give the table one more column, empty at first, for the kinds; it can be undone."""
        project = self.session.project
        if project is None:
            return
        try:
            add_column(project.store, name)
            project.set_roles({**project.roles(), "label": name.strip()})
        except AppError as error:
            self.failure = failure_of(error)
        else:
            self.failure = None
        self._show()

    def set_goal(self, key: str) -> None:
        """Make the project one of another task."""
        project = self.session.project
        if project is None or self.doing is not None:
            return
        try:
            project.set_task(key)
        except AppError as error:
            self.failure = failure_of(error)
        self._order = ()
        self._show()

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Show another project."""
        self.failure = None
        self.doing = None
        self._order = ()
        self._show()
        self._told(self._watcher.status)

    def draft_changed(self) -> None:
        """Rows or columns may have changed."""
        self._offer()

    def _told(self, status: RunStatus) -> None:
        if self._watcher.busy:
            self.doing = _doing(status, several=len(self._wanted) > 1)
        elif not self._turn.waiting:
            self.doing = None
        self._offer()

    def _ended(self, status: RunStatus) -> None:
        if status.outcome is Outcome.failed:
            self.failure = status.failure
        elif status.outcome is Outcome.interrupted and status.state is State.ended:
            self.failure = _interrupted()
        self._show()

    def _show(self) -> None:
        project = self.session.project
        if project is None:
            self.rows, self.table, self.files, self.aside = 0, TableData(), (), ()
            self.aside_count, self.voices = 0, None
        else:
            self._show_project(project)
        self.session.refresh()
        self._offer()

    def _show_project(self, project: Project) -> None:
        task = tasks.get(project.task)
        self.rows = project.count()
        self.doubted = len(doubted(project.store, column=project.roles().get("label", "")))
        self.goal, self.goal_help = task.title, task.blurb
        self.goals = goals_of(project)
        self.lacks_label = task.answers is Answers.labels and "label" not in project.roles()
        files = project.files()
        self.aside_count = sum(file.rows_set_aside for file in files)
        self.aside = tuple(
            AsideItem(
                where=f"{one.file}, line {words.count(one.line)}", reason=one.reason, raw=one.raw
            )
            for one in project.set_aside(limit=ASIDE_ROWS)
        )
        self._find_voices(project)
        numbers = project.store.numbers()
        self.files = tuple(_file_item(project, f, number=numbers[f.sha256]) for f in files)
        if set(self._order) != set(project.columns()):
            self._order = used_first(project)
        self.table = table_of(project, order=self._order)

    def _find_voices(self, project: Project) -> None:
        """Who says how much takes a look at every row, so it comes a moment later."""
        task, roles, store = tasks.get(project.task), project.roles(), project.store

        def told(found: Voices | None) -> None:
            if self.session.project is project and project.roles() == roles:
                self._voice = found.role.key if found else None
                self.voices = _voice_choice(found) if found else None

        self.session.door.run(lambda: voices(store, task=task, roles=roles), done=told)

    def _offer(self) -> None:
        """Say what Continue would do now."""
        gaps = wizard.missing(self.session.draft, Step.check)
        self.can_go_on = self.doing is None and not gaps
        self.why_not = "The file is being read." if self.doing else " ".join(gaps)
        self.title = "Here is what it will learn from" if self.rows else "Show it some examples"
        self.subtitle = (
            "See whether the columns are right. One click on a column changes its part."
            if self.rows
            else "A table with a text and its kind in each row, or a folder of photos a kind."
        )


def changed_roles(roles: Roles, *, column: str, role: str) -> Roles:
    """The roles after `column` was given `role`; two columns swap rather than lose their parts."""
    before = next((key for key, name in roles.items() if name == column), "")
    after = {key: name for key, name in roles.items() if name != column}
    if not role:
        return after
    ousted = after.get(role)
    after[role] = column
    if ousted is not None and before and before != role:
        after[before] = ousted
    return after


def goals_of(project: Project) -> tuple[GoalChoice, ...]:
    """What else the project could be for; nothing once something was learned."""
    if project.runs("train"):
        return ()
    return tuple(
        GoalChoice(key=task.key, title=task.title, help=task.blurb)
        for task in other_goals(project.task)
    )


def used_first(project: Project) -> tuple[str, ...]:
    """All columns, those with a part in front, so that they are seen without scrolling."""
    own = {role.key for role in tasks.get(project.task).roles}
    used = {name for key, name in project.roles().items() if key in own}
    return tuple(sorted(project.columns(), key=lambda name: name not in used))


def table_of(project: Project, *, order: Sequence[str]) -> TableData:
    """The first rows and every column with the part it plays, in this order of columns."""
    task = tasks.get(project.task)
    part_of = {name: key for key, name in project.roles().items()}
    rows = project.preview(limit=PREVIEW_ROWS)
    return TableData(
        heads=tuple(ColumnHead(name=name, role=part_of.get(name, "")) for name in order),
        rows=tuple(
            tuple(place_of(row.cells.get(name, ""), project=project.folder) for name in order)
            for row in rows
        ),
        choices=tuple(
            RoleChoice(key=r.key, title=r.title, help=r.help) for r in roles_of(task) if not r.of
        ),
        label_role=task.roles[-1].key,
        more=max(0, project.count() - len(rows)),
    )


def _voice_choice(found: Voices) -> VoiceChoice:
    return VoiceChoice(question=found.role.help, names=found.counts, chosen=found.chosen)


def _file_item(project: Project, file: SourceFile, *, number: int) -> FileItem:
    repairs = tuple(_repair_item(r) for r in project.repairs() if r.number == number)
    detail = f"{words.plural(file.rows_stored, 'row')} · {words.size(file.bytes)}"
    aside = f"{words.plural(file.rows_set_aside, 'row')} set aside" if file.rows_set_aside else ""
    if not file.rows_stored:
        aside = "Could not be read"
    return FileItem(name=file.name, detail=detail, repairs=repairs, aside=aside)


def _repair_item(repair: Repair) -> RepairItem:
    often = f" ({words.plural(repair.count, 'time')})" if repair.count > 1 else ""
    text = f"Taken back: {repair.sentence}" if repair.undone else f"{repair.sentence}{often}"
    return RepairItem(
        file=repair.number,
        kind=repair.kind,
        text=text,
        shown=tuple((change.before, change.after) for change in repair.shown),
        can_change=not repair.lasting,
        undone=repair.undone,
        encodings=tuple((key, named(key)) for key in NAMES) if repair.kind == "encoding" else (),
    )


def _doing(status: RunStatus, *, several: bool) -> Doing:
    made = Doing(title="Reading your files" if several else "Reading your file")
    left = words.time_left(status.seconds_left)
    if status.phase_title:
        made = replace(made, title=status.phase_title)
    if status.total:
        made = replace(made, done=status.done, total=status.total)
    if status.unit == "rows" and status.done:
        left = " · ".join(part for part in (words.plural(status.done, "row"), left) if part)
    return replace(made, detail=left)


def _interrupted() -> Failure:
    return Failure(
        code="import-interrupted",
        title="Reading ended before it was done. Nothing was changed in your project.",
        hint="Drop the file again.",
    )


def _training_is_on() -> Failure:
    return Failure(
        code="training-is-on",
        title="A training is running, so nothing can be added now.",
        hint="Wait until it is done, or stop it on the Train page; it keeps what it has learned.",
    )
