"""“Fix these rows”: one doubted row on a card, one key for each answer. Layout and bindings."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QComboBox, QDialog, QScrollArea, QVBoxLayout, QWidget

from ui import theme
from ui.binding import bind, bind_all
from ui.shown_data import FixItem
from ui.viewmodels.fix import FixModel
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import Card, ProgressLine, button, chip, label, row

_PICTURE = 260


class FixDialog(QDialog):
    """Keys: S takes the suggestion, K keeps, C chooses another, Delete bins, Ctrl+Z goes back.

    Enter presses the button it is on, the suggestion's at first. Nothing is final: every answer is
    an edit.
    """

    def __init__(self, model: FixModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Rows whose kind is doubted")
        self.resize(theme.px(760), theme.px(560))
        self.progress = label(role="eyebrow", wrap=False)
        self.bar = ProgressLine()
        self.bar.setAccessibleName("How many rows are decided")
        self.words = label()
        self.picture = label(wrap=False)
        self.where = label(role="small")
        self.given, self.suggested = chip(""), chip("", kind="primary")
        self.sure = label(role="small", wrap=False)
        self.told = label(role="muted")
        self.error = ErrorCard()
        self.take = button("&Suggestion is right  (S)", kind="primary")
        self.keep = button("&Keep as it is  (K)")
        self.other = QComboBox()
        self.other.setAccessibleName("Another kind (C)")
        self.delete = button("Put into the &bin  (Del)", kind="quiet")
        self.back = button("&Undo  (Ctrl+Z)", kind="quiet")
        self.end = button("Close")
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        inside = QWidget()
        texts = QVBoxLayout(inside)
        texts.setContentsMargins(0, 0, 0, 0)
        texts.addWidget(self.picture)
        texts.addWidget(self.words)
        texts.addStretch(1)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        view = QScrollArea()
        view.setWidgetResizable(True)
        view.setFrameShape(QScrollArea.Shape.NoFrame)
        view.setAccessibleName("The row in question")
        for part in (view, view.viewport(), inside):
            part.setStyleSheet("background: transparent;")
        view.setWidget(inside)
        self.card = Card(spacing=14)
        self.card.body.addWidget(view, 1)
        self.card.body.addWidget(self.where)
        now, maybe = label("It says", role="small", wrap=False), label("Maybe", role="small")
        maybe.setWordWrap(False)
        self.card.body.addLayout(
            row(now, self.given, maybe, self.suggested, self.sure, None, spacing=10)
        )
        self.answers = QWidget()
        answers = row(self.take, self.keep, self.other, None, spacing=10)
        answers.setContentsMargins(0, 0, 0, 0)
        self.answers.setLayout(answers)
        body = QVBoxLayout(self)
        body.setContentsMargins(28, 24, 28, 20)
        body.setSpacing(14)
        body.addWidget(self.progress)
        body.addWidget(self.bar)
        body.addWidget(self.error)
        body.addWidget(self.card, 1)
        body.addWidget(self.answers)
        body.addWidget(self.told)
        body.addLayout(row(self.delete, self.back, None, self.end, spacing=10))

    def _wire(self) -> None:
        model = self._model
        self.take.clicked.connect(model.take)
        self.keep.clicked.connect(model.keep)
        self.delete.clicked.connect(model.delete)
        self.back.clicked.connect(model.undo)
        self.end.clicked.connect(self.accept)
        self.other.activated.connect(self._chosen)
        bind(model, "item", self, to=self._show_item)
        bind(model, "told", self, to=self.told.setText)
        bind(model, "failure", self, to=self.error.show_failure)
        bind_all(model, ("progress", "done", "total"), self, to=self._show_progress)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One key for each answer, wherever the keyboard is."""
        model, keys = self._model, Qt.Key
        answers: dict[int, Callable[[], None]] = {
            keys.Key_S: model.take,
            keys.Key_K: model.keep,
            keys.Key_C: self.other.showPopup,
            keys.Key_Delete: model.delete,
        }
        if event.matches(QKeySequence.StandardKey.Undo):
            model.undo()
        elif event.key() in answers and not event.modifiers():
            answers[event.key()]()
        else:
            super().keyPressEvent(event)

    def _chosen(self, at: int) -> None:
        if at > 0:
            self._model.choose(self.other.itemText(at))

    def _show_progress(self) -> None:
        self.progress.setText(self._model.progress)
        self.bar.setRange(0, max(1, self._model.total))
        self.bar.setValue(self._model.done)
        self.back.setEnabled(self._model.done > 0)

    def _show_item(self, item: FixItem | None) -> None:
        for widget in (self.card, self.answers, self.delete):
            widget.setVisible(item is not None)
        if item is None:
            self.end.setText("Done")
            self.end.setFocus()
            return
        self.words.setText(item.text)
        self.words.setAccessibleName(f"{item.text}. It says {item.given}, maybe {item.suggested}.")
        self.picture.setVisible(bool(item.picture))
        if item.picture:
            size = theme.px(_PICTURE)
            keep, fine = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode
            shown = QPixmap(item.picture).scaled(size, size, keep, fine.SmoothTransformation)
            self.picture.setPixmap(shown)
        self.where.setText(item.where)
        self.given.setText(item.given)
        self.suggested.setText(item.suggested)
        self.sure.setText(f"sure in {item.sure}")
        self.other.clear()
        self.other.addItems(["Another kind  (C)", *item.others])
        self.other.setVisible(bool(item.others))
        self.take.setFocus()


def show_fix(model: FixModel, parent: QWidget) -> FixDialog:
    """Open the screen with the doubted rows."""
    model.entered()
    made = FixDialog(model, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.open()
    return made
