"""Start: the projects there are, a sample, and files that become a project. QtCore only."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.binding import Observable, Property, changed
from ui.errors import failure_of
from ui.shown_start import ProjectItem
from ui.viewmodels.preferences import Preferences
from ui.viewmodels.session import Session
from zeroapp import tasks
from zeroapp.errors import AppError, Failure
from zeroapp.pictures import is_picture
from zeroapp.project_file import folder_of
from zeroapp.protocol import ImportData
from zeroapp.task import Task

if TYPE_CHECKING:
    from zeroapp.project import Project

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, with any ending."""

_LONGEST_NAME = 60


class StartModel(Observable):
    """projects: the newest first; known: they were looked at. failure: the card to show.

    offers: the tasks whose sample can be tried, the usual one first.
    """

    projects: Property[tuple[ProjectItem, ...]] = Property(())
    known = Property(default=False)
    failure: Property[Failure | None] = Property(None)
    notice = Property("")

    def __init__(
        self, session: Session, preferences: Preferences, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self.notice = preferences.notice
        usual = tasks.default()
        self.offers = (usual, *(task for task in tasks.all_tasks().values() if task is not usual))
        changed(preferences, "notice").connect(self._noticed)

    def _noticed(self, notice: str) -> None:
        self.notice = notice

    def refresh(self) -> None:
        """Look at the projects again."""
        folders = tuple(Path(one) for one in self._preferences.value.recent)
        self._session.door.run(lambda: _look_at_all(folders), done=self._found)

    def _found(self, projects: tuple[ProjectItem, ...]) -> None:
        self.projects = projects
        self.known = True

    def add_files(self, paths: Sequence[Path]) -> None:
        """Make a project named after the first file, open it and read the files into it."""
        from zeroapp.data.faults import refuse_name
        from zeroapp.data.gate import admit

        if not paths:
            return
        try:
            for path in paths:
                refuse_name(path)
                if not path.is_dir() and not is_picture(path):
                    admit(path)
        except AppError as error:
            # Told before there is a project, so that a wrong file leaves nothing behind.
            self.failure = failure_of(error)
            return
        self._make(paths, name=paths[0].name if paths[0].is_dir() else paths[0].stem)

    def receive(self, paths: Sequence[Path]) -> None:
        """Take what the desktop hands over: a project, its file, or files with examples."""
        if len(paths) == 1:
            from zeroapp.project import DATABASE

            project = folder_of(paths[0])
            if project is not None or (paths[0] / DATABASE).is_file():
                self.open(project or paths[0])
                return
        self.add_files(paths)

    def try_sample(self, task: Task) -> None:
        """Make a project of the sample that ships with the task."""
        self._make((task.sample.path,), name=f"Sample {task.sample.path.stem}", task=task.key)

    def _make(self, paths: Sequence[Path], *, name: str, task: str | None = None) -> None:
        from zeroapp.packs.launching import no_engine
        from zeroapp.project import Project

        self.failure = None
        if not self._session.has_engine():
            # Told before there is a project: it would be an empty one.
            self._session.report_failure(no_engine().failure())
            return
        folder = free_folder(self._preferences.projects_dir, name)
        try:
            project = Project.create(folder, task=task)
        except AppError as error:
            self.failure = failure_of(error)
            return
        self._take(project)
        texts = tuple(str(path) for path in paths)
        self._session.launch(ImportData(project=str(folder), paths=texts))

    def open(self, folder: Path) -> None:
        """Open a project; it lands where the work is."""
        from zeroapp.project import Project

        self.failure = None
        try:
            self._take(Project.open(folder))
        except AppError as error:
            self.failure = _no_project(folder) if error.code == "no-project" else failure_of(error)

    def _take(self, project: "Project") -> None:
        self._preferences.remember(project.folder)
        self._session.open(project)

    def forget(self, folder: Path) -> None:
        """Take a project off the list. Its folder stays as it is."""
        self._preferences.forget(folder)
        self.refresh()


def _look_at_all(folders: Sequence[Path]) -> tuple[ProjectItem, ...]:
    """Every project as it is now; slow on slow disks, so not for the GUI thread."""
    # What opens projects is loaded here, after the first frame.
    from ui.viewmodels.projects import look_at

    return tuple(look_at(folder) for folder in folders)


def _no_project(folder: Path) -> Failure:
    """The same in the words of the window: whoever clicks does not type commands."""
    return Failure(
        code="no-project",
        title=f"There is no project in “{folder.name}”. Nothing was changed.",
        hint="Choose a folder this app has made, or drop a file to begin a new project.",
        detail=str(folder),
    )


def free_folder(parent: Path, name: str) -> Path:
    """A folder in `parent` that is not there yet, named after what the user dropped."""
    plain = _NOT_IN_NAMES.sub(" ", name).replace("_", " ").strip(" .")[:_LONGEST_NAME].strip(" .")
    wanted = f"My {plain or 'project'}" if not plain or _OF_WINDOWS.match(plain) else plain
    folder, number = parent / wanted, 2
    while folder.exists():
        folder, number = parent / f"{wanted} {number}", number + 1
    return folder
