"""Comparisons under each other: each a title, what it means behind an (i), and its bars."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.shown import BarGroup
from ui.widgets.bars import BarList
from ui.widgets.details import clear
from ui.widgets.flow import FlowLabel, flow
from ui.widgets.info import InfoButton


class BarGroups(QWidget):
    """thickness: of a bar."""

    def __init__(self, *, thickness: int = 12) -> None:
        super().__init__()
        self._thickness = thickness
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(12)

    def show_groups(self, groups: Sequence[BarGroup]) -> None:
        """Show these instead."""
        clear(self._rows)
        for group in groups:
            head = QWidget()
            title, info = FlowLabel(group.title), InfoButton(group.title, group.meaning)
            head.setLayout(flow(title, info, gap=6))
            bars = BarList(thickness=self._thickness)
            bars.show_bars(group.bars)
            self._rows.addWidget(head)
            self._rows.addWidget(bars)
