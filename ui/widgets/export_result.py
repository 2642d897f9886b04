"""A finished export: how sure it is the same, how large, how fast, and how to run it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from ui import theme
from ui.desktop import open_folder
from ui.shown import Fact
from ui.widgets.info import FactRow
from ui.widgets.parts import Card, IconMark, button, label, row


class _Lines(QPlainTextEdit):
    """As high as its text."""

    def sizeHint(self) -> QSize:
        """Asked again by the layout whenever the text size changes."""
        lines = self.fontMetrics().lineSpacing() * self.blockCount()
        return QSize(super().sizeHint().width(), lines + theme.px(28))


class CommandBox(Card):
    """Lines for a terminal, with a button that copies them."""

    def __init__(self) -> None:
        super().__init__(kind="soft", margin=14, across=True)
        self._text = _Lines(readOnly=True)
        self._text.setAccessibleName("How to run it, commands for a terminal")
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setStyleSheet("QPlainTextEdit { border: none; background: transparent; }")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setTabChangesFocus(True)
        self._text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.copy = button("Copy", icon="copy", name="Copy the commands")
        self.copy.clicked.connect(self._copied)
        self.body.addWidget(self._text, 1)
        self.body.addWidget(self.copy)

    def show_commands(self, text: str) -> None:
        """Show these lines."""
        self.setVisible(bool(text))
        self._text.setPlainText(text)
        self._text.updateGeometry()
        self.copy.setText("Copy")

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self.copy.setText("Copied")


class ExportResult(Card):
    """The newest export, whole."""

    def __init__(self) -> None:
        super().__init__(margin=24, spacing=14)
        self._path = ""
        self._title = label(role="heading")
        self._sentence = label()
        self._where = label(role="small")
        self._facts = FactRow()
        self._run_title = label("How to run it", role="strong")
        self._commands = CommandBox()
        self.open_button = button("Open folder", icon="folder-open")
        self.open_button.clicked.connect(lambda: open_folder(Path(self._path), over=self))
        head = row(
            IconMark("circle-check", token="ok_text", size=24), self._title, self.open_button
        )
        head.setStretch(1, 1)
        self.body.addLayout(head)
        for widget in (self._sentence, self._facts, self._where, self._run_title, self._commands):
            self.body.addWidget(widget)

    def show_result(
        self, title: str, *, sentence: str, facts: Sequence[Fact], path: str, commands: str
    ) -> None:
        """Show this export."""
        self._path = path
        self._title.setText(f"Ready: {title}")
        self._sentence.setText(sentence)
        self._facts.show_facts(facts)
        self._where.setText(path)
        self._run_title.setVisible(bool(commands))
        self._commands.show_commands(commands)
        self.setAccessibleName(f"Ready: {title}. {sentence}")
