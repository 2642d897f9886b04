"""The left side of the window: brand, project, steps, this computer, colours and text size."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.widgets.parts import Card, IconMark, button, label, row
from ui.widgets.step_rail import StepRail, StepWords
from zeroapp.wizard import Step

STEPS = {
    Step.examples: StepWords("Examples", "What it learns from"),
    Step.check: StepWords("Check", "What to mend first"),
    Step.plan: StepWords("Plan", "How it will go here"),
    Step.train: StepWords("Train", "Runs on this computer"),
    Step.quality: StepWords("Quality", "How good it became"),
    Step.use: StepWords("Use it", "Take it with you"),
}
_MODES = {
    theme.Mode.system: "Colours like the system",
    theme.Mode.light: "Light colours",
    theme.Mode.dark: "Dark colours",
}


class Side(QWidget):
    """home_wanted(): show the projects. chosen(Step). mode_wanted(Mode). scale_wanted(percent).

    house_wanted(): this computer and help. folder_wanted(): the project in the file manager.
    """

    home_wanted = Signal()
    mode_wanted = Signal(theme.Mode)
    scale_wanted = Signal(int)
    house_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.steps = StepRail(STEPS)
        self.home = button("All pro&jects", kind="quiet", icon="arrow-left")
        self.home.clicked.connect(self.home_wanted)
        self._project = label(role="strong")
        self.computer = ComputerCard()
        self.house = button("Computer and &help", kind="quiet", icon="wrench")
        self.house.clicked.connect(self.house_wanted)
        self.folder = button("Open project &folder", kind="quiet", icon="folder-open")
        self.folder.clicked.connect(self.folder_wanted)
        self.look = self._look_button()
        self.appearance = button("&Aa", kind="quiet", name="Text size and colours")
        self.appearance.setToolTip("Text size and colours")
        self.menu = QMenu(self.appearance)
        self.menu.setAccessibleName("Text size and colours")
        self.appearance.setMenu(self.menu)
        self._scales: dict[int, QAction] = {}
        self._modes: dict[theme.Mode, QAction] = {}
        self._fill_menu()
        self._lay_out()

    def _look_button(self) -> QPushButton:
        made = button("Dark", kind="quiet", icon="moon")
        wanted = theme.Mode
        made.clicked.connect(
            lambda: self.mode_wanted.emit(
                wanted.light if theme.tokens() is theme.DARK else wanted.dark
            )
        )
        return made

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setObjectName("body")
        body = QVBoxLayout(inner)
        body.setContentsMargins(14, 20, 14, 12)
        body.setSpacing(0)
        body.addLayout(_brand())
        body.addSpacing(18)
        body.addWidget(self.home, 0, Qt.AlignmentFlag.AlignLeft)
        self._project.setContentsMargins(12, 4, 8, 12)
        body.addWidget(self._project)
        body.addWidget(self.steps)
        body.addStretch(1)
        body.addSpacing(12)
        body.addWidget(self.folder, 0, Qt.AlignmentFlag.AlignLeft)
        body.addSpacing(6)
        body.addWidget(self.computer)
        body.addSpacing(6)
        body.addWidget(self.house, 0, Qt.AlignmentFlag.AlignLeft)
        body.addLayout(row(self.look, None, self.appearance, spacing=4))
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 1, 0)
        outer.addWidget(scroll)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_project(self, name: str) -> None:
        """The open project's name; empty: none is open."""
        self.home.setVisible(bool(name))
        self._project.setVisible(bool(name))
        self.folder.setVisible(bool(name))
        self._project.setText(name)

    def show_look(self, *, mode: theme.Mode, scale: int) -> None:
        """What the buttons say once the theme has changed."""
        dark = theme.tokens() is theme.DARK
        self.look.setText("Light" if dark else "Dark")
        self.look.setAccessibleName("Use light colours" if dark else "Use dark colours")
        theme.set_icon(self.look, "sun" if dark else "moon", token="muted")
        self.setFixedWidth(min(theme.px(264), 360))
        for percent, action in self._scales.items():
            action.setChecked(percent == scale)
        for one, action in self._modes.items():
            action.setChecked(one is mode)

    def _fill_menu(self) -> None:
        sizes, modes = QActionGroup(self.menu), QActionGroup(self.menu)
        for percent in theme.SCALES:
            action = self._add(sizes, f"{percent}% text")
            action.triggered.connect(
                lambda _on=False, percent=percent: self.scale_wanted.emit(percent)
            )
            self._scales[percent] = action
        self.menu.addSeparator()
        for mode, said in _MODES.items():
            action = self._add(modes, said)
            action.triggered.connect(lambda _on=False, mode=mode: self.mode_wanted.emit(mode))
            self._modes[mode] = action

    def _add(self, group: QActionGroup, text: str) -> QAction:
        action = self.menu.addAction(text)
        action.setCheckable(True)
        group.addAction(action)
        return action


class ComputerCard(Card):
    """What this computer has, in two lines."""

    def __init__(self) -> None:
        super().__init__(kind="soft", margin=14, spacing=3)
        title = row(
            IconMark("cpu", token="primary_text", size=17), label("This computer"), spacing=8
        )
        title.setStretch(1, 1)
        self._headline = label(role="small")
        self._detail = label(role="small")
        self.body.addLayout(title)
        self.body.addWidget(self._headline)
        self.body.addWidget(self._detail)

    def show_computer(self, headline: str, detail: str) -> None:
        """Cores and memory; the graphics card."""
        self._headline.setText(headline)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(f"This computer: {headline}. {detail}")


def _brand() -> QHBoxLayout:
    name = label("zeroapp", role="heading", wrap=False)
    made = row(IconMark("sparkles", token="primary_text", size=24), name, None, spacing=10)
    made.setContentsMargins(12, 0, 0, 0)
    return made
