"""Plan page: the plan in words, memory at a glance, everything technical under Details."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.pages.plan_trials import StagesCompared, Trials
from ui.shown import Doing
from ui.viewmodels.plan import PlanModel
from ui.widgets.base_choice import BaseChoice
from ui.widgets.details import Details, FactTable, clear
from ui.widgets.flow import FlowLabel, flow, heading
from ui.widgets.info import FactRow, InfoButton
from ui.widgets.memory_gauge import MemoryGauge
from ui.widgets.parts import Card, ProgressCard, button, label, line, restyle, row
from ui.widgets.plan_form import PlanForm
from ui.widgets.step_list import StepList
from ui.widgets.trained_text import TrainedTexts
from ui.widgets.verdict_card import BigText

_PROMISE = (
    "How long it takes, which model it starts from, and whether it fits into the memory of this "
    "computer. Nothing starts before you say so."
)

_TIME = (
    "From start to verdict: reading, teaching and checking. Worked out from the number and length "
    "of your examples and the speed of this computer."
)

_READS = (
    "Your first examples exactly as the model gets them in training, with the signs that its "
    "makers use to mark who speaks and where an answer ends. It is taught only on what it learns "
    "to write; the rest it reads and is not corrected on."
)

_MEMORY = (
    "Memory is the computer's desk: what lies on it can be used at once. This is the most it "
    "needs at any time, worked out from the size of the model and of your texts; “free” was read "
    "just now."
)


class PlanPage(QWidget):
    """Shows what the planner does while it works, then the plan."""

    def __init__(self, model: PlanModel) -> None:
        super().__init__()
        self.model = model
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        self.progress = ProgressCard()
        self.progress.stop_wanted.connect(model.stop)
        body.addWidget(self.progress)
        promise = _promise()
        body.addWidget(promise)
        self.plan = QWidget()
        plan = QVBoxLayout(self.plan)
        plan.setContentsMargins(0, 0, 0, 0)
        plan.setSpacing(16)
        plan.addWidget(self._story())
        self.trials = Trials(model.trials)
        plan.addWidget(self.trials)
        plan.addWidget(self._what_it_reads())
        plan.addWidget(self._memory())
        plan.addWidget(self._details())
        body.addWidget(self.plan)
        body.addStretch(1)
        bind(model, "doing", self, to=self._show_doing)
        bind(model, "ready", self.plan, to=self.plan.setVisible)
        bind(model, "ready", promise, to=lambda ready: promise.setVisible(not ready))

    def _show_doing(self, doing: Doing | None) -> None:
        self.progress.setVisible(doing is not None)
        if doing is not None:
            self.progress.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)

    def _story(self) -> QWidget:
        card = Card(margin=24, spacing=14)
        headline = BigText(size=28)
        between, why = label(role="muted"), label(role="muted")
        info = InfoButton("Time", _TIME)
        sure = row(info, between, spacing=6)
        sure.setStretch(1, 1)
        steps = StepList()
        facts = FactRow()
        card.body.addWidget(headline)
        card.body.addLayout(sure)
        card.body.addWidget(steps)
        card.body.addWidget(line())
        card.body.addWidget(facts)
        card.body.addWidget(why)
        model = self.model
        bind(model, "headline", headline, to=headline.show_text)
        bind(model, "between", between, to=between.setText)
        bind(model, "stages", steps, to=steps.show_steps)
        bind(model, "facts", facts, to=facts.show_facts)
        bind(model, "why", why, to=why.setText)
        return card

    def _what_it_reads(self) -> QWidget:
        card = Card(margin=24, spacing=12)
        head = heading("What it reads")
        card.body.addLayout(flow(head, InfoButton("What it reads", _READS), gap=6))
        self.previews = TrainedTexts()
        card.body.addWidget(self.previews)
        bind(self.model, "previews", card, to=lambda shown: card.setVisible(bool(shown)))
        bind(self.model, "previews", self.previews, to=self.previews.show_previews)
        return card

    def _memory(self) -> QWidget:
        card = Card(margin=24, spacing=12)
        verdict = FlowLabel(role="muted")
        gauge = MemoryGauge()
        head, info = heading("Memory it needs"), InfoButton("Memory it needs", _MEMORY)
        card.body.addLayout(flow(head, info, verdict, gap=6, tail=1))
        card.body.addWidget(gauge)
        bind(self.model, "memory_words", verdict, to=verdict.setText)
        bind(
            self.model,
            "fits",
            verdict,
            to=lambda fits: restyle(verdict, "role", "muted" if fits else "bad"),
        )
        bind(self.model, "gauge", gauge, to=gauge.show_data)
        return card

    def _details(self) -> QWidget:
        details = Details(
            "Details", hint="You need not change anything. A change makes a new plan."
        )
        self.details = details
        details.body.addWidget(label("Start from", role="strong"))
        hint = label(role="muted")
        details.body.addWidget(hint)
        bind(self.model, "base_hint", hint, to=hint.setText)
        self.bases = BaseChoice()
        bind(self.model, "bases", self.bases, to=self.bases.show_items)
        self.bases.chosen.connect(self.model.choose_base)
        details.body.addWidget(self.bases)
        details.body.addWidget(label("Settings", role="strong"))
        self.form = PlanForm()
        self.form.edited.connect(self.model.change)
        details.body.addWidget(self.form)
        self.reset = button("Leave it to zeroapp again", icon="rotate-ccw")
        self.reset.clicked.connect(self.model.leave_it_to_the_planner)
        again = button("Plan again", kind="quiet")
        again.clicked.connect(self.model.plan_again)
        details.body.addLayout(flow(self.reset, again))
        details.body.addWidget(label("With and without sharing", role="strong"))
        self.stages = StagesCompared(self.model.trials)
        details.body.addWidget(self.stages)
        self._tables(details)
        model = self.model
        bind(model, "fields", self.form, to=self.form.show_fields)
        bind(model, "customised", self.reset, to=self.reset.setVisible)
        bind_all(
            model,
            ("bases", "base", "other_base"),
            self.bases,
            to=lambda: self.bases.show_choice(model.base, other=model.other_base),
        )
        return details

    def _tables(self, details: Details) -> None:
        rejected = QWidget()
        self._rejected = QVBoxLayout(rejected)
        self._rejected.setContentsMargins(0, 0, 0, 0)
        self._rejected.setSpacing(8)
        details.body.addWidget(label("What else was looked at", role="strong"))
        details.body.addWidget(rejected)
        memory, values = FactTable(), FactTable()
        details.body.addWidget(label("Memory of one process (rank) at its peak", role="strong"))
        details.body.addWidget(memory)
        details.body.addWidget(label("All values of the plan", role="strong"))
        details.body.addWidget(values)
        bind(self.model, "rejected", rejected, to=self._show_rejected)
        bind(self.model, "memory_rows", memory, to=memory.show_rows)
        bind(self.model, "technical", values, to=values.show_rows)

    def _show_rejected(self, rejected: tuple[tuple[str, str], ...]) -> None:
        clear(self._rejected)
        for choice, why in rejected:
            self._rejected.addWidget(label(choice))
            self._rejected.addWidget(label(why, role="muted"))
        if not rejected:
            self._rejected.addWidget(label("Nothing else would have been better.", role="muted"))


def _promise() -> QWidget:
    """What stands there before the plan, so that the first wait is not an empty page."""
    card = Card(kind="soft", margin=24, spacing=8)
    card.body.addWidget(heading("In a moment you see the plan here"))
    card.body.addWidget(label(_PROMISE, role="muted"))
    return card
