"""What a good table looks like, drawn small: for pages that wait for one. Knows no data."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.widgets.parts import Card, chip, label, line

_ROWS = (
    ("Where is my parcel?", "delivery"),
    ("I was charged twice for the same order.", "billing"),
    ("The link to set a new password does not work.", "login"),
)


class SampleTable(Card):
    """Three rows that say more than a description of columns."""

    def __init__(self) -> None:
        super().__init__(spacing=12)
        self.body.addWidget(label("What a good table looks like", role="heading"))
        self.body.addWidget(_grid())
        self.body.addWidget(
            label(
                "Other columns may stay, they are left out. Twenty rows of each kind are a start, "
                "a hundred are good.",
                role="muted",
            )
        )


def _grid() -> QWidget:
    made = QWidget()
    made.setAccessibleName("An example with three rows: a message, and the kind it belongs to")
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(0, 1)
    for column, name in enumerate(("message", "kind")):
        grid.addWidget(label(name, role="small", wrap=False), 0, column)
    for number, (text, kind) in enumerate(_ROWS):
        grid.addWidget(line(), 2 * number + 1, 0, 1, 2)
        grid.addWidget(label(text), 2 * number + 2, 0)
        grid.addWidget(chip(kind, kind="primary"), 2 * number + 2, 1, Qt.AlignmentFlag.AlignLeft)
    return made
