"""A project, a launcher and runs for tests of the window: nothing is started, events are played."""

from pathlib import Path

import msgspec

from ui.background import Inline
from ui.viewmodels.session import Session
from zeroapp import tasks
from zeroapp.dataset import DatasetProfile, LabelCount
from zeroapp.plan import PlanOptions
from zeroapp.protocol import Event, Finished, Job, Started, Train, encode
from zeroapp.report import ExportRecord, Report
from zeroapp.run_folder import RunFolder
from zeroapp.status import Outcome, RunStatus, State, fold

VERSION = "v1"


def profile(version: str = VERSION) -> DatasetProfile:
    return DatasetProfile(
        version=version,
        rows=3866,
        usable=3866,
        set_aside=0,
        columns=(),
        roles={"text": "message", "label": "kind"},
        labels=(LabelCount(label="card arrival", count=200),),
        language="en",
    )


class PlayedProject:
    """What the window asks of a Project, in memory; run folders are real and empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.task = tasks.default().key
        self.data = profile()
        self.wishes = PlanOptions()
        self.records: list[ExportRecord] = []
        self.closed = False

    def roles(self):
        return self.data.roles

    def count(self):
        return self.data.rows

    def profile(self):
        return self.data

    def problems(self):
        return ()

    def options(self):
        return self.wishes

    def set_options(self, options):
        self.wishes = options

    def exports(self):
        return list(self.records)

    def runs(self, kind=None):
        places = sorted((self.folder / "runs").glob(f"*-{kind or '*'}"), reverse=True)
        return [RunFolder(path) for path in places]

    def run(self, run_id):
        return RunFolder(self.folder / "runs" / run_id)

    def new_run(self, kind):
        number = len(list((self.folder / "runs").glob("*"))) + 1
        path = self.folder / "runs" / f"20260102-030405-{number:02d}-{kind}"
        path.mkdir(parents=True)
        return RunFolder(path)

    def close(self):
        self.closed = True

    def add_report(self, report: Report) -> RunFolder:
        folder = self.new_run("train")
        folder.report.write_bytes(msgspec.json.encode(report))
        return folder


class PlayedHandle:
    """A run that says what a test tells it to say, and remembers what it was told."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.status = RunStatus()
        self.told: list[str] = []
        self.questions: list[str] = []
        self.temperatures: list[float] = []

    def say(self, *events: Event) -> None:
        for event in events:
            self.status = fold(self.status, event)

    def vanish(self) -> None:
        self.status = msgspec.structs.replace(
            self.status, state=State.ended, outcome=Outcome.interrupted
        )

    def poll(self):
        return ()

    def alive(self):
        return self.status.state is not State.ended

    def stop(self):
        self.told.append("stop")

    def pause(self):
        self.told.append("pause")

    def resume(self):
        self.told.append("resume")

    def ask(self, text, *, temperature=0.0, look=False):
        self.questions.append(f"where in {text}" if look else text)
        self.temperatures.append(temperature)
        return len(self.questions)


class PlayedLauncher:
    """Launches nothing: keeps jobs and handles in order."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.jobs: list[Job] = []
        self.handles: list[PlayedHandle] = []
        self.gone_on: list[RunFolder] = []
        self.known: dict[str, PlayedHandle] = {}
        self.engine = True

    def has_engine(self) -> bool:
        return self.engine

    @property
    def last(self) -> PlayedHandle:
        return self.handles[-1]

    def launch(self, job: Job, folder: RunFolder) -> PlayedHandle:
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.job.write_bytes(encode(job))
        self.jobs.append(job)
        handle = PlayedHandle(folder)
        handle.say(Started(job=type(job).__name__, pid=1, at=1000.0))
        self.handles.append(handle)
        return handle

    def go_on(self, folder: RunFolder) -> PlayedHandle:
        self.gone_on.append(folder)
        handle = PlayedHandle(folder)
        handle.say(Started(job=Train.__name__, pid=2, attempt=2, at=2000.0))
        self.handles.append(handle)
        return handle

    def attach(self, folder: RunFolder) -> PlayedHandle:
        handle = self.known.get(folder.id, PlayedHandle(folder))
        if folder.report.exists():
            handle.say(Finished(outcome="completed"))
        return handle

    def loose_folder(self, kind: str) -> RunFolder:
        return RunFolder(self.place / f"loose-{kind}")


class World:
    """A session with an open project; `tell` makes the newest run say something."""

    def __init__(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.project = PlayedProject(place)
        self.launcher = PlayedLauncher(place)
        self.session = Session(self.launcher, Inline())

    def open(self) -> None:
        self.session.open(self.project)

    def tell(self, kind: str, *events: Event) -> None:
        """The run that is followed says `events`, and the window looks at once."""
        watcher = self.session.watcher(kind)
        watcher.handle.say(*events)
        watcher.read()

    def vanish(self, kind: str) -> None:
        watcher = self.session.watcher(kind)
        watcher.handle.vanish()
        watcher.read()
