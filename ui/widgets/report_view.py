"""The files of a report, each readable in full before anything is saved."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import label


class ReportView(QWidget):
    """A list of names, and the text of the chosen one."""

    def __init__(self) -> None:
        super().__init__()
        self.files = QComboBox()
        self.files.setAccessibleName("Files of the report")
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName("What this file of the report holds")
        self.text.setMinimumHeight(theme.px(180))
        self._texts: list[str] = []
        self.files.currentIndexChanged.connect(self._chosen)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(label("All that is in it:", role="strong"))
        body.addWidget(self.files)
        body.addWidget(self.text)

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Names with their texts."""
        self._texts = [text for _, text in entries]
        self.files.clear()
        self.files.addItems([name for name, _ in entries])
        self._chosen(self.files.currentIndex())

    def _chosen(self, index: int) -> None:
        known = 0 <= index < len(self._texts)
        self.text.setPlainText(self._texts[index] if known else "")
