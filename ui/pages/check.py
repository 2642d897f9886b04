"""Check: the examples in numbers, what is wrong with them, and how the kinds are spread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ui import words
from ui.binding import bind, bind_all
from ui.dialogs import Ask, ask_paths
from ui.pages.fix import show_fix
from ui.pages.rows import show_rows
from ui.shown import Bar, Doing, Fact
from ui.viewmodels.check import CheckModel
from ui.widgets.bars import BarList
from ui.widgets.checks_help import ChecksHelp
from ui.widgets.details import clear
from ui.widgets.info import FactRow
from ui.widgets.look_list import LookList
from ui.widgets.origin_dialog import OriginDialog
from ui.widgets.parts import Card, FlowRow, IconMark, ProgressCard, button, label
from ui.widgets.problem_card import ProblemCard

_FEW = 8


class CheckPage(QWidget):
    """Problems come first, the worst on top; then the numbers and the kinds."""

    def __init__(self, model: CheckModel) -> None:
        super().__init__()
        self._model = model
        self.progress = ProgressCard()
        self.progress.stop_wanted.connect(model.stop)
        self._waiting = _Waiting()
        self.again = self._waiting.again
        self.again.clicked.connect(model.check_again)
        self._clean = _clean_card()
        self._problems = QVBoxLayout()
        self._problems.setSpacing(12)
        self.cards: list[ProblemCard] = []
        self._known = QVBoxLayout()
        self._known.setSpacing(12)
        self._decided = QVBoxLayout()
        self._decided.setSpacing(12)
        self.deeper = ProgressCard()
        self.deeper.stop_wanted.connect(model.deeper.stop)
        self._looks = LookList()
        self._numbers = Card()
        self._facts = FactRow()
        self._numbers.body.addWidget(self._facts)
        self._kinds = _KindsCard()
        self.back = button("Change &columns or add a file", kind="quiet", icon="table")
        self.back.clicked.connect(model.show_examples)
        self.about = button("About the chec&ks", kind="quiet", icon="info")
        self.about.clicked.connect(lambda: ChecksHelp(self).exec())
        self.describe = button("Save a &description", kind="quiet", icon="download")
        self.describe.clicked.connect(self._save_description)
        self._lay_out()
        bind(model.deeper, "doing", self, to=self._show_deeper)
        bind(model.deeper, "looks", self, to=self._looks.show_looks)
        bind_all(model, ("doing", "checked"), self, to=self._show_state)
        bind_all(model, ("problems", "known", "decided"), self, to=self._show_problems)
        bind(model, "clean", self, to=self._clean.setVisible)
        bind(model, "facts", self, to=self._show_facts)
        bind_all(model, ("labels", "labels_words"), self, to=self._show_labels)

    def _lay_out(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        for widget in (self.progress, self._waiting, self._clean, self.deeper):
            body.addWidget(widget)
        body.addLayout(self._problems)
        body.addWidget(self._numbers)
        body.addWidget(self._kinds)
        body.addLayout(self._known)
        body.addWidget(self._looks)
        body.addLayout(self._decided)
        body.addWidget(FlowRow(self.back, self.about, self.describe))
        body.addStretch(1)

    def _show_state(self) -> None:
        doing: Doing | None = self._model.doing
        checked = self._model.checked
        self.progress.setVisible(doing is not None)
        self._waiting.setVisible(doing is None and not checked)
        self.back.setVisible(doing is None and checked)
        self.describe.setVisible(doing is None and checked)
        if doing is not None:
            self.progress.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)

    def _show_problems(self) -> None:
        self.cards = []
        for items, place in (
            (self._model.problems, self._problems),
            (self._model.known, self._known),
            (self._model.decided, self._decided),
        ):
            clear(place)
            for item in items:
                card = ProblemCard(item)
                card.mend_wanted.connect(self._mend)
                card.decided.connect(self._model.decide)
                self.cards.append(card)
                place.addWidget(card)

    def _show_deeper(self, doing: Doing | None) -> None:
        self.deeper.setVisible(doing is not None)
        if doing is not None:
            self.deeper.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)

    def _mend(self, key: str) -> None:
        if self._model.opens(key):
            self._open(key)
            return
        if not self._model.asks_origin(key):
            self._model.mend(key)
            return
        asked = OriginDialog(self)
        if asked.exec():
            self._model.state_origin(key, asked.source.text(), asked.chosen())

    def _open(self, key: str) -> None:
        """The doubted rows, or the rows of this finding, in a window of their own."""
        project = self._model.session.project
        if project is None:
            return
        before = project.store.revision()
        made: QDialog
        if self._model.opens(key) == "relabel":
            made = show_fix(self._model.fix, self)
        else:
            made = show_rows(self._model.rows, self, among=self._model.rows_of(key))
        made.finished.connect(lambda _code: self._model.mended(before))

    def _save_description(self) -> None:
        title = "Save what the data is and where it comes from"
        for path in ask_paths(self, Ask.save, title=title, filters="Croissant (*.json)"):
            self._model.describe(path)

    def _show_facts(self, facts: tuple[Fact, ...]) -> None:
        self._numbers.setVisible(bool(facts))
        self._facts.show_facts(facts)

    def _show_labels(self) -> None:
        self._kinds.show_kinds(self._model.labels, self._model.labels_words)


class _KindsCard(Card):
    """How many rows each kind has: the first few, all at the press of a button."""

    def __init__(self) -> None:
        super().__init__(spacing=12)
        self._bars: tuple[Bar, ...] = ()
        self._words = label(role="muted")
        self._list = BarList(thickness=10)
        self.all = button("", kind="link")
        self.all.setCheckable(True)
        self.all.toggled.connect(lambda _on: self._show())
        self.body.addWidget(label("How the kinds are spread", role="heading"))
        self.body.addWidget(self._words)
        self.body.addWidget(self._list)
        self.body.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)

    def show_kinds(self, bars: tuple[Bar, ...], text: str) -> None:
        """Show these kinds; without any the card hides."""
        self._bars = bars
        self._words.setText(text)
        self.setVisible(bool(bars))
        self._show()

    def _show(self) -> None:
        every = self.all.isChecked()
        self._list.show_bars(self._bars if every else self._bars[:_FEW])
        more = len(self._bars) - _FEW
        self.all.setVisible(more > 0)
        text = "Show fewer" if every else f"Show {words.plural(more, 'more kind')}"
        self.all.setText(text)
        self.all.setAccessibleName(text)


class _Waiting(Card):
    """Nothing was looked at, and nothing is being looked at."""

    def __init__(self) -> None:
        super().__init__(across=True, spacing=16)
        self.again = button("Look at the examples", kind="primary", icon="search")
        text = label("Your examples changed since they were last looked at.", role="muted")
        self.body.addWidget(IconMark("eye", token="primary_text", soft="primary_soft"))
        self.body.addWidget(text, 1)
        self.body.addWidget(self.again)


def _clean_card() -> Card:
    """Good news deserves a card too."""
    made = Card(kind="ok", across=True, spacing=16)
    texts = QVBoxLayout()
    texts.setSpacing(2)
    texts.addWidget(label("Nothing to mend", role="heading"))
    about = "Enough examples of each kind, no contradictions, nothing cut off. You can go on."
    texts.addWidget(label(about))
    made.body.addWidget(IconMark("circle-check", token="ok_text", size=22, soft="surface"))
    made.body.addLayout(texts, 1)
    return made
