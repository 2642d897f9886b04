"""Start: drop a file, try a sample, or open a project that is there."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.dialogs import Ask, ask_paths
from ui.shown_start import ProjectItem
from ui.viewmodels.start import StartModel
from ui.widgets.details import clear
from ui.widgets.drop_zone import DropZone
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import Card, FlowRow, IconMark, button, label
from ui.widgets.project_card import ProjectCard
from zeroapp.errors import Failure
from zeroapp.task import Task

_LOOK_AGAIN_MS = 4000
_LESSONS = (
    ("table", "Bring your work", "Texts with their kinds, photos in folders, or your writing."),
    ("sparkles", "Let it learn", "It runs on this computer. Nothing is sent anywhere."),
    ("badge-check", "See how good it is", "It is asked questions it has never seen before."),
)


class StartPage(QWidget):
    """What the window shows while no project is open."""

    def __init__(self, model: StartModel) -> None:
        super().__init__()
        self._model = model
        self.drop_zone = DropZone(
            "Drop a file with examples here",
            hint="It becomes a project. Your file stays as it is and never leaves this computer.",
            formats="Excel  ·  CSV  ·  JSON  ·  Word  ·  PDF  ·  mail  ·  photos  ·  a folder",
        )
        self.drop_zone.dropped.connect(model.add_files)
        self.drop_zone.clicked.connect(self._choose)
        self.samples = [self._sample(task) for task in model.offers]
        self.open_button = button("&Open a project folder…", kind="quiet", icon="folder-open")
        self.open_button.clicked.connect(self._open)
        self._error = ErrorCard()
        self._error.closed.connect(lambda: setattr(model, "failure", None))
        self._notice = label(role="warn")
        self._body = QVBoxLayout(self)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.cards: list[ProjectCard] = []
        self._heading = label("Your projects", role="heading")
        self._lessons = _lessons()
        self._clock = QTimer(self, interval=_LOOK_AGAIN_MS)
        self._clock.timeout.connect(model.refresh)
        self._lay_out()
        self.setFocusProxy(self.drop_zone)
        bind(model, "failure", self, to=self._show_failure)
        bind(model, "notice", self, to=self._show_notice)
        bind_all(model, ("projects", "known"), self, to=self._show_projects)

    def _lay_out(self) -> None:
        about = label("Or try it with a sample:", role="small")
        about.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        head = FlowRow(about, self.open_button)
        samples = FlowRow(*self.samples, fill=True)
        body = self._body
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        for widget in (self._error, self._notice, self.drop_zone):
            body.addWidget(widget)
        body.addWidget(head)
        body.addWidget(samples)
        body.addSpacing(8)
        body.addWidget(self._heading)
        body.addWidget(self._lessons)
        body.addLayout(self._list)
        body.addStretch(1)

    def put_first(self, card: QWidget) -> None:
        """Show a card above all else."""
        self._body.insertWidget(0, card)

    def _sample(self, task: Task) -> QPushButton:
        made = button(task.title, icon="sparkles")
        made.setToolTip(task.sample.title)
        made.setAccessibleName(f"Try it with a sample: {task.title}. {task.sample.title}")
        made.clicked.connect(lambda: self._model.try_sample(task))
        return made

    def showEvent(self, event: QShowEvent) -> None:
        """Follow trainings that go on without the window, while someone looks."""
        self._clock.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._clock.stop()
        super().hideEvent(event)

    def _choose(self) -> None:
        self._model.add_files(ask_paths(self, Ask.files, title="Choose files with examples"))

    def _open(self) -> None:
        chosen = ask_paths(self, Ask.folder, title="Choose a project folder")
        if chosen:
            self._model.open(chosen[0])

    def _show_failure(self, failure: Failure | None) -> None:
        self._error.show_failure(failure)

    def _show_notice(self, text: str) -> None:
        self._notice.setText(text)
        self._notice.setVisible(bool(text))

    def _show_projects(self) -> None:
        projects = self._model.projects
        if [card.item.folder for card in self.cards] == [item.folder for item in projects]:
            # The keyboard and the pointer stay at their card while a training goes on.
            for card, item in zip(self.cards, projects, strict=True):
                card.show_item(item)
        else:
            clear(self._list)
            self.cards = [self._card(item) for item in projects]
            for card in self.cards:
                self._list.addWidget(card)
        empty = self._model.known and not projects
        self._lessons.setVisible(empty)
        self._heading.setText("How it goes" if empty else "Your projects")
        self._heading.setVisible(self._model.known)

    def _card(self, item: ProjectItem) -> ProjectCard:
        made = ProjectCard(item)
        made.opened.connect(lambda: self._model.open(item.folder))
        made.forgotten.connect(lambda: self._model.forget(item.folder))
        return made


def _lessons() -> QWidget:
    """What will happen, for someone who sees this for the first time."""
    cards = []
    for icon, title, text in _LESSONS:
        card = Card(spacing=6)
        card.body.addWidget(IconMark(icon, token="primary_text", size=18, soft="primary_soft"))
        card.body.addSpacing(4)
        card.body.addWidget(label(title, role="strong"))
        card.body.addWidget(label(text, role="muted"))
        card.body.addStretch(1)
        cards.append(card)
    return FlowRow(*cards, spacing=16, fill=True)
