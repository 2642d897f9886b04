"""A whole window for tests: real projects, real import and check, but nothing is trained.

`Desk` assembles the app around a launcher that does import and check at once in this process and
plays the rest from a script, in a fake worker of its own.
"""

from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QDialog, QWidget

from support import stories
from support.fake_worker import FakeLauncher
from support.listener import Listener
from support.played import PlayedHandle
from support.script import Act, Say, Steps
from ui.app import App, assemble
from ui.background import Inline
from ui.widgets.leave_dialog import Leave
from zeroapp import protocol as p
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths, read_again
from zeroapp.errors import AppError
from zeroapp.hardware import HardwareProfile
from zeroapp.packs.launching import no_engine
from zeroapp.plan import Device
from zeroapp.project import Project
from zeroapp.run_folder import RunFolder
from zeroapp.runs.handle import RunHandle

COMPUTER = HardwareProfile(
    system="Linux",
    processor="x86_64",
    cores=8,
    memory_total=24 * 2**30,
    memory_available=18 * 2**30,
    disk_free=200 * 2**30,
    device=Device.cpu,
)


class _Judging(RunHandle):
    """Writes report.json once the script has judged, as the engine would have before."""

    @property
    def status(self):
        known = super().status
        if known.judged is not None and not self.folder.report.exists():
            self.folder.report.write_bytes(msgspec.json.encode(known.judged.report))
        return known


class DeskLauncher(FakeLauncher):
    """jobs: all that were launched. steps: how long a training is; seconds: for each step."""

    def __init__(self, place: Path, *, steps: int = 12, seconds: float = 0.01) -> None:
        super().__init__()
        self.place = place
        self.jobs: list[p.Job] = []
        self.steps, self.seconds = steps, seconds

    def launch(self, job: p.Job, folder: RunFolder):
        if not (self.engine or isinstance(job, p.MakeEngine)):
            raise no_engine()
        self.jobs.append(job)
        if isinstance(job, p.ImportData | p.Check):
            return _at_once(job, folder)
        if isinstance(job, p.Inspect):
            handle = PlayedHandle(folder)
            handle.say(p.Started(job="Inspect", pid=1), p.Finished(outcome="completed"))
            return handle
        self.plays = (self._acts(job),)
        started = super().launch(job, folder)
        return _Judging(started.folder)

    def attach(self, folder: RunFolder):
        return _Judging(folder)

    def loose_folder(self, kind: str) -> RunFolder:
        return RunFolder(self.place / f"loose-{kind}-{len(self.jobs)}")

    def _acts(self, job: p.Job) -> tuple[Act, ...]:
        if isinstance(job, p.Probe):
            return (Say(event=p.Probed(hardware=COMPUTER)),)
        if isinstance(job, p.MakePlan):
            with Project.open(Path(job.project)) as project:
                version = project.profile().version
            return (Say(event=p.PlanMade(planned=stories.planned(data_version=version))),)
        judged = Say(event=p.Judged(report=stories.report()))
        return (Steps(total=self.steps, seconds=self.seconds), judged)


def _at_once(job: p.ImportData | p.Check, folder: RunFolder) -> PlayedHandle:
    """Do the work here and now; the handle says what the worker would have said."""
    handle, work = PlayedHandle(folder), Listener()
    handle.say(p.Started(job=type(job).__name__, pid=1))
    try:
        with Project.open(Path(job.project)) as project:
            if isinstance(job, p.ImportData) and job.again:
                said = read_again(
                    project, job.again, without=job.without, work=work, encoding=job.encoding
                )
            elif isinstance(job, p.ImportData):
                said = import_paths(project, [Path(one) for one in job.paths], work)
            else:
                count = lambda texts: [len(text.split()) for text in texts]  # noqa: E731
                profile, problems = check(project, work, count_tokens=count, limit=128)
                said = p.Checked(profile=profile, problems=tuple(problems))
    except AppError as error:
        handle.say(*work.events, p.Failed(failure=error.failure()))
    else:
        handle.say(*work.events, said, p.Finished(outcome="completed"))
    return handle


class Desk:
    """An app at a desk: `app`, the launcher, and short ways to what tests want."""

    def __init__(self, qapp, place: Path, **options) -> None:
        self.launcher = DeskLauncher(place, **options)
        self.leave = Leave.keep_going
        self.asked = 0
        self.app: App = assemble(qapp, launcher=self.launcher, door=Inline(), ask=self._ask)
        self.window = self.app.window
        self.session = self.app.models.session
        self.start = self.app.models.start

    def _ask(self, _parent):
        """Answer the question that the window asks when it closes during a training."""
        self.asked += 1
        return self.leave

    @property
    def top(self) -> QWidget:
        """The dialog that is open, else the window."""
        dialogs = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        return dialogs[-1] if dialogs else self.window

    def model(self, step):
        return self.app.screens.models[step]

    def page(self, step):
        return self.app.screens.pages[step]

    def end(self) -> None:
        """Stop whatever still runs, so that no process outlives the test."""
        for kind in ("train", "plan", "probe", "tryout", "rehearse", "benchmark"):
            watcher = self.session.watcher(kind)
            if isinstance(watcher.handle, RunHandle):
                watcher.handle.kill()
        self.session.open(None)
        self.leave = Leave.keep_going
        self.app.window.close()
        # Without an event loop nobody else would; hundreds of widgets would slow every later test.
        for left in (self.app.window, self.session, self.app.theme):
            left.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def table(folder: Path, name: str = "questions.csv", *, rows: int = 60, kinds: int = 3) -> Path:
    """A clean table: a text and one of a few kinds in each row, no text twice."""
    topics = ("card", "refund", "login", "parcel", "invoice")[:kinds]
    lines = ["message,kind"]
    for number in range(rows):
        topic = topics[number % kinds]
        lines.append(f"{_spelled(number)} about my {topic},{topic}")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _spelled(number: int) -> str:
    """Words rather than digits: texts that differ in digits only count as the same."""
    words = ("where", "when", "why", "how", "who", "which", "can", "may", "must", "will")
    first, second = divmod(number, 10)
    return f"{words[first % 10]} {words[second]} question {words[(first // 10 + second) % 10]}"
