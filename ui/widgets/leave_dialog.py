"""Asked when the window closes while a training runs: keep going, stop and save, or stay."""

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import IconMark, button, label, row


class Leave(StrEnum):
    """What shall become of the training."""

    keep_going = "keep_going"
    stop = "stop"
    stay = "stay"


class LeaveDialog(QDialog):
    """`answer` after `exec()`; closing the dialog means to stay."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.answer = Leave.stay
        self.setWindowTitle("A training is running")
        self.keep = button("&Keep training", kind="primary")
        self.stop = button("&Stop and save", kind="danger")
        self.stay = button("&Cancel", kind="quiet")
        self.keep.setDefault(True)
        for made, answer in (
            (self.keep, Leave.keep_going),
            (self.stop, Leave.stop),
            (self.stay, Leave.stay),
        ):
            made.clicked.connect(lambda _checked=False, answer=answer: self._answered(answer))
        texts = QVBoxLayout()
        texts.setSpacing(8)
        texts.addWidget(label("A training is running", role="heading"))
        about = label(
            "It can go on without this window. Open the app again at any time to see how far it "
            "is. If you stop it, what it has learned so far is saved, and it can go on later.",
            role="muted",
        )
        # Not the dialog's own minimum: that would let its buttons be cut at large text.
        about.setMinimumWidth(theme.px(420))
        texts.addWidget(about)
        top = QHBoxLayout()
        top.setSpacing(18)
        mark = IconMark("chart-line", token="primary_text", size=22, soft="primary_soft")
        top.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(texts, 1)
        body = QVBoxLayout(self)
        body.setContentsMargins(28, 26, 28, 22)
        body.setSpacing(22)
        body.addLayout(top)
        body.addLayout(row(self.stay, None, self.stop, self.keep, spacing=10))

    def _answered(self, answer: Leave) -> None:
        self.answer = answer
        self.accept()
