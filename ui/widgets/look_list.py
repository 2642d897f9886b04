"""The deeper checks as a list: what was looked for, what came of it, and what it cannot see."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.shown_data import LookItem
from ui.widgets.details import clear
from ui.widgets.info import InfoButton
from ui.widgets.parts import Card, IconMark, label, row


class LookList(Card):
    """Hides while there is nothing to list."""

    def __init__(self) -> None:
        super().__init__(spacing=10)
        self.body.addWidget(label("What was looked for", role="heading"))
        self.body.addWidget(
            label("How often each check is right and wrong is in “About the checks”.", role="muted")
        )
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.body.addLayout(self._lines)
        self.hide()

    def show_looks(self, looks: tuple[LookItem, ...]) -> None:
        """Show these checks, one a line."""
        clear(self._lines)
        for look in looks:
            mark = (
                IconMark("eye", token="warn_text", size=16)
                if look.found
                else IconMark("circle-check", token="ok_text", size=16)
            )
            about = InfoButton(look.title, look.blind)
            state = label(look.state, role="muted")
            line = row(mark, label(look.title), about, state, spacing=8)
            line.setContentsMargins(0, 0, 0, 0)
            line.setStretch(1, 1)
            line.setStretch(3, 1)
            held = QWidget()  # a widget, so that `clear` takes the whole line away
            held.setLayout(line)
            self._lines.addWidget(held)
        self.setVisible(bool(looks))
