"""About the checks: what each finds, how often it is right and wrong, and how that was measured."""

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
        self.page.setMarkdown((resources_dir() / PAGE).read_text("utf-8"))
        self.page.setMinimumSize(theme.px(680), theme.px(520))
        close = button("&Close", kind="primary")
        close.clicked.connect(self.accept)
        body = QVBoxLayout(self)
        body.setContentsMargins(24, 22, 24, 20)
        body.setSpacing(14)
        body.addWidget(self.page)
        body.addLayout(row(None, close))
