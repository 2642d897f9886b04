"""A file that was read: how much came of it, what was put right, and a way to take that back."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.shown_data import FileItem, RepairItem
from ui.widgets.details import Details
from ui.widgets.parts import FlowRow, IconMark, button, chip, label, row


class FileCard(QWidget):
    """change_wanted(file, kind): a repair is to be taken back, or made again.

    encoding_wanted(file, encoding): its letters are to be read in another encoding.
    """

    change_wanted = Signal(int, str)
    encoding_wanted = Signal(int, str)

    def __init__(self, item: FileItem) -> None:
        super().__init__()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        detail = label(item.detail, role="muted", wrap=False)
        detail.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        parts = [label(item.name, role="strong", wrap=False), detail]
        if item.aside:
            parts.append(chip(item.aside, kind="warn"))
        elif not item.repairs:
            parts.append(chip("Read without a hitch", kind="ok"))
        head = row(IconMark("file-text", size=18), FlowRow(*parts))
        head.setStretch(1, 1)
        body.addLayout(head)
        for repair in item.repairs:
            line = RepairLine(repair, file=item.name)
            line.change_wanted.connect(self.change_wanted)
            line.encoding_wanted.connect(self.encoding_wanted)
            body.addWidget(line)


class RepairLine(QWidget):
    """One thing that was put right. Its signals are those of `FileCard`."""

    change_wanted = Signal(int, str)
    encoding_wanted = Signal(int, str)

    def __init__(self, item: RepairItem, *, file: str) -> None:
        super().__init__()
        body = QVBoxLayout(self)
        body.setContentsMargins(30, 0, 0, 0)
        body.setSpacing(4)
        mark = IconMark("wrench", token="muted" if item.undone else "ok_text", size=14)
        head = row(mark, label(item.text, role="muted"))
        head.setStretch(1, 1)
        if item.can_change:
            word = "Do it again" if item.undone else "Undo"
            self.change = button(word, kind="quiet", name=f"{word} in {file}: {item.text}")
            self.change.setToolTip("The file is read once more; nothing in the file changes.")
            self.change.clicked.connect(lambda: self.change_wanted.emit(item.file, item.kind))
            head.addWidget(self.change)
        body.addLayout(head)
        if item.encodings:
            self.letters = self._other_letters(item, file=file)
            body.addWidget(self.letters, alignment=Qt.AlignmentFlag.AlignLeft)
        if item.shown:
            self.cases = Details("Before and after")
            for before, after in item.shown:
                self.cases.body.addWidget(label(f"Before: {before or '(empty)'}", role="small"))
                self.cases.body.addWidget(label(f"After: {after or '(left out)'}", role="strong"))
            body.addWidget(self.cases)

    def _other_letters(self, item: RepairItem, *, file: str) -> QPushButton:
        """A button with the encodings that the file's letters may be read in."""
        name = f"Choose how letters of {file} are read"
        made = button("Choose letters", kind="quiet", icon="languages", name=name)
        made.setToolTip("The file is read once more; nothing in the file changes.")
        menu = QMenu(made)
        for key, title in item.encodings:
            action = menu.addAction(title)
            action.triggered.connect(partial(self.encoding_wanted.emit, item.file, key))
        made.setMenu(menu)
        return made
