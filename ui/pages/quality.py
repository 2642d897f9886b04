"""Quality page: the verdict, what is mixed up, a box to try it, and what this cannot see."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.dialogs import PICTURES, Ask, ask_paths
from ui.shown import VerdictData
from ui.viewmodels.quality import QualityModel
from ui.widgets.bar_groups import BarGroups
from ui.widgets.confusion_table import ConfusionTable
from ui.widgets.details import Details, FactTable, clear
from ui.widgets.duel_card import DuelCard
from ui.widgets.flow import FlowLabel, flow, heading
from ui.widgets.info import FactRow, InfoButton
from ui.widgets.mistakes import MistakeList
from ui.widgets.parts import Card, IconMark, button, label, row
from ui.widgets.plain_table import PlainTable
from ui.widgets.try_box import TryBox
from ui.widgets.verdict_card import VerdictCard

_TABLE = (
    "A row is what an example truly is, a column what the model answered; the columns carry the "
    "numbers of the rows. Right answers lie on the diagonal, everything beside it is a mistake. "
    "Click a cell, or press Enter on it, to see examples."
)


class QualityPage(QWidget):
    """Binds to a QualityModel."""

    def __init__(self, model: QualityModel) -> None:
        super().__init__()
        self.model = model
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        self._waiting = label("The verdict is on its way.", role="muted")
        body.addWidget(self._waiting)
        self.report = QWidget()
        report = QVBoxLayout(self.report)
        report.setContentsMargins(0, 0, 0, 0)
        report.setSpacing(16)
        self.verdict = VerdictCard()
        report.addWidget(self.verdict)
        report.addWidget(self._try_box())
        report.addWidget(self._selection())
        report.addWidget(self._written())
        report.addWidget(self._rating())
        self._of_kinds = [self._confusion(), self._mistakes()]
        for card in self._of_kinds:
            report.addWidget(card)
        report.addWidget(self._limits())
        report.addWidget(self._details())
        body.addWidget(self.report)
        body.addStretch(1)
        bind(model, "verdict", self, to=self._show_verdict)
        bind(model, "writes", self, to=self._show_kind)

    def _show_verdict(self, verdict: VerdictData | None) -> None:
        self._waiting.setVisible(verdict is None)
        self.report.setVisible(verdict is not None)
        if verdict is not None:
            self.verdict.show_verdict(verdict)

    def _show_kind(self, writes: bool) -> None:  # noqa: FBT001 - bound to a property
        for widget in (*self._of_kinds, self._kinds):
            widget.setVisible(not writes)
        self.duel.setVisible(writes)
        self.written.setVisible(writes)
        self.try_box.write_texts(on=writes)

    def _written(self) -> QWidget:
        card = Card(margin=24, spacing=14)
        card.body.addWidget(heading("How it writes"))
        why = "Both models wrote to the same prompts, which neither had seen."
        card.body.addWidget(label(why, role="muted"))
        groups = BarGroups(thickness=14)
        card.body.addWidget(groups)
        bind(self.model, "groups", groups, to=groups.show_groups)
        self.written = card
        return card

    def _rating(self) -> QWidget:
        card, rating = DuelCard(), self.model.rating
        card.first_chosen.connect(lambda: rating.choose(True))
        card.second_chosen.connect(lambda: rating.choose(False))
        card.skipped.connect(rating.skip)
        card.again_wanted.connect(rating.rate_again)
        self.duel = card
        bind_all(
            rating,
            ("duel", "result", "rated"),
            card,
            to=lambda: card.show_duel(rating.duel, result=rating.result, rated=rating.rated),
        )
        return card

    def _try_box(self) -> QWidget:
        box = TryBox(title="Try it yourself", hint="Write a text and press Enter")
        box.asked.connect(self.model.ask)
        box.choose_wanted.connect(self._choose_picture)
        box.temperature_chosen.connect(lambda value: setattr(self.model, "temperature", value))
        bind(self.model, "pictures", box, to=lambda on: box.read_pictures(on=on))
        self.try_box = box
        box.look_wanted.connect(self.model.look)
        bind(self.model, "trying", box, to=box.show_state)
        bind(self.model, "looked", box, to=box.look.show_looked)
        return box

    def _choose_picture(self) -> None:
        for path in ask_paths(self, Ask.file, title="Choose a picture", filters=PICTURES):
            self.model.ask(str(path))

    def _selection(self) -> QWidget:
        card = Card(margin=24, spacing=16)
        title, why = label(role="heading"), label()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(why)
        mark = IconMark("badge-check", token="primary_text", size=22, soft="primary_soft")
        head = row(mark, spacing=16)
        head.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        facts = FactRow()
        card.body.addLayout(head)
        card.body.addWidget(facts)
        bind(self.model, "in_use", title, to=title.setText)
        bind(self.model, "why_in_use", why, to=why.setText)
        bind(self.model, "facts", facts, to=facts.show_facts)
        return card

    def _confusion(self) -> QWidget:
        card = Card(margin=24, spacing=12)
        title = heading("Which kinds it mixes up")
        self.unfold = button("", kind="quiet")
        self.unfold.clicked.connect(self.model.turn_fold)
        info = InfoButton("Which kinds it mixes up", _TABLE)
        card.body.addLayout(flow(title, info, self.unfold, gap=6, tail=1))
        self._pairs = label(role="muted")
        self.table = ConfusionTable()
        self.table.chosen.connect(self.model.choose)
        card.body.addWidget(self._pairs)
        card.body.addWidget(self.table)
        side = label("Rows: what it truly is. Columns: what your model answered.", role="small")
        card.body.addWidget(side)
        model = self.model
        bind(model, "pairs", self._pairs, to=self._show_pairs)
        bind(model, "table", self.table, to=self.table.show_table)
        bind(model, "can_unfold", self.unfold, to=self.unfold.setVisible)
        bind(model, "unfold_text", self.unfold, to=self._name_unfold)
        return card

    def _name_unfold(self, text: str) -> None:
        self.unfold.setText(text)
        self.unfold.setAccessibleName(text)

    def _show_pairs(self, pairs: tuple[str, ...]) -> None:
        self._pairs.setText("\n".join(pairs) or "It mixed up none of them.")

    def _mistakes(self) -> QWidget:
        card = Card(margin=24, spacing=12)
        title = heading()
        self.all_mistakes = button("Show the worst of all", kind="quiet")
        self.all_mistakes.clicked.connect(self.model.choose_none)
        head = flow(title, self.all_mistakes, tail=1)
        self.mistakes = MistakeList()
        self.mistakes.look_wanted.connect(self.model.look)
        bind(self.model, "looked", self.mistakes, to=self.mistakes.gallery.show_looked)
        card.body.addLayout(head)
        card.body.addWidget(self.mistakes)
        model = self.model
        bind(model, "mistakes_title", title, to=title.setText)
        bind(model, "chosen", self.all_mistakes, to=lambda c: self.all_mistakes.setVisible(bool(c)))
        bind_all(
            model,
            ("mistakes", "mistakes_empty"),
            self.mistakes,
            to=lambda: self.mistakes.show_mistakes(model.mistakes, empty_text=model.mistakes_empty),
        )
        return card

    def _limits(self) -> QWidget:
        card = Card(margin=24, spacing=10)
        card.body.addWidget(label("What this cannot see", role="heading"))
        inner = QWidget()
        self._limit_rows = QVBoxLayout(inner)
        self._limit_rows.setContentsMargins(0, 0, 0, 0)
        self._limit_rows.setSpacing(8)
        card.body.addWidget(inner)
        bind(self.model, "limits", inner, to=self._show_limits)
        return card

    def _show_limits(self, limits: tuple[str, ...]) -> None:
        clear(self._limit_rows)
        for text in limits:
            line = QWidget()
            mark = IconMark("eye", token="muted", size=16)
            words = row(mark, label(text), spacing=10)
            words.setContentsMargins(0, 0, 0, 0)
            words.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
            words.setStretch(1, 1)
            line.setLayout(words)
            self._limit_rows.addWidget(line)

    def _details(self) -> QWidget:
        details = Details("Details")
        head = FlowLabel("Every kind by itself, the worst first", role="strong")
        info = InfoButton("Found and Trust", self.model.kind_meaning)
        self._kinds = QWidget()
        of_kinds = QVBoxLayout(self._kinds)
        of_kinds.setContentsMargins(0, 0, 0, 0)
        of_kinds.addLayout(flow(head, info, gap=6))
        kinds = PlainTable(self.model.kind_heads, name="Every kind by itself")
        of_kinds.addWidget(kinds)
        details.body.addWidget(self._kinds)
        table = FactTable()
        details.body.addWidget(label("All numbers", role="strong"))
        details.body.addWidget(table)
        bind(self.model, "kinds", kinds, to=kinds.show_rows)
        bind(self.model, "technical", table, to=table.show_rows)
        return details
