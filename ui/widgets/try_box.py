"""A box to try one's own text in: type, press Enter, see the answer and how sure it is."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit

from ui import words
from ui.shown import Bar, TryState
from ui.widgets.bars import BarList
from ui.widgets.parts import Card, button, label, row
from ui.widgets.picture_look import PictureLook
from ui.widgets.thumbnails import shows_picture
from ui.widgets.written import Freedom, WrittenPair


class TryBox(Card):
    """asked(str): the user wants an answer to this text, or to the picture that lies there.

    choose_wanted(): the user wants to look for a picture. look_wanted(str): see PictureLook.
    temperature_chosen(float): how freely a model that writes may do so.
    """

    asked = Signal(str)
    choose_wanted = Signal()
    look_wanted = Signal(str)
    temperature_chosen = Signal(float)

    def __init__(self, *, title: str, hint: str) -> None:
        super().__init__(margin=24, spacing=12)
        self.field = QLineEdit()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(hint)
        self.field.setMaxLength(20_000)
        self.ask_button = button("Ask", kind="primary", icon="send")
        self.choose_button = button("&Choose or drop a picture…", icon="folder-open")
        self.choose_button.clicked.connect(self.choose_wanted)
        self.choose_button.hide()
        self.look = PictureLook()
        self.look.look_wanted.connect(self.look_wanted)
        self._note = label(role="muted")
        self._question = label(role="muted")
        self._answer = label(role="heading")
        self._bars = BarList(thickness=10)
        self.field.returnPressed.connect(self._ask)
        self.ask_button.clicked.connect(self._ask)
        self.body.addWidget(label(title, role="heading"))
        ask = row(self.field, self.ask_button, self.choose_button)
        ask.setStretch(0, 1)
        self.body.addLayout(ask)
        self._pair = WrittenPair()
        self.freedom = Freedom()
        self.freedom.chosen.connect(self.temperature_chosen)
        self._hint = hint
        for widget in (self._note, self.look, self._question, self._answer, self._bars):
            self.body.addWidget(widget)
        self.body.addWidget(self._pair)
        self.body.addWidget(self.freedom)
        self.write_texts(on=False)
        self.show_state(TryState())

    def read_pictures(self, *, on: bool) -> None:
        """Take pictures, dropped or chosen, in place of typed texts."""
        self.field.setVisible(not on)
        self.ask_button.setVisible(not on)
        self.choose_button.setVisible(on)
        self.setAcceptDrops(on)

    def write_texts(self, *, on: bool) -> None:
        """Expect a model that writes: answers side by side, and how freely it may write."""
        self.freedom.setVisible(on)
        hint = "Ask it something, or give it a beginning, and press Enter" if on else self._hint
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleDescription(hint)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A picture may be dropped."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask about the picture."""
        if path := _dropped(event.mimeData()):
            event.acceptProposedAction()
            self.asked.emit(path)

    def show_state(self, state: TryState) -> None:
        """Show what came of the last question."""
        self._note.setText(state.note)
        self._note.setVisible(bool(state.note))
        self.ask_button.setEnabled(not state.busy)
        answer = state.answer
        picture = answer is not None and shows_picture(answer.text)
        for widget in (self._question, self._answer, self._bars):
            widget.setVisible(answer is not None)
        self._pair.setVisible(answer is not None)
        self.look.setVisible(picture)
        if answer is None:
            return
        if picture:
            self.look.show_picture(answer.text, name="The picture you asked about")
            self.look.setToolTip(Path(answer.text).name)
        self._question.setText("" if picture else f"“{answer.text}”")
        self._question.setVisible(not picture)
        if answer.base is not None or (not answer.scores and not answer.confidence):
            self._answer.hide()
            self._bars.hide()
            self._pair.show_answer(answer)
            return
        self._pair.hide()
        said = f"{answer.label} — {words.percent(answer.confidence)} sure"
        self._answer.setText(said)
        self._answer.setAccessibleName(f"The answer is {said}")
        scores = answer.scores or ((answer.label, answer.confidence),)
        self._bars.show_bars(
            [
                Bar(title=name, share=share, words=words.percent(share), leading=rank == 0)
                for rank, (name, share) in enumerate(scores)
            ]
        )

    def _ask(self) -> None:
        text = self.field.text().strip()
        if text and self.ask_button.isEnabled():
            self.asked.emit(text)
            self.field.selectAll()


def _dropped(data: QMimeData) -> str:
    """The first picture among what is dropped; "" when there is none."""
    files = (url.toLocalFile() for url in data.urls() if url.isLocalFile())
    return next((file for file in files if shows_picture(file)), "")
