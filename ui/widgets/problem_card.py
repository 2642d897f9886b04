"""One problem of the data as a card: how much it weighs, what, where, why, and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout

from ui.shown_data import ProblemItem
from ui.widgets.parts import Card, IconMark, chip, label, row
from zeroapp.errors import Severity

_LOOKS = {
    Severity.blocking: ("octagon-x", "bad"),
    Severity.warning: ("triangle-alert", "warn"),
    Severity.info: ("info", "primary"),
}


class ProblemCard(Card):
    """Said with an icon, a word and a colour, so that none of them is needed alone."""

    def __init__(self, item: ProblemItem) -> None:
        super().__init__(across=True, spacing=16)
        icon, kind = _LOOKS[item.severity]
        self.item = item
        self.setAccessibleName(f"{item.word}: {item.title}")
        mark = IconMark(icon, token=f"{kind}_text", size=20, soft=f"{kind}_soft")
        self.body.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(6)
        top = row(label(item.title, role="heading"), chip(item.word, kind=kind), spacing=12)
        top.setStretch(0, 1)
        top.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
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
        self.body.addLayout(column, 1)


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
