"""Answers that were wrong: texts as cards, pictures as a gallery of tiles."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import words
from ui.widgets.details import clear
from ui.widgets.flow import flow, small
from ui.widgets.gallery import Gallery
from ui.widgets.parts import Card, chip, label
from ui.widgets.thumbnails import shows_picture
from zeroapp.report import Mistake


class MistakeList(QWidget):
    """Cards under each other, or tiles; `empty_text` is said when there are none.

    look_wanted(path): the user wants to see where the model looks in this picture.
    """

    look_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.gallery = Gallery()
        self.gallery.look_wanted.connect(self.look_wanted)
        self._shown: tuple[Mistake, ...] | None = None
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        self._body = QVBoxLayout()
        self._body.setSpacing(8)
        body.addLayout(self._body)
        body.addWidget(self.gallery)

    @property
    def shown(self) -> tuple[Mistake, ...]:
        """What is shown."""
        return self._shown or ()

    def show_mistakes(self, mistakes: Sequence[Mistake], *, empty_text: str) -> None:
        """Show these, in this order."""
        if self._shown == tuple(mistakes) and mistakes:
            return
        self._shown = tuple(mistakes)
        clear(self._body)
        pictures = [one for one in self._shown if shows_picture(one.text)]
        self.gallery.show_mistakes(pictures)
        self.gallery.setVisible(bool(pictures))
        for mistake in self._shown:
            if mistake not in pictures:
                self._body.addWidget(_card(mistake))
        if not self._shown:
            self._body.addWidget(label(empty_text, role="muted"))


def _card(mistake: Mistake) -> Card:
    card = Card(kind="soft", margin=14, spacing=6)
    sure = f"{words.percent(mistake.confidence)} sure"
    card.setAccessibleName(
        f"“{mistake.text}” was answered “{mistake.answer}”, {sure}; "
        f"right would be “{mistake.truth}”."
    )
    card.body.addWidget(label(mistake.text))
    said, right = small("It said"), small(f"{sure}. The right answer:")
    answer, truth = chip(mistake.answer, kind="bad"), chip(mistake.truth, kind="ok")
    card.body.addLayout(flow(said, answer, right, truth, gap=8))
    return card
