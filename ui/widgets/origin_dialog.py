"""Asked once for each file: where its rows come from and what may be done with them."""

from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.parts import button, chip, label, row
from zeroapp.licences import LICENCES, Light

_LIGHTS = {
    Light.green: ("Use it freely", "ok"),
    Light.amber: ("With conditions", "warn"),
    Light.red: ("Not for everything", "bad"),
}


class OriginDialog(QDialog):
    """`source` and `chosen()` after `exec()`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Where the rows come from")
        self.source = QLineEdit()
        self.source.setPlaceholderText("For example: our shop's mailbox, March 2026")
        self.source.setAccessibleName("Where the rows come from")
        self.source.setMinimumWidth(theme.px(420))
        self.licence = QComboBox()
        self.licence.setAccessibleName("What may be done with them")
        for one in LICENCES:
            self.licence.addItem(one.title, one.key)
        self._light = QVBoxLayout()
        self.keep = button("&Keep", kind="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self.accept)
        leave = button("&Cancel", kind="quiet")
        leave.clicked.connect(self.reject)
        body = QVBoxLayout(self)
        body.setContentsMargins(28, 26, 28, 22)
        body.setSpacing(14)
        body.addWidget(label("Where do these rows come from?", role="heading"))
        body.addWidget(self.source)
        body.addWidget(label("What may be done with them?", role="strong"))
        body.addWidget(self.licence)
        body.addLayout(self._light)
        body.addWidget(label("This is kept with the file and goes on record.", role="small"))
        body.addLayout(row(leave, None, self.keep))
        self.source.textChanged.connect(self._changed)
        self.licence.currentIndexChanged.connect(self._changed)
        self._changed()

    def chosen(self) -> str:
        """The key of the licence."""
        return str(self.licence.currentData())

    def _changed(self, *_: object) -> None:
        self.keep.setEnabled(bool(self.source.text().strip()))
        light = next(one.light for one in LICENCES if one.key == self.chosen())
        text, kind = _LIGHTS[light]
        while (item := self._light.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._light.addWidget(chip(text, kind=kind))
