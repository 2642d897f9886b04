"""About the checks: what each finds, how often it is right and wrong, and how that was measured."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import button, row
from zeroapp.paths import resources_dir

PAGE = "help/checks.md"


class ChecksHelp(QDialog):
    """The page that ships with the app; read with keys and by screen readers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About the checks")
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setAccessibleName("About the checks")
        # A table is laid out one pixel wider than the page: no need for a second bar.
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.document().setDocumentMargin(theme.px(12))
        self.page.setMarkdown((resources_dir() / PAGE).read_text("utf-8"))
        _space(self.page.document())
        self.page.setMinimumSize(theme.px(680), theme.px(520))
        close = button("&Close", kind="primary")
        close.clicked.connect(self.accept)
        body = QVBoxLayout(self)
        body.setContentsMargins(24, 22, 24, 20)
        body.setSpacing(14)
        body.addWidget(self.page)
        body.addLayout(row(None, close))


def _space(page: QTextDocument) -> None:
    """Markdown sets paragraphs without a gap: give those outside of tables one."""
    at = QTextCursor(page)
    more = True
    while more:
        if at.currentTable() is None:
            style = at.blockFormat()
            style.setBottomMargin(theme.px(10))
            at.setBlockFormat(style)
        more = at.movePosition(QTextCursor.MoveOperation.NextBlock)
