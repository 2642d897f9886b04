"""Train page: where it is, how long it takes, the curve while it grows, and what is safe."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.shown import Doing, Offer
from ui.viewmodels import writing_words
from ui.viewmodels.train import TrainModel
from ui.viewmodels.train_words import WORKING
from ui.widgets.details import Details, FactTable, clear
from ui.widgets.flow import FlowLabel, flow, heading
from ui.widgets.info import FactRow, InfoButton
from ui.widgets.line_chart import ChartWords, LineChart
from ui.widgets.notice_card import NoticeCard
from ui.widgets.parts import Card, IconMark, ProgressLine, button, label, row
from ui.widgets.phases import PhaseTrack

_WORDS = ChartWords(
    name="How it is learning",
    line="How wrong it still is",
    mark="Right on examples kept aside",
    quick="First quick result",
    empty="The curve begins with the first step of teaching.",
    x_axis="Steps",
)

_WRITING_WORDS = ChartWords(
    name="How it is learning",
    line="How much your texts surprise it",
    mark="Surprise left at texts kept aside",
    quick="The untrained base",
    empty="The curve begins with the first step of teaching.",
    x_axis="Steps",
)

_TIME_LEFT = (
    "Worked out from the speed of the last steps, for the whole run including the check at the "
    "end. It gets more exact with time."
)

_CURVE = (
    "The line shows how far its answers are from the right ones while it practises (the loss); "
    "lower is better. The diamonds show how many examples kept aside it gets right, read on the "
    "right-hand side; higher is better."
)


class TrainPage(QWidget):
    """Binds to a TrainModel."""

    def __init__(self, model: TrainModel) -> None:
        super().__init__()
        self.model = model
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        body.addWidget(self._notice())
        body.addWidget(self._progress())
        body.addWidget(self._quick())
        body.addWidget(self._curve(), 1)
        body.addWidget(self._notes())
        body.addWidget(self._details())

    def _notice(self) -> QWidget:
        self.go_on = button("G&o on", kind="primary", icon="play", name="Go on with the training")
        self.go_on.clicked.connect(self.model.resume)
        self.take_offer = button("Take the offer", kind="primary")
        self.take_offer.clicked.connect(self.model.take_offer)
        bind(self.model, "offer", self.take_offer, to=self._show_offer)
        notice = NoticeCard(self.take_offer, self.go_on)
        bind(self.model, "notice", notice, to=notice.show_notice)
        model = self.model
        bind_all(
            model,
            ("can_resume", "can_restart"),
            self.go_on,
            to=lambda: self.go_on.setVisible(model.can_resume or model.can_restart),
        )
        return notice

    def _show_offer(self, offer: Offer | None) -> None:
        self.take_offer.setVisible(offer is not None)
        if offer is not None:
            self.take_offer.setText(offer.text)
            self.take_offer.setAccessibleName(offer.text.replace("&", ""))

    def _progress(self) -> QWidget:
        model = self.model
        card = Card(margin=24, spacing=12)
        track = PhaseTrack(model.phase_names)
        self._title = heading()
        self._clock = FlowLabel(role="muted")
        self._bar = ProgressLine()
        self.pause = button("&Pause", icon="pause")
        self.stop = button("&Stop and save", icon="square")
        self.pause.clicked.connect(model.pause)
        self.stop.clicked.connect(model.stop)
        self._clock_info = InfoButton("Time left", _TIME_LEFT)
        where = QWidget()
        words = QVBoxLayout(where)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addLayout(flow(self._clock, self._clock_info, gap=4))
        top = flow(where, self.pause, self.stop, gap=12, tail=2)
        facts = FactRow()
        card.body.addWidget(track)
        card.body.addLayout(top)
        card.body.addWidget(self._bar)
        card.body.addWidget(facts)
        bind(model, "phase_names", track, to=track.show_names)
        bind(model, "phase", track, to=track.show_phase)
        bind(model, "doing", self._bar, to=self._show_doing)
        bind(model, "facts", facts, to=facts.show_facts)
        bind(model, "can_pause", self.pause, to=self.pause.setEnabled)
        bind(model, "can_stop", self.stop, to=self.stop.setEnabled)
        bind(model, "look", self, to=self._show_look)
        return card

    def _show_doing(self, doing: Doing) -> None:
        self._title.setText(doing.title)
        self._clock.setText(doing.detail)
        self._clock.setVisible(bool(doing.detail))
        self._clock_info.setVisible(doing.detail.endswith("left"))
        self._bar.setRange(0, doing.total)
        self._bar.setValue(min(doing.done, doing.total))
        share = f", {100 * doing.done // doing.total} per cent" if doing.total else ""
        self._bar.setAccessibleName(f"{doing.title}{share}")

    def _show_look(self, look: str) -> None:
        working = look in WORKING
        self.pause.setVisible(working)
        self.stop.setVisible(working)

    def _quick(self) -> QWidget:
        quick = NoticeCard()
        bind(self.model, "quick", quick, to=quick.show_notice)
        return quick

    def _curve(self) -> QWidget:
        card = Card(margin=24, spacing=10)
        trend = heading()
        self.chart = LineChart(_WORDS)
        self._curve_info = InfoButton("How it is learning", _CURVE)
        card.body.addLayout(flow(trend, self._curve_info, gap=6))
        card.body.addWidget(self.chart, 1)
        bind(self.model, "trend", trend, to=trend.setText)
        bind(self.model, "chart", self.chart, to=self.chart.show_data)
        bind(self.model, "writes", self.chart, to=self._speak_of)
        return card

    def _speak_of(self, writes: bool) -> None:  # noqa: FBT001 - bound to a property
        self.chart.speak(_WRITING_WORDS if writes else _WORDS)
        curve = writing_words.CURVE if writes else _CURVE
        self._curve_info.explain("How it is learning", curve)

    def _notes(self) -> QWidget:
        notes = QWidget()
        self._note_rows = QVBoxLayout(notes)
        self._note_rows.setContentsMargins(0, 0, 0, 0)
        self._note_rows.setSpacing(6)
        bind(self.model, "notes", notes, to=self._show_notes)
        bind(self.model, "notes", notes, to=lambda told: notes.setVisible(bool(told)))
        return notes

    def _show_notes(self, notes: tuple[tuple[str, str], ...]) -> None:
        clear(self._note_rows)
        for level, text in notes:
            warning = level == "warning"
            line = QWidget()
            icon = "triangle-alert" if warning else "info"
            mark = IconMark(icon, token="warn_text" if warning else "muted", size=16)
            words = row(mark, label(text, role="" if warning else "muted"), spacing=10)
            words.setContentsMargins(4, 0, 4, 0)
            words.setStretch(1, 1)
            line.setLayout(words)
            self._note_rows.addWidget(line)

    def _details(self) -> QWidget:
        details = Details("Details")
        table = FactTable()
        details.body.addWidget(table)
        bind(self.model, "technical", table, to=table.show_rows)
        return details
