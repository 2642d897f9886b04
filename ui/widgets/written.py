"""What a model writes beside what the untrained base does, and how freely it may. Knows no runs."""

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.details import Details
from ui.widgets.flow import flow
from ui.widgets.info import InfoButton
from ui.widgets.parts import Card, FlowRow, label
from zeroapp.report import Answer

_TEMPERATURE = (
    "Temperature. At 0 it takes the likeliest word piece each time, so the same question gets the "
    "same answer. Higher, it draws by chance and surprises more often, at 1 as its own odds say; "
    "above that it soon talks nonsense."
)

_MOST = 1.5


class WrittenPair(QWidget):
    """Two cards side by side, or under each other where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self._cards = (_Sheet("Your model", kind="primary"), _Sheet("The untrained base"))
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(FlowRow(*self._cards, fill=True))

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands on the two cards."""
        return tuple(card.text for card in self._cards)

    def show_answer(self, answer: Answer) -> None:
        """Show how far both are: the base begins when the taught model is done."""
        ours, base = self._cards
        ours.show_text(answer.label, growing=not answer.whole and answer.base is None)
        base.show_text(answer.base, growing=not answer.whole and answer.base is not None)


class _Sheet(Card):
    def __init__(self, title: str, *, kind: str = "soft") -> None:
        super().__init__(kind=kind, margin=16, spacing=6)
        self._title = title
        self._text = label()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumWidth(theme.px(120))
        self.body.addWidget(label(title, role="strong"))
        self.body.addWidget(self._text)
        self.body.addStretch(1)

    @property
    def text(self) -> str:
        return self._text.text()

    def show_text(self, text: str | None, *, growing: bool) -> None:
        """Show what it has written; None: it has not begun."""
        if text is None:
            said = "It writes when your model is done."
        elif not text and not growing:
            said = "(It wrote nothing.)"
        else:
            said = f"{text} …" if growing else text
        self._text.setText(said)
        self._text.setAccessibleName(f"{self._title}: {said}")


class Freedom(Details):
    """chosen(float): another temperature."""

    chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__("Details")
        self.spin = QDoubleSpinBox()
        self.spin.setLocale(QLocale.c())
        self.spin.setRange(0.0, _MOST)
        self.spin.setSingleStep(0.1)
        self.spin.setDecimals(1)
        self.spin.setAccessibleName("How freely it writes (temperature)")
        self.spin.setAccessibleDescription(_TEMPERATURE)
        self.spin.setMinimumWidth(theme.px(90))
        self.spin.lineEdit().setTextMargins(10, 0, 0, 0)
        self.spin.valueChanged.connect(self.chosen)
        name = label("How freely it writes (temperature)")
        name.setBuddy(self.spin)
        self.body.addLayout(flow(name, self.spin, InfoButton("Temperature", _TEMPERATURE)))
