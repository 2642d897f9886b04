"""Which one in a chat is the person: one question, a list of names, changed at any time."""

from PySide6.QtCore import Signal

from ui import theme, words
from ui.shown_data import VoiceChoice
from ui.widgets.parts import Card, FlowRow, label
from ui.widgets.plan_form import Choice

_NOBODY = "Not said: learn from everybody"


class VoiceCard(Card):
    """chosen(name): the person is this one; empty for nobody. Hidden where nothing is to choose."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(kind="primary", across=True, spacing=16)
        self._question = label(role="strong")
        self.names = Choice()
        self.names.setMinimumWidth(theme.px(220))
        self.names.activated.connect(lambda _at: self.chosen.emit(self.names.currentData()))
        self.body.addWidget(FlowRow(self._question, self.names), 1)
        self.setVisible(False)

    def show_voices(self, choice: VoiceChoice | None) -> None:
        """Show who there is, those who say the most first; None hides the card."""
        self.setVisible(choice is not None)
        if choice is None:
            return
        self.set_kind("soft" if choice.chosen else "primary")
        self._question.setText(choice.question)
        self.names.setAccessibleName(choice.question)
        self.names.clear()
        self.names.addItem(_NOBODY, "")
        for name, count in choice.names:
            self.names.addItem(f"{name} ({words.plural(count, 'message')})", name)
        self.names.setCurrentIndex(max(0, self.names.findData(choice.chosen)))
