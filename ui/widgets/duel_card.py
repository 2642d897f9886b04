"""Two texts to choose between, blind: a button and a key for each. Knows no models."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.shown import Duel
from ui.widgets.flow import FlowLabel, flow
from ui.widgets.info import InfoButton
from ui.widgets.parts import Card, button, label, row

_SURE = (
    "With other pairs the share would come out a little differently; 19 times out of 20 it lies "
    "in this range (95% interval, Wilson). Pairs you found alike are left out."
)


class DuelCard(Card):
    """first_chosen, second_chosen, skipped: what the person said of the pair that is shown.

    again_wanted: forget what was said, and begin anew.
    """

    first_chosen = Signal()
    second_chosen = Signal()
    skipped = Signal()
    again_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(margin=24, spacing=12)
        self.body.addWidget(label("Which one would you have written?", role="heading"))
        why = "You are not told which model wrote which, so that only the text counts."
        self.body.addWidget(label(why, role="muted"))
        self._prompt, self._left = label(role="strong"), label(role="small")
        self._texts = [label(), label()]
        self._keys = [
            button("The first (1)", name="The first text is better, key 1"),
            button("The second (2)", name="The second text is better, key 2"),
        ]
        self.skip_button = button("Neither", kind="quiet", name="Neither is better")
        self._duel = QWidget()
        self._fill()
        self._result = FlowLabel(role="strong")
        self.body.addWidget(self._duel)
        self._sure = InfoButton("Rated so far", _SURE)
        self.body.addLayout(flow(self._result, self._sure, gap=2))
        self.again = button(
            "Rate again", icon="rotate-ccw", name="Forget these ratings, begin anew"
        )
        foot = row(self.again)
        foot.addStretch(1)
        self.body.addLayout(foot)
        self.again.clicked.connect(self.again_wanted)
        for key, said in (("1", self.first_chosen), ("2", self.second_chosen)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(said)
        self._keys[0].clicked.connect(self.first_chosen)
        self._keys[1].clicked.connect(self.second_chosen)
        self.skip_button.clicked.connect(self.skipped)

    @property
    def keys(self) -> tuple[QWidget, QWidget]:
        """The two buttons."""
        return self._keys[0], self._keys[1]

    def _fill(self) -> None:
        inner = QVBoxLayout(self._duel)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addWidget(self._prompt)
        for text, key in zip(self._texts, self._keys, strict=True):
            card = Card(kind="soft", margin=14, spacing=8)
            card.body.addWidget(text)
            under = row(key)
            under.addStretch(1)
            card.body.addLayout(under)
            inner.addWidget(card)
        foot = row(self.skip_button, self._left)
        foot.addStretch(1)
        inner.addLayout(foot)

    def show_duel(self, duel: Duel | None, *, result: str, rated: bool = False) -> None:
        """Show this pair, or that there is none left.

        result: how it stands so far; rated: there is something to forget.
        """
        self.again.setVisible(rated)
        self._duel.setVisible(duel is not None)
        self._result.setVisible(bool(result) or duel is None)
        self._result.setText(result or "Both models wrote the same to every prompt.")
        self._sure.setVisible(rated)
        if duel is None:
            return
        self._prompt.setText(duel.prompt)
        self._left.setText(duel.left)
        for label_, text in zip(self._texts, (duel.first, duel.second), strict=True):
            label_.setText(text or "(It wrote nothing.)")
