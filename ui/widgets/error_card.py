"""A failure as the user reads it: what happened, what next, and the report for the makers."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from ui.errors import report_text
from ui.widgets.parts import Card, FlowRow, IconMark, button, label
from zeroapp.errors import Failure


class ErrorCard(Card):
    """Hidden until `show_failure`. closed(): the user has read it.

    mends: for codes of failures that one press mends, what its button says.
    mend_wanted(str): it was pressed for this code.
    """

    closed = Signal()
    mend_wanted = Signal(str)

    def __init__(self, *, mends: Mapping[str, str] | None = None) -> None:
        super().__init__(kind="bad", across=True, spacing=16)
        self._failure: Failure | None = None
        self._mends = mends or {}
        self.mend = button("", kind="primary")
        self.mend.clicked.connect(self._mend)
        self._title = label(role="strong")
        self._hint = label()
        self._detail = QPlainTextEdit(readOnly=True)
        self._detail.setAccessibleName("Technical details")
        self._detail.setFixedHeight(140)
        self._more = button("Details", kind="link", name="Show technical details")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._detail.setVisible)
        copy = button("Copy report", kind="link", icon="copy")
        copy.clicked.connect(self._copy)
        close = button("Close", kind="link", icon="x", name="Close this message")
        close.clicked.connect(self._close)
        column = QVBoxLayout()
        column.setSpacing(6)
        for widget in (self._title, self._hint):
            widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(widget)
        column.addWidget(FlowRow(self.mend, self._more, copy, close, spacing=10, left=True))
        column.addWidget(self._detail)
        mark = IconMark("octagon-x", token="bad_text", size=22)
        self.body.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(column, 1)
        self.show_failure(None)

    def show_failure(self, failure: Failure | None) -> None:
        """Show `failure`; None hides the card."""
        self._failure = failure
        self.setVisible(failure is not None)
        if failure is None:
            return
        self._title.setText(failure.title)
        self._hint.setText(failure.hint)
        self._detail.setPlainText(failure.detail)
        mend = self._mends.get(failure.code, "")
        self.mend.setText(mend)
        self.mend.setAccessibleName(mend.replace("&", ""))
        self.mend.setVisible(bool(mend))
        self._more.setVisible(bool(failure.detail))
        self._more.setChecked(False)
        self._detail.setVisible(False)

    def _mend(self) -> None:
        if self._failure is not None:
            self.mend_wanted.emit(self._failure.code)

    def _copy(self) -> None:
        if self._failure is not None:
            QGuiApplication.clipboard().setText(report_text(self._failure))

    def _close(self) -> None:
        self.show_failure(None)
        self.closed.emit()
