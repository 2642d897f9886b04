"""A project in the list: opens with a click or Enter; a small menu takes it off the list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.shown_data import ProjectItem, Stage
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
        self.face = _face(item)
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


def _face(item: ProjectItem) -> QPushButton:
    made = QPushButton()
    made.setProperty("kind", "card")
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAccessibleName(f"{item.name}. {item.state}")
    made.setToolTip(str(item.folder))
    made.setAutoDefault(True)
    made.setEnabled(item.stage is not Stage.lost)
    made.setMinimumHeight(theme.px(72))
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    icon, token, soft = _LOOKS[item.stage]
    texts = QVBoxLayout()
    texts.setSpacing(3)
    texts.addStretch(1)
    for text, role in ((item.name, "strong"), (item.state, "small")):
        line = label(text, role=role)
        line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        texts.addWidget(line)
    texts.addStretch(1)
    inside = QHBoxLayout(made)
    inside.setContentsMargins(16, 10, 18, 10)
    inside.setSpacing(16)
    inside.addWidget(IconMark(icon, token=token, size=20, soft=soft))
    inside.addLayout(texts, 1)
    when = label(item.when, role="small", wrap=False)
    when.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    inside.addWidget(when)
    inside.addWidget(IconMark("chevron-right", size=16))
    return made
