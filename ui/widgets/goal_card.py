"""What the columns make of the project, and what else it could be for: one click each."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import words
from ui.shown_data import GoalChoice
from ui.widgets.details import clear
from ui.widgets.flow import FlowLayout, small
from ui.widgets.parts import Card, FlowRow, IconMark, button, chip, label


class GoalCard(Card):
    """chosen(key): the user wants this goal in place of the one that was guessed."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(kind="primary", across=True, spacing=16)
        self.choices: list[QPushButton] = []
        self._title = label(role="heading")
        self._help = label(role="muted")
        self._rows = chip("", kind="neutral")
        self._others = QWidget()
        self._flow = FlowLayout(self._others, gap=8)
        said = QWidget()
        texts = QVBoxLayout(said)
        texts.setContentsMargins(0, 0, 0, 0)
        texts.setSpacing(2)
        for widget in (self._title, self._help, self._others):
            texts.addWidget(widget)
        self._others.hide()
        said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.body.addWidget(IconMark("tag", token="primary_text", size=20, soft="surface"))
        self.body.addWidget(FlowRow(said, self._rows), 1)

    def show_goal(self, title: str, about: str, *, rows: int) -> None:
        """The task in the user's words and how many rows there are."""
        self._title.setText(title)
        self._help.setText(about)
        self._rows.setText(words.plural(rows, "example"))

    def offer(self, goals: Sequence[GoalChoice]) -> None:
        """What else it could be for; nothing hides the line."""
        clear(self._flow)
        self.choices = []
        self._others.setVisible(bool(goals))
        if goals:
            self._flow.addWidget(small("Not what you are after?"))
        for goal in goals:
            choice = button(goal.title, kind="link", name=f"Change the goal: {goal.title}")
            choice.setToolTip(goal.help)
            choice.clicked.connect(lambda _on, key=goal.key: self.chosen.emit(key))
            self._flow.addWidget(choice)
            self.choices.append(choice)
