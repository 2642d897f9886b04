"""This computer and help: the graphics card, the token, new versions, logs and a report."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.binding import bind, bind_all
from ui.desktop import open_folder, open_page
from ui.dialogs import Ask, ask_paths
from ui.pages.engine import EngineCard
from ui.viewmodels.engine import EngineModel
from ui.viewmodels.help import HelpModel
from ui.viewmodels.hub_token import TokenModel
from ui.viewmodels.updates import UpdatesModel
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import Card, FlowRow, button, label
from ui.widgets.report_view import ReportView
from zeroapp import paths


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseModels:
    """What the dialog shows."""

    engine: EngineModel
    token: TokenModel
    updates: UpdatesModel
    help: HelpModel


class HouseDialog(QDialog):
    """Opened from the left side; everything in it takes effect at once."""

    def __init__(self, models: HouseModels, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("This computer and help")
        self._models = models
        self.engine = EngineCard(models.engine)
        self.token = TokenCard(models.token)
        self.updates = UpdatesCard(models.updates)
        self.help = HelpCard(models.help)
        held = QWidget()
        held.setObjectName("body")
        column = QVBoxLayout(held)
        column.setContentsMargins(28, 26, 28, 26)
        column.setSpacing(16)
        column.addWidget(label("This computer and help", role="title"))
        for card in (self.engine, self.token, self.updates, self.help):
            column.addWidget(card)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(held)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.resize(min(theme.px(680), 900), min(theme.px(720), 900))

    def look(self) -> None:
        """Find everything out anew; called each time it opens."""
        self._models.engine.look()
        self._models.token.look()


class TokenCard(Card):
    """The token for the model Hub."""

    def __init__(self, model: TokenModel) -> None:
        super().__init__()
        self._model = model
        self._text = label(role="muted")
        self._choice = label(role="warn")
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("hf_…")
        self.field.setAccessibleName("Token for the model Hub")
        self.keep = button("&Keep it", name="Keep the token")
        self.session = button("&Use it until I close the app", kind="primary")
        self.decline = button("Do &not use it", kind="quiet")
        self.forget = button("&Forget it", icon="x", name="Forget the token")
        self.keep.clicked.connect(self._keep)
        self.field.returnPressed.connect(self._keep)
        self.session.clicked.connect(model.use_for_session)
        self.decline.clicked.connect(model.decline)
        self.forget.clicked.connect(model.forget)
        self.body.addWidget(label("Token for the Hugging Face Hub", role="heading"))
        self.body.addWidget(self._text)
        self.body.addWidget(self.field)
        self.body.addWidget(self._choice)
        self.body.addWidget(FlowRow(self.keep, self.session, self.decline, self.forget, left=True))
        bind(model, "text", self, to=self._text.setText)
        bind_all(model, ("choice", "has_token", "busy"), self, to=self._show)

    def _keep(self) -> None:
        self._model.keep(self.field.text())
        self.field.clear()

    def _show(self) -> None:
        asked = bool(self._model.choice)
        self._choice.setText(self._model.choice)
        self._choice.setVisible(asked)
        self.session.setVisible(asked)
        self.decline.setVisible(asked)
        self.keep.setVisible(not asked)
        self.keep.setEnabled(not self._model.busy)
        self.forget.setVisible(self._model.has_token and not asked)


class UpdatesCard(Card):
    """Newer versions."""

    def __init__(self, model: UpdatesModel) -> None:
        super().__init__()
        self._model = model
        self.allow = QCheckBox("Tell me when a &newer version is out")
        self.allow.setChecked(model.allowed)
        self.allow.toggled.connect(model.allow)
        self._text = label(role="muted")
        self.page = button("Open its &page", icon="download")
        self.page.clicked.connect(lambda: open_page(model.page, over=self))
        self.body.addWidget(label("New versions", role="heading"))
        self.body.addWidget(self.allow)
        self.body.addWidget(
            label("Only the question is sent, nothing about you or your work.", role="small")
        )
        self.body.addWidget(self._text)
        self.body.addWidget(FlowRow(self.page, left=True))
        bind(model, "text", self, to=self._text.setText)
        bind(model, "page", self, to=lambda page: self.page.setVisible(bool(page)))
        bind(model, "can_ask", self, to=self.allow.setEnabled)


class HelpCard(Card):
    """Logs, and a report that is shown before it is saved."""

    def __init__(self, model: HelpModel) -> None:
        super().__init__()
        self._model = model
        self.logs = button("Open the &log folder", icon="folder-open")
        self.report = button("Re&port a problem…", icon="file-text")
        self.view = ReportView()
        self.save = button("&Save the report…", kind="primary")
        self._saved = label(role="ok")
        self._error = ErrorCard()
        self._error.closed.connect(lambda: setattr(model, "failure", None))
        self.logs.clicked.connect(self._open_logs)
        self.report.clicked.connect(lambda _checked=False: model.gather())
        self.save.clicked.connect(self._save)
        self.body.addWidget(label("When something goes wrong", role="heading"))
        self.body.addWidget(
            label(
                "A report holds facts about the app and its errors: none of your examples, no "
                "names of your files, no secrets. You see all of it before it is saved, and it "
                "is sent nowhere.",
                role="muted",
            )
        )
        self.body.addWidget(FlowRow(self.logs, self.report, left=True))
        for widget in (self.view, self._error, self.save, self._saved):
            self.body.addWidget(widget)
        bind(model, "entries", self, to=self._show)
        bind(model, "saved", self, to=self._show_saved)
        bind(model, "failure", self, to=self._error.show_failure)

    def _open_logs(self) -> None:
        folder = paths.log_dir()
        open_folder(folder, over=self)

    def _show(self, entries: tuple[object, ...]) -> None:
        self.view.show_entries([(entry.name, entry.text) for entry in self._model.entries])
        self.view.setVisible(bool(entries))
        self.save.setVisible(bool(entries))

    def _show_saved(self, place: str) -> None:
        self._saved.setText(f"Saved as {Path(place).name}." if place else "")
        self._saved.setVisible(bool(place))

    def _save(self) -> None:
        start = Path.home() / "zeroapp-report.zip"
        for place in ask_paths(
            self, Ask.save, title="Save the report", start=start, filters="Zip files (*.zip)"
        ):
            self._model.save(place)
