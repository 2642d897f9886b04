"""What all pages share: the open project, the step, one watcher for each kind of job."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.background import Door
from ui.binding import Observable, Property
from ui.errors import failure_of
from ui.run_watcher import Launcher, RunWatcher
from zeroapp import tasks, wizard
from zeroapp.dataset import Answers, Reads
from zeroapp.errors import AppError, Failure
from zeroapp.protocol import Job
from zeroapp.status import Outcome, RunStatus, State
from zeroapp.wizard import Draft, Step

if TYPE_CHECKING:
    from zeroapp.project import Project

LOOSE = ("probe", "engine")
"""Kinds that belong to no project."""

_KIND_OF = {
    "Probe": "probe",
    "ImportData": "import",
    "Check": "check",
    "Inspect": "inspect",
    "MakePlan": "plan",
    "Train": "train",
    "Evaluate": "evaluate",
    "Export": "export",
    "Predict": "predict",
    "TryOut": "tryout",
    "Rehearse": "rehearse",
    "Benchmark": "benchmark",
    "MakeEngine": "engine",
}

KINDS = tuple(_KIND_OF.values())

_HEAVY = ("import", "check", "plan", "train")
"""What the deeper checks make room for."""


class Session(Observable):
    """The state shared by pages. Made once for the window; projects come and go in it.

    project, step, draft: what is open, which page is shown, what the flow's rules see.
    opening(): a project is about to be opened: what shows one must be there from now on.
    opened(): another project was opened (or closed: project is None).
    failed(Failure): something no page took care of; the window shows it.
    wished(str, object): the user wants another value of a field of the plan, asked on another page.
    """

    opening = Signal()
    opened = Signal()
    failed = Signal(object)
    wished = Signal(str, object)

    project: Property["Project | None"] = Property(None)
    step = Property(Step.examples)
    draft = Property(Draft())

    def __init__(self, launcher: Launcher, door: Door, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.door = door
        self._launcher = launcher
        self._watchers = {kind: RunWatcher(self) for kind in KINDS}

    def watcher(self, kind: str) -> RunWatcher:
        """The watcher of one kind of job ("import", "check", "plan", "train", ...); see KINDS."""
        return self._watchers[kind]

    def has_engine(self) -> bool:
        """Whether there is anything to work with; the small app has nothing at first."""
        return self._launcher.has_engine()

    def launch(self, job: Job) -> RunWatcher | None:
        """Start `job` in a new run folder of the project; its watcher follows it.

        A Probe needs no project. None when it could not be started; `failed` has told why.
        """
        kind = _KIND_OF[type(job).__name__]
        if kind in _HEAVY:
            self.stop("inspect")  # what was found is kept, and goes on later
        project = self.project
        if project is None and kind not in LOOSE:
            return None
        try:
            if project is None or kind in LOOSE:
                folder = self._launcher.loose_folder(kind)
            else:
                folder = project.new_run(kind)
            handle = self._launcher.launch(job, folder)
        except (AppError, OSError) as error:
            self.failed.emit(failure_of(error))
            return None
        watcher = self._watchers[kind]
        watcher.watch(handle)
        return watcher

    def go_on(self) -> None:
        """Start the training run that is followed again, from its last checkpoint."""
        watcher = self._watchers["train"]
        if watcher.handle is None:
            return
        try:
            watcher.watch(self._launcher.go_on(watcher.handle.folder))
        except (AppError, OSError) as error:
            self.failed.emit(failure_of(error))

    def open(self, project: "Project | None") -> None:
        """Make `project` the open one, take up its newest runs and land on the right step."""
        if project is not None:
            self.opening.emit()
        # Nobody may reach for the old project once it is closed: it goes before the runs do.
        before, self.project = self.project, None
        for kind, watcher in self._watchers.items():
            if kind not in LOOSE:
                watcher.watch(None)
        if before is not None:
            before.close()
        self.project = project
        self.draft = Draft()
        if project is not None:
            self._take_up(project)
            self.refresh()
            self.step = wizard.landing(self.draft)
        self.opened.emit()

    def _take_up(self, project: "Project") -> None:
        """Follow again what was done before, so that every page finds its last result."""
        for kind in ("import", "check", "plan", "train", "rehearse", "benchmark"):
            runs = project.runs(kind)
            if runs:
                self._watchers[kind].watch(self._launcher.attach(runs[0]))

    def refresh(self) -> None:
        """Look at the project again and set `draft`; pages call it when something came of a job."""
        project = self.project
        if project is None:
            self.draft = Draft()
            return
        roles = project.roles()
        titles = _required_roles(project.task)
        profile = project.profile()
        blocking = [p for p in project.problems() if p.severity == "blocking"]
        train = self._watchers["train"].status
        followed = self._watchers["train"].handle is not None
        self.draft = Draft(
            rows=project.count(),
            missing_roles=tuple(titles[key] for key in titles if not roles.get(key)),
            checked=profile is not None,
            blocking=len(blocking),
            planned=self._watchers["plan"].status.planned is not None,
            training=followed and not _complete(train),
            judged=_judged(project),
            exported=bool(project.exports()),
        )

    def go(self, step: Step) -> bool:
        """Show `step` if the rules allow it; says whether they did."""
        self.refresh()
        if wizard.missing(self.draft, step):
            return False
        self.step = step
        return True

    def forward(self) -> bool:
        """Show the next step if the rules allow it."""
        following = wizard.next_step(self.step)
        return following is not None and self.go(following)

    def backward(self) -> None:
        """Show the step before."""
        before = wizard.previous_step(self.step)
        if before is not None:
            self.step = before

    @property
    def reads(self) -> Reads:
        """What the open project's task reads; texts without a project."""
        task = tasks.all_tasks().get(self.project.task) if self.project is not None else None
        return task.reads if task is not None else Reads.text

    @property
    def answers(self) -> Answers:
        """What it answers with; labels without a project."""
        task = tasks.all_tasks().get(self.project.task) if self.project is not None else None
        return task.answers if task is not None else Answers.labels

    @property
    def folder(self) -> str:
        """The project folder as jobs want it; empty without a project."""
        return str(self.project.folder) if self.project is not None else ""

    def report_failure(self, failure: Failure) -> None:
        """Let the window show `failure`."""
        self.failed.emit(failure)

    def stop(self, kind: str) -> None:
        """Ask the run of this kind to put itself away, if one is at work."""
        watcher = self._watchers[kind]
        if watcher.busy and watcher.handle is not None:
            watcher.handle.stop()

    def training_alive(self) -> bool:
        """Whether a training run is working right now; asked when the window closes."""
        watcher = self._watchers["train"]
        return watcher.busy and watcher.handle is not None and watcher.handle.alive()


def _complete(status: RunStatus) -> bool:
    return status.state is State.ended and status.outcome is Outcome.completed


def _judged(project: "Project") -> bool:
    return any(_has_result(run.path) for run in project.runs("train"))


def _has_result(run: Path) -> bool:
    return (run / "report.json").exists()


def _required_roles(task: str) -> dict[str, str]:
    return {role.key: role.title for role in tasks.get(task).roles if role.required}
