"""An example exactly as the model sees it: what it reads, and on coloured ground what it learns."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import words
from ui.widgets.details import clear
from ui.widgets.parts import Card, label
from zeroapp.plan import Preview

_LONGEST = 700
"""Signs of a part that are shown; of longer ones the middle is left out, and that is said."""

_CUT = "Longer than the plan reads: the end is not seen. “Longest text” under Details changes that."


class TrainedTexts(QWidget):
    """Shows some examples under each other."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(16)

    def show_previews(self, previews: Sequence[Preview]) -> None:
        """Show these instead."""
        clear(self._rows)
        for number, preview in enumerate(previews, start=1):
            self._rows.addWidget(_example(number, preview))


def _example(number: int, preview: Preview) -> QWidget:
    whole = QWidget()
    rows = QVBoxLayout(whole)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(6)
    title = f"Example {number}, {words.plural(preview.tokens, 'word piece')}"
    rows.addWidget(label(title, role="small"))
    for read, learned in (*preview.earlier, (preview.read, preview.learned)):
        rows.addWidget(_part("It reads", read, kind="soft"))
        rows.addWidget(_part("It learns to write", learned, kind="primary"))
    if preview.cut:
        rows.addWidget(label(_CUT, role="warn"))
    return whole


def _part(title: str, text: str, *, kind: str) -> QWidget:
    card = Card(kind=kind, margin=14, spacing=4)
    card.body.addWidget(label(title, role="strong"))
    shown = label(shortened(text))
    shown.setAccessibleName(f"{title}: {text}")
    card.body.addWidget(shown)
    return card


def shortened(text: str) -> str:
    """The text with a long middle left out, and said so."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    left_out = words.count(len(text) - 2 * half)
    return f"{text[:half]}\n[… {left_out} signs are not shown here …]\n{text[-half:]}"
