"""Answers that were wrong, as cards: the text or picture, what was said, what is right."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import words
from ui.widgets.details import clear
from ui.widgets.flow import flow, small
from ui.widgets.parts import Card, chip, label
from ui.widgets.thumbnails import Thumbnail, shows_picture
from zeroapp.report import Mistake

_SIDE = 140


class MistakeList(QWidget):
    """Cards under each other; `empty_text` is said when there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Mistake, ...] | None = None
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)

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
        for mistake in self._shown:
            self._body.addWidget(_card(mistake))
        if not self._shown:
            self._body.addWidget(label(empty_text, role="muted"))


def _card(mistake: Mistake) -> Card:
    card = Card(kind="soft", margin=14, spacing=6)
    sure = f"{words.percent(mistake.confidence)} sure"
    picture = shows_picture(mistake.text)
    asked = "A picture" if picture else f"“{mistake.text}”"
    card.setAccessibleName(
        f"{asked} was answered “{mistake.answer}”, {sure}; right would be “{mistake.truth}”."
    )
    if picture:
        shown = Thumbnail(side=_SIDE)
        shown.show_picture(mistake.text, name=f"The picture of “{mistake.truth}”")
        card.body.addWidget(shown)
    else:
        card.body.addWidget(label(mistake.text))
    said, right = small("It said"), small(f"{sure}. The right answer:")
    answer, truth = chip(mistake.answer, kind="bad"), chip(mistake.truth, kind="ok")
    card.body.addLayout(flow(said, answer, right, truth, gap=8))
    return card
