"""A box to try one's own text in: type, press Enter, see the answer and how sure it is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from ui import words
from ui.shown import Bar, TryState
from ui.widgets.bars import BarList
from ui.widgets.parts import Card, button, label, row


class TryBox(Card):
    """asked(str): the user wants an answer to this text."""

    asked = Signal(str)

    def __init__(self, *, title: str, hint: str) -> None:
        super().__init__(margin=24, spacing=12)
        self.field = QLineEdit()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(hint)
        self.field.setMaxLength(20_000)
        self.ask_button = button("Ask", kind="primary", icon="send")
        self._note = label(role="muted")
        self._question = label(role="muted")
        self._answer = label(role="heading")
        self._bars = BarList(thickness=10)
        self.field.returnPressed.connect(self._ask)
        self.ask_button.clicked.connect(self._ask)
        self.body.addWidget(label(title, role="heading"))
        ask = row(self.field, self.ask_button)
        ask.setStretch(0, 1)
        self.body.addLayout(ask)
        for widget in (self._note, self._question, self._answer, self._bars):
            self.body.addWidget(widget)
        self.show_state(TryState())

    def show_state(self, state: TryState) -> None:
        """Show what came of the last question."""
        self._note.setText(state.note)
        self._note.setVisible(bool(state.note))
        self.ask_button.setEnabled(not state.busy)
        answer = state.answer
        for widget in (self._question, self._answer, self._bars):
            widget.setVisible(answer is not None)
        if answer is None:
            return
        self._question.setText(f"“{answer.text}”")
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
