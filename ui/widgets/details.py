"""A section that is folded until someone wants to know more."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLayout, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import button, label


class Details(QWidget):
    """A button that unfolds `body`. title: what is inside, as in "Details"."""

    def __init__(self, title: str = "Details", *, hint: str = "") -> None:
        super().__init__()
        self.toggle = button(title, kind="quiet", icon="chevron-right", name=f"Show {title}")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._turned)
        self._title = title
        inner = QFrame()
        inner.setProperty("card", "soft")
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(20, 18, 20, 18)
        self.body.setSpacing(14)
        self._inner = inner
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(inner)
        if hint:
            self.body.addWidget(label(hint, role="muted"))
        inner.setVisible(False)

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded."""
        return self.toggle.isChecked()

    def open(self) -> None:
        """Unfold it."""
        self.toggle.setChecked(True)

    def rename(self, title: str) -> None:
        """Say something else on the button."""
        self._title = title
        self.toggle.setText(title)
        self.toggle.setAccessibleName(f"{'Hide' if self.is_open else 'Show'} {title}")

    def _turned(self, opened: bool) -> None:  # noqa: FBT001 - a slot of toggled(bool)
        self._inner.setVisible(opened)
        theme.set_icon(self.toggle, "chevron-down" if opened else "chevron-right", token="muted")
        self.toggle.setAccessibleName(f"{'Hide' if opened else 'Show'} {self._title}")


class FactTable(QWidget):
    """Names and values in two columns; the values can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QFormLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(24)
        self._lines.setVerticalSpacing(6)
        self._lines.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._lines.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        # Large text in a small window: the value goes below its name.
        self._lines.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._shown: tuple[tuple[str, str], ...] = ()

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these (name, value) rows instead."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        clear(self._lines)
        for name, value in self._shown:
            left, right = label(name, role="muted", wrap=False), label(value)
            right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._lines.addRow(left, right)

    def text(self) -> str:
        """The rows as text."""
        return "\n".join(f"{name}: {value}" for name, value in self._shown)


def clear(layout: QLayout) -> None:
    """Take every widget out of `layout`; they go with the next turn of the event loop."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
