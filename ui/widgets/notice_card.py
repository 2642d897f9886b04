"""What happened and what is safe, on a card of its own colour, with room for buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.shown import Notice
from ui.widgets.flow import flow
from ui.widgets.parts import Card, IconMark, label

_INK = {"primary": "primary_text", "ok": "ok_text", "warn": "warn_text", "bad": "bad_text"}


class NoticeCard(Card):
    """Hidden while there is no notice. actions: one widget at its right, or several below."""

    def __init__(self, *actions: QWidget) -> None:
        super().__init__(across=True, spacing=16)
        self._mark = IconMark("info", size=24)
        self._title = label(role="heading")
        self._text = label()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._text)
        self.body.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(words, 1)
        if len(actions) == 1:
            self.body.addWidget(actions[0], 0, Qt.AlignmentFlag.AlignVCenter)
        elif actions:
            below = flow(*actions, gap=12)
            below.setContentsMargins(0, 6, 0, 0)
            words.addLayout(below)
        self.setVisible(False)

    def show_notice(self, notice: Notice | None) -> None:
        """Show it; None hides the card."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        self.set_kind(notice.kind)
        self._mark.show_icon(notice.icon, token=_INK.get(notice.kind, "primary_text"))
        self._title.setText(notice.title)
        self._text.setText(notice.text)
        self.setAccessibleName(f"{notice.title}. {notice.text}")
