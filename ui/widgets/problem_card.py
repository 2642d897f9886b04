"""One problem of the data as a card: how much it weighs, what, where, why, and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from ui.shown_data import ProblemItem
from ui.widgets.flow import FlowLayout, flow, heading
from ui.widgets.parts import Card, IconMark, button, chip, label, row
from zeroapp.errors import Severity
from zeroapp.inspection import Verdict

_LOOKS = {
    Severity.blocking: ("octagon-x", "bad"),
    Severity.warning: ("triangle-alert", "warn"),
    Severity.info: ("info", "primary"),
}


class ProblemCard(Card):
    """Said with an icon, a word and a colour, so that none of them is needed alone.

    mend_wanted(key), decided(key, verdict): a button was pressed.
    """

    mend_wanted = Signal(str)
    decided = Signal(str, str)

    def __init__(self, item: ProblemItem) -> None:
        super().__init__(across=True, spacing=16)
        icon, kind = _LOOKS[item.severity]
        self.item = item
        self.setAccessibleName(f"{item.word}: {item.title}")
        mark = IconMark(icon, token=f"{kind}_text", size=20, soft=f"{kind}_soft")
        self.body.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(flow(heading(item.title), chip(item.word, kind=kind), gap=12, tail=1))
        if item.where:
            column.addWidget(label(item.where, role="small"))
        if item.why:
            column.addWidget(label(item.why, role="muted"))
        if item.examples:
            column.addSpacing(4)
            column.addWidget(_examples(item.examples))
        column.addSpacing(4)
        way = "lightbulb" if item.severity is Severity.info else "wrench"
        mend = IconMark(way, token="primary_text", size=16)
        remedy = row(mend, label(item.remedy), spacing=10)
        remedy.setStretch(1, 1)
        column.addLayout(remedy)
        if item.blind:
            column.addWidget(label(item.blind, role="small"))
        if item.key:
            column.addSpacing(6)
            column.addLayout(self._buttons())
        self.body.addLayout(column, 1)

    def _buttons(self) -> FlowLayout:
        """What can be done about it here; about what was decided, only to take it back."""
        key = self.item.key
        if self.item.decided:
            back = self._button("Take back", Verdict.open)
            return flow(chip(self.item.decided), back)
        made: list[QWidget] = []
        if self.item.mend:
            weighty = self.item.severity is not Severity.info
            mend = button(self.item.mend, kind="primary" if weighty else "")
            mend.clicked.connect(lambda: self.mend_wanted.emit(key))
            made.append(mend)
        if self.item.severity is not Severity.blocking:
            made.append(self._button("Leave it so", Verdict.accepted))
            made.append(self._button("Not a problem", Verdict.dismissed))
        return flow(*made)

    def _button(self, text: str, verdict: Verdict) -> QPushButton:
        made = button(text, kind="quiet")
        made.setAccessibleName(f"{text}: {self.item.title}")
        made.clicked.connect(lambda: self.decided.emit(self.item.key, verdict.value))
        return made


def _examples(texts: tuple[str, ...]) -> QFrame:
    """A few of the rows that show it, as they are in the file."""
    made = QFrame()
    made.setProperty("card", "soft")
    body = QVBoxLayout(made)
    body.setContentsMargins(14, 10, 14, 10)
    body.setSpacing(4)
    for text in texts:
        line = label(f"“{text}”", role="small")
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        body.addWidget(line)
    return made
