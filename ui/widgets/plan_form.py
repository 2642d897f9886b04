"""A form made from declared fields: nothing here knows which fields there are."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QSizePolicy, QSpinBox, QWidget

from ui import theme
from ui.shown import Field, FieldKind
from ui.widgets.info import InfoButton
from ui.widgets.parts import label, row


class _Whole(QSpinBox):
    """Does not change under a wheel that only meant to scroll the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()


class _Real(QDoubleSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        """Without trailing zeros: 0.00005."""
        return f"{value:.7f}".rstrip("0").rstrip(".") or "0"


class Choice(QComboBox):
    """A list that does not change under a wheel that only meant to scroll the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()


class PlanForm(QWidget):
    """edited(name, value): the user settled on a value; text for a choice, else int or float."""

    edited = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._lines = QFormLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(14)
        self._lines.setVerticalSpacing(10)
        self._lines.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # Large text in a small window: the field goes below its name instead of out of sight.
        self._lines.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._editors: dict[str, _Whole | _Real | Choice] = {}
        self._marks: dict[str, QWidget] = {}

    def show_fields(self, fields: Sequence[Field]) -> None:
        """Show these fields; editors that are there already keep the keyboard."""
        for field in fields:
            if field.name not in self._editors:
                self._add(field)
            self._write(field)

    def editor(self, name: str) -> QWidget:
        """The widget that edits a field."""
        return self._editors[name]

    def set_free(self, *, free: bool) -> None:
        """Whether anything can be edited now."""
        for editor in self._editors.values():
            editor.setEnabled(free)

    def _add(self, field: Field) -> None:
        editor = self._made(field)
        editor.setAccessibleName(field.label)
        editor.setAccessibleDescription(field.help)
        editor.setMinimumWidth(theme.px(150))
        editor.setMaximumWidth(theme.px(280))
        editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if isinstance(editor, _Whole | _Real):
            # The style sheet's padding does not reach the text of a spin box.
            editor.lineEdit().setTextMargins(10, 0, 0, 0)
        name = label(field.label, wrap=False)
        name.setBuddy(editor)
        name.setMinimumHeight(editor.sizeHint().height())
        mark = label("changed by you", role="small", wrap=False)
        self._editors[field.name] = editor
        self._marks[field.name] = mark
        info = InfoButton(field.label, field.help)
        beside = row(editor, info, mark, spacing=14)
        beside.addStretch()
        self._lines.addRow(name, beside)

    def _made(self, field: Field) -> _Whole | _Real | Choice:
        if field.kind is FieldKind.choice:
            choice = Choice()
            for value, words in field.choices:
                choice.addItem(words, value)
            choice.activated.connect(
                lambda _at: self.edited.emit(field.name, str(choice.currentData()))
            )
            return choice
        if field.kind is FieldKind.whole:
            whole = _Whole()
            whole.setRange(round(field.low), round(field.high))
            whole.setKeyboardTracking(False)
            whole.valueChanged.connect(lambda value: self.edited.emit(field.name, value))
            return whole
        real = _Real()
        real.setLocale(QLocale.c())
        real.setDecimals(7)
        real.setRange(field.low, field.high)
        real.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        real.setKeyboardTracking(False)
        real.valueChanged.connect(lambda value: self.edited.emit(field.name, value))
        return real

    def _write(self, field: Field) -> None:
        editor = self._editors[field.name]
        self._marks[field.name].setVisible(field.changed)
        blocked = editor.blockSignals(True)
        if isinstance(editor, Choice):
            editor.setCurrentIndex(max(0, editor.findData(str(field.value))))
        elif isinstance(editor, _Whole):
            editor.setValue(round(float(field.value)))
        else:
            editor.setValue(float(field.value))
        editor.blockSignals(blocked)
