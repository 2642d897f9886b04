"""One way to take the model along: what it is for, one button, and what came of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.shown import ExportChoice
from ui.widgets.flow import flow, heading
from ui.widgets.parts import Card, IconMark, button, chip, label, restyle


class ExportCard(Card):
    """wanted(format): the button was pressed."""

    wanted = Signal(str)

    def __init__(self, choice: ExportChoice) -> None:
        super().__init__(across=True, margin=20, spacing=16)
        self.choice = choice
        soft = "primary_soft"
        mark = IconMark(choice.icon, token="primary_text", size=22, soft=soft)
        self._recommended = chip("Recommended", kind="primary")
        if not choice.recommended:
            self._recommended.hide()
        self._done = chip("", kind="ok")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(flow(heading(choice.title), self._recommended, self._done))
        words.addWidget(label(choice.blurb))
        words.addWidget(label(choice.technical, role="small"))
        kind = "primary" if choice.recommended else ""
        self.export_button = button("Export", kind=kind, name=f"Export: {choice.title}")
        self.export_button.clicked.connect(lambda: self.wanted.emit(choice.format))
        self.body.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(words, 1)
        self.body.addWidget(self.export_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_made(times=0)

    def show_made(self, *, times: int) -> None:
        """Say whether it was exported before."""
        self._done.setText("Exported" if times == 1 else f"Exported {times} times")
        self._done.setVisible(times > 0)
        again = times > 0
        self.export_button.setText("Export again" if again else "Export")
        restyle(
            self.export_button, "kind", "" if again or not self.choice.recommended else "primary"
        )

    def set_free(self, *, free: bool) -> None:
        """Whether an export can be started now."""
        self.export_button.setEnabled(free)
