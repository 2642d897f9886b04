"""Use page: one click exports; what came of it; past exports; answers to a whole file."""

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.binding import bind, bind_all
from ui.desktop import open_folder
from ui.dialogs import Ask, ask_paths
from ui.shown import Doing, ExportChoice
from ui.viewmodels.use import UseModel
from ui.viewmodels.use_words import Result
from ui.widgets.details import clear
from ui.widgets.export_card import ExportCard
from ui.widgets.export_result import ExportResult
from ui.widgets.parts import Card, IconMark, ProgressCard, button, label, row


class UsePage(QWidget):
    """Binds to a UseModel."""

    def __init__(self, model: UseModel) -> None:
        super().__init__()
        self.model = model
        self.cards: dict[str, ExportCard] = {}
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        body.addWidget(self._busy())
        body.addWidget(self._result())
        body.addWidget(self._choices())
        body.addWidget(self._whole_file())
        body.addWidget(self._history())
        body.addStretch(1)

    def _busy(self) -> QWidget:
        box = QWidget()
        inner = QVBoxLayout(box)
        inner.setContentsMargins(0, 0, 0, 0)
        note = label(role="warn")
        self.progress = ProgressCard()
        self.progress.stop_wanted.connect(self.model.stop_export)
        inner.addWidget(note)
        inner.addWidget(self.progress)
        model = self.model
        bind(model, "note", note, to=note.setText)
        bind(model, "exporting", self.progress, to=lambda d: _show_doing(self.progress, d))

        def show_busy() -> None:
            note.setVisible(bool(model.note))
            box.setVisible(bool(model.note) or model.exporting is not None)

        bind_all(model, ("note", "exporting"), box, to=show_busy)
        return box

    def _result(self) -> QWidget:
        self.result = ExportResult()
        bind(self.model, "latest", self.result, to=self._show_result)
        return self.result

    def _show_result(self, result: Result | None) -> None:
        self.result.setVisible(result is not None)
        if result is not None:
            self.result.show_result(
                result.title,
                sentence=result.sentence,
                facts=result.facts,
                path=result.path,
                commands=result.commands,
            )

    def _choices(self) -> QWidget:
        box = QWidget()
        self._card_rows = QVBoxLayout(box)
        self._card_rows.setContentsMargins(0, 0, 0, 0)
        self._card_rows.setSpacing(10)
        bind(self.model, "choices", box, to=self._show_choices)
        bind_all(self.model, ("made", "free"), box, to=self._mark_cards)
        return box

    def _show_choices(self, choices: tuple[ExportChoice, ...]) -> None:
        clear(self._card_rows)
        self.cards = {}
        for choice in choices:
            card = ExportCard(choice)
            card.wanted.connect(self.model.export)
            self.cards[choice.format] = card
            self._card_rows.addWidget(card)
        self._mark_cards()

    def _mark_cards(self) -> None:
        for name, card in self.cards.items():
            card.show_made(times=self.model.made.get(name, 0))
            card.set_free(free=self.model.free)

    def _whole_file(self) -> QWidget:
        model = self.model
        card = Card(margin=20, spacing=12)
        mark = IconMark("table", token="primary_text", size=22, soft="primary_soft")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label("Answer a whole file", role="heading"))
        words.addWidget(label("Every row gets its answer, in a new file beside the old one."))
        self.choose = button("Choose a file…", icon="file-text")
        self.choose.clicked.connect(self._choose_file)
        top = row(mark, spacing=16)
        top.addLayout(words, 1)
        top.addWidget(self.choose)
        self.answering = ProgressCard()
        self.answering.stop_wanted.connect(model.stop_answering)
        self._answered = label(role="ok")
        self.open_answers = button("Open folder", name="Open the folder with the answers")
        self.open_answers.clicked.connect(lambda: open_folder(Path(model.answers_path), over=self))
        done = row(self._answered, self.open_answers)
        done.setStretch(0, 1)
        card.body.addLayout(top)
        card.body.addWidget(self.answering)
        card.body.addLayout(done)
        bind(model, "answering", self.answering, to=self._show_answering)
        bind(model, "answered", self._answered, to=self._show_answered)
        return card

    def _show_answering(self, doing: Doing | None) -> None:
        _show_doing(self.answering, doing)
        self.choose.setEnabled(doing is None)

    def _show_answered(self, text: str) -> None:
        self._answered.setText(text)
        self._answered.setVisible(bool(text))
        self.open_answers.setVisible(bool(text))

    def _choose_file(self) -> None:
        for path in ask_paths(self, Ask.file, title="Choose a file to answer"):
            self.model.answer_file(str(path))

    def _history(self) -> QWidget:
        card = Card(margin=20, spacing=8)
        card.body.addWidget(label("Earlier exports", role="heading"))
        inner = QWidget()
        self._past_rows = QVBoxLayout(inner)
        self._past_rows.setContentsMargins(0, 0, 0, 0)
        self._past_rows.setSpacing(4)
        card.body.addWidget(inner)
        bind(self.model, "past", inner, to=self._show_past)
        bind(self.model, "past", card, to=lambda past: card.setVisible(bool(past)))
        return card

    def _show_past(self, past: tuple[Result, ...]) -> None:
        clear(self._past_rows)
        for result in past:
            self._past_rows.addWidget(_past_row(result))


def _past_row(result: Result) -> QWidget:
    line = QWidget()
    same = result.facts[0].value
    text = label(f"{result.title}   ·   same answers on {same}   ·   {result.made}", role="muted")
    show = button("Open folder", kind="quiet", name=f"Open the folder of {result.title}")
    show.clicked.connect(lambda: open_folder(Path(result.path), over=line))
    words = row(text, show)
    words.setContentsMargins(0, 0, 0, 0)
    words.setStretch(0, 1)
    line.setLayout(words)
    return line


def _show_doing(card: ProgressCard, doing: Doing | None) -> None:
    card.setVisible(doing is not None)
    if doing is not None:
        card.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)
