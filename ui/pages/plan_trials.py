"""What was tried of a plan: the offer of a rehearsal, what it showed, and the stages compared."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.shown import Doing, Notice, Rehearsal
from ui.viewmodels import trial_words
from ui.viewmodels.trials import TrialsModel
from ui.widgets.bar_groups import BarGroups
from ui.widgets.details import clear
from ui.widgets.flow import flow, heading
from ui.widgets.info import FactRow
from ui.widgets.notice_card import NoticeCard
from ui.widgets.parts import Card, ProgressCard, button, label, line

_OFFER = Notice(
    kind="primary",
    icon="clock",
    title=trial_words.OFFER_TITLE,
    text=trial_words.OFFER,
)


class Trials(QWidget):
    """Above the plan: the offer while it is due, the work, what a rehearsal showed."""

    def __init__(self, model: TrialsModel) -> None:
        super().__init__()
        self._model = model
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        self.progress = ProgressCard()
        self.progress.stop_wanted.connect(model.stop)
        self.try_button = button("&Try a minute of it", kind="primary")
        self.try_button.clicked.connect(model.rehearse)
        self.offer = NoticeCard(self.try_button)
        self.shown = Card(margin=24, spacing=12)
        for card in (self.progress, self.offer, self.shown):
            body.addWidget(card)
        bind(model, "doing", self.progress, to=self._show_doing)
        bind(model, "can_try", self.try_button, to=self.try_button.setEnabled)
        bind(
            model,
            "offered",
            self.offer,
            to=lambda due: self.offer.show_notice(_OFFER if due else None),
        )
        bind(model, "rehearsal", self.shown, to=self._show_rehearsal)
        bind_all(model, ("doing", "offered", "rehearsal"), self, to=self._show_any)

    def _show_any(self) -> None:
        """An empty part would leave a gap."""
        model = self._model
        self.setVisible(bool(model.doing or model.offered or model.rehearsal))

    def _show_doing(self, doing: Doing | None) -> None:
        self.progress.setVisible(doing is not None)
        if doing is not None:
            self.progress.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)

    def _show_rehearsal(self, told: Rehearsal | None) -> None:
        self.shown.setVisible(told is not None)
        clear(self.shown.body)
        if told is None:
            return
        facts = FactRow()
        facts.show_facts(told.facts)
        self.shown.body.addWidget(heading(told.title))
        self.shown.body.addWidget(facts)
        if told.rows:
            self.shown.body.addWidget(line())
            about = "A few examples it does not learn from, before and after these steps"
            self.shown.body.addWidget(label(about, role="muted"))
        for row in told.rows:
            self.shown.body.addWidget(label(row.text))
            # a minute of steps teaches little: a wrong answer now is no alarm
            self.shown.body.addWidget(label(f"{row.words}. {row.verdict}.", role="muted"))


class StagesCompared(QWidget):
    """Under Details: the button that compares the stages, and the chart of what came of it."""

    def __init__(self, model: TrialsModel) -> None:
        super().__init__()
        self._model = model
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        body.addWidget(label(trial_words.ABOUT_STAGES, role="muted"))
        self.compare = button("Compare the stages here")
        self.compare.clicked.connect(model.compare)
        self.rehearse = button("Rehearse a minute of it")
        self.rehearse.clicked.connect(model.rehearse)
        body.addLayout(flow(self.compare, self.rehearse))
        charts = BarGroups()
        body.addWidget(charts)
        note = label(role="muted")
        body.addWidget(note)
        bind(model, "can_try", self, to=self._allow)
        bind(model, "stages", charts, to=charts.show_groups)
        bind(model, "stages_note", note, to=note.setText)
        bind(model, "stages_note", note, to=lambda text: note.setVisible(bool(text)))

    def _allow(self, allowed: bool) -> None:  # noqa: FBT001 - a property's value
        self.compare.setEnabled(allowed)
        self.rehearse.setEnabled(allowed)
