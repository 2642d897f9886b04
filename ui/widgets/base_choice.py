"""Which model to start from: the starters, or any name of the Hub, each with its licence."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from ui.shown import BaseItem
from ui.widgets.details import clear
from ui.widgets.flow import flow
from ui.widgets.parts import button, chip, label, restyle


class BaseChoice(QWidget):
    """chosen(key): a starter, or a name such as owner/name that was typed."""

    chosen = Signal(str)

    def __init__(self, items: Sequence[BaseItem] = ()) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._radios: dict[str, QRadioButton] = {}
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        starters = QWidget()
        self._starters = QVBoxLayout(starters)
        self._starters.setContentsMargins(0, 0, 0, 0)
        self._starters.setSpacing(6)
        body.addWidget(starters)
        self._other = QRadioButton("Another model from the Hub")
        self._other.setAccessibleName("Another model from the Hugging Face Hub")
        self._group.addButton(self._other)
        self._name = QLineEdit()
        self._name.setPlaceholderText("owner/name")
        self._name.setAccessibleName("Name of a model on the Hugging Face Hub")
        self._use = button("Use it", name="Use the model with this name")
        self._licence = chip("")
        self._note = label(role="muted")
        body.addWidget(self._other)
        body.addLayout(flow(self._name, self._use, self._licence))
        body.addWidget(self._note)
        self._wire()
        self._show_other(None)
        self.show_items(items)

    def _wire(self) -> None:
        self._other.toggled.connect(self._name_wanted)
        self._use.clicked.connect(self._typed)
        self._name.returnPressed.connect(self._typed)
        self._name_wanted(wanted=False)

    def show_items(self, items: Sequence[BaseItem]) -> None:
        """Offer these starters instead."""
        for radio in self._radios.values():
            self._group.removeButton(radio)
        clear(self._starters)
        self._radios = {}
        for item in items:
            self._starters.addWidget(self._row(item))

    def _row(self, item: BaseItem) -> QWidget:
        radio = QRadioButton(item.title)
        radio.setAccessibleName(f"{item.title}. {item.blurb} Licence: {item.licence}.")
        radio.clicked.connect(lambda: self.chosen.emit(item.key))
        self._group.addButton(radio)
        self._radios[item.key] = radio
        licence = chip(_licence_words(item))
        restyle(licence, "chip", "ok" if item.sell else "warn")
        licence.setToolTip(item.note)
        whole = QWidget()
        made = QVBoxLayout(whole)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(0)
        made.addLayout(flow(radio, licence))
        blurb = label(item.blurb, role="small")
        blurb.setIndent(32)
        made.addWidget(blurb)
        return whole

    def show_choice(self, key: str, *, other: BaseItem | None = None) -> None:
        """Mark what is in use; `other` says what is known of a model that is no starter."""
        radio = self._radios.get(key)
        if radio is not None:
            radio.setChecked(True)
        elif key:
            self._other.setChecked(True)
            if not self._name.hasFocus():
                self._name.setText(key)
        self._show_other(other)

    def _show_other(self, item: BaseItem | None) -> None:
        self._licence.setVisible(item is not None)
        self._note.setVisible(item is not None)
        if item is not None:
            self._licence.setText(_licence_words(item))
            restyle(self._licence, "chip", "ok" if item.sell else "warn")
            self._note.setText(item.note)

    def set_free(self, *, free: bool) -> None:
        """Whether a choice can be made now."""
        for radio in (*self._radios.values(), self._other):
            radio.setEnabled(free)
        self._name_wanted(wanted=self._other.isChecked())
        self._use.setEnabled(free and self._other.isChecked())

    def _name_wanted(self, wanted: bool) -> None:  # noqa: FBT001 - a slot of toggled(bool)
        self._name.setVisible(wanted)
        self._use.setVisible(wanted)
        self._use.setEnabled(wanted)

    def _typed(self) -> None:
        name = self._name.text().strip()
        if name:
            self.chosen.emit(name)


def _licence_words(item: BaseItem) -> str:
    end = "you may sell the result" if item.sell else "read it before you sell"
    return f"{item.licence} — {end}"
