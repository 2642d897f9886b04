"""A project in the list: opens with a click or Enter; a small menu takes it off the list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.shown_start import ProjectItem, Stage
from ui.widgets.parts import IconMark, button, label

_LOOKS = {
    Stage.empty: ("folder", "muted", "raised"),
    Stage.examples: ("table", "primary_text", "primary_soft"),
    Stage.working: ("chart-line", "primary_text", "primary_soft"),
    Stage.halted: ("pause", "warn_text", "warn_soft"),
    Stage.ready: ("badge-check", "ok_text", "ok_soft"),
    Stage.lost: ("triangle-alert", "bad_text", "bad_soft"),
}


class ProjectCard(QWidget):
    """opened(): the user wants to open it. forgotten(): it shall leave the list."""

    opened = Signal()
    forgotten = Signal()

    def __init__(self, item: ProjectItem) -> None:
        super().__init__()
        self.item = item
        self._mark = IconMark("folder", token="muted", size=20, soft="raised")
        self._state = _quiet(role="small")
        self._when = _quiet(role="small")
        self.face = self._make_face()
        self.face.clicked.connect(self.opened)
        self.more = button("", kind="quiet", icon="ellipsis", name=f"More about {item.name}")
        self.more.setToolTip("More")
        menu = QMenu(self.more)
        menu.addAction("Take off this list", self.forgotten.emit)
        menu.setAccessibleName(f"More about {item.name}")
        self.more.setMenu(menu)
        body = QHBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addWidget(self.face, 1)
        body.addWidget(self.more)
        self.show_item(item)

    def show_item(self, item: ProjectItem) -> None:
        """Show how far the project is now; it stays the same project."""
        self.item = item
        icon, token, soft = _LOOKS[item.stage]
        self._mark.show_icon(icon, token=token, soft=soft)
        self._state.setText(item.state)
        self._when.setText(item.when)
        self.face.setAccessibleName(f"{item.name}. {item.state}")
        self.face.setEnabled(item.stage is not Stage.lost)

    def _make_face(self) -> QPushButton:
        made = QPushButton()
        made.setProperty("kind", "card")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.setToolTip(str(self.item.folder))
        made.setAutoDefault(True)
        made.setMinimumHeight(theme.px(72))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addStretch(1)
        texts.addWidget(_quiet(self.item.name, role="strong"))
        texts.addWidget(self._state)
        texts.addStretch(1)
        inside = QHBoxLayout(made)
        inside.setContentsMargins(16, 10, 18, 10)
        inside.setSpacing(16)
        inside.addWidget(self._mark)
        inside.addLayout(texts, 1)
        inside.addWidget(self._when)
        inside.addWidget(IconMark("chevron-right", size=16))
        return made


def _quiet(text: str = "", *, role: str, wrap: bool = True) -> QLabel:
    """A text on the button that lets clicks through."""
    made = label(text, role=role, wrap=wrap)
    made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made
