"""Sentences with numbers in front: what will happen, one after the other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui import theme
from ui.widgets.details import clear
from ui.widgets.parts import label


class StepList(QWidget):
    """Numbers in soft circles, sentences beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)

    def show_steps(self, steps: Sequence[str]) -> None:
        """Show these sentences instead."""
        clear(self._grid)
        for number, text in enumerate(steps):
            mark = label(str(number + 1), wrap=False)
            side = theme.px(24)
            mark.setFixedSize(side, side)
            mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
            mark.setProperty("chip", "primary")
            mark.setStyleSheet(f"QLabel {{ padding: 0px; border-radius: {side // 2}px; }}")
            self._grid.addWidget(mark, number, 0, Qt.AlignmentFlag.AlignTop)
            words = label(text)
            words.setMinimumHeight(side)
            self._grid.addWidget(words, number, 1, Qt.AlignmentFlag.AlignVCenter)
