"""Examples: drop files, watch them being read, see the columns and change their parts."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QInputDialog, QVBoxLayout, QWidget

from ui import words
from ui.binding import bind, bind_all
from ui.dialogs import Ask, ask_paths
from ui.pages.fix import show_fix
from ui.pages.rows import show_rows
from ui.pages.versions import show_versions
from ui.shown import Doing
from ui.shown_data import AsideItem, FileItem, TableData
from ui.viewmodels.examples import ExamplesModel
from ui.widgets.details import Details, clear
from ui.widgets.drop_zone import DropZone
from ui.widgets.file_card import FileCard
from ui.widgets.goal_card import GoalCard
from ui.widgets.parts import Card, FlowRow, ProgressCard, button, label
from ui.widgets.sample_table import SampleTable
from ui.widgets.table_preview import TablePreview
from ui.widgets.voice_card import VoiceCard

_HINT = "A table with one example in each row: a text, and the kind it belongs to."
_FORMATS = "CSV  ·  Excel  ·  JSON  ·  Parquet  ·  Word  ·  PDF  ·  mail  ·  ZIP  ·  a whole folder"


class ExamplesPage(QWidget):
    """Empty: a large drop zone. With rows: the goal, the table, what was read."""

    def __init__(self, model: ExamplesModel) -> None:
        super().__init__()
        self._model = model
        self.drop_zone = DropZone("Drop your examples here", hint=_HINT, formats=_FORMATS)
        self.add_zone = DropZone(
            "Add more examples",
            hint="Drop another file, click to choose one, or paste lines or cells (Ctrl+V).",
            compact=True,
        )
        for zone in (self.drop_zone, self.add_zone):
            zone.dropped.connect(model.add_files)
            zone.clicked.connect(self._choose)
        self.progress = ProgressCard(stop_text="Stop reading")
        self.progress.stop_wanted.connect(model.stop)
        self._sample = SampleTable()
        self.goal = GoalCard()
        self.goal.chosen.connect(model.set_goal)
        self.voice = VoiceCard()
        self.voice.chosen.connect(model.set_voice)
        self.table = TablePreview()
        self.table.role_chosen.connect(model.set_role)
        self._below = label(role="small")
        self.all_rows = button("&Look through all rows and edit", icon="table")
        self.fix_rows = button("Fi&x doubted rows", icon="lightbulb")
        self.versions = button("&What has changed", kind="quiet", icon="clock")
        self.add_label = button("Add a column for the &kind…", kind="primary", icon="tag")
        self._files = Card(spacing=10)
        self._aside = Details("Rows that were set aside")
        self._lay_out()
        QShortcut(QKeySequence.StandardKey.Paste, self).activated.connect(self._paste)
        self.all_rows.clicked.connect(self._open_rows)
        self.fix_rows.clicked.connect(self._open_fix)
        self.versions.clicked.connect(lambda: show_versions(model.versions, self))
        self.add_label.clicked.connect(self._add_label)
        bind(model, "lacks_label", self, to=self.add_label.setVisible)
        bind(model, "doubted", self, to=self._show_doubted)
        bind(model, "doing", self, to=self._show_doing)
        bind_all(model, ("table", "goal", "goal_help"), self, to=self._show_table)
        bind(model, "goals", self.goal, to=self.goal.offer)
        bind(model, "voices", self.voice, to=self.voice.show_voices)
        bind(model, "files", self, to=self._show_files)
        bind_all(model, ("aside", "aside_count"), self, to=self._show_aside)

    def _lay_out(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        for widget in (self.progress, self.drop_zone, self._sample, self.goal, self.voice):
            body.addWidget(widget)
        body.addWidget(self.table)
        body.addWidget(self._below)
        self._mend = FlowRow(self.add_label, self.all_rows, self.fix_rows, self.versions, left=True)
        body.addWidget(self._mend)
        body.addWidget(self._files)
        body.addWidget(self._aside)
        body.addWidget(self.add_zone)
        body.addStretch(1)

    def _paste(self) -> None:
        """Files or text from the clipboard; not while something is typed elsewhere."""
        data = QGuiApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self._model.add_files(paths)
        elif data.hasText():
            self._model.paste(data.text())

    def _open_rows(self) -> None:
        show_rows(self._model.all_rows, self).finished.connect(lambda _code: self._model.mended())

    def _add_label(self) -> None:
        """Then the kinds are filled in, in the window with all rows."""
        name, sure = QInputDialog.getText(
            self, "A column for the kind", "What is the column to be called?", text="kind"
        )
        if sure:
            self._model.add_label_column(name)
            if not self._model.lacks_label:
                self._open_rows()

    def _open_fix(self) -> None:
        show_fix(self._model.fix, self).finished.connect(lambda _code: self._model.mended())

    def _show_doubted(self, count: int) -> None:
        self.fix_rows.setVisible(count > 0)
        self.fix_rows.setText(f"Fi&x {words.plural(count, 'doubted row')}")

    def _choose(self) -> None:
        self._model.add_files(ask_paths(self, Ask.files, title="Choose files with examples"))

    def _show_doing(self, doing: Doing | None) -> None:
        self.progress.setVisible(doing is not None)
        if doing is not None:
            self.progress.tell(doing.title, detail=doing.detail, done=doing.done, total=doing.total)
        self._show_zones()

    def _show_zones(self) -> None:
        quiet, filled = self._model.doing is None, bool(self._model.table.rows)
        self.drop_zone.setVisible(quiet and not filled)
        self._sample.setVisible(quiet and not filled)
        self.add_zone.setVisible(quiet and filled)
        self._mend.setEnabled(quiet)

    def _show_table(self) -> None:
        data: TableData = self._model.table
        filled = bool(data.rows)
        for widget in (self.goal, self.table, self._below, self._mend):
            widget.setVisible(filled)
        self.table.show_table(data)
        self.goal.show_goal(self._model.goal, self._model.goal_help, rows=self._model.rows)
        self._below.setText(f"and {words.plural(data.more, 'more row')} like these")
        self._below.setVisible(filled and data.more > 0)
        self._show_zones()

    def _show_files(self, files: tuple[FileItem, ...]) -> None:
        clear(self._files.body)
        self._files.setVisible(bool(files))
        for item in files:
            line = FileCard(item)
            line.change_wanted.connect(self._model.change_repair)
            line.encoding_wanted.connect(self._model.choose_encoding)
            self._files.body.addWidget(line)

    def _show_aside(self) -> None:
        count = self._model.aside_count
        self._aside.setVisible(count > 0)
        self._aside.rename(f"{words.plural(count, 'row')} set aside")
        clear(self._aside.body)
        self._aside.body.addWidget(
            label("These could not be read. They are kept, but nothing is learned from them.")
        )
        for item in self._model.aside:
            self._aside.body.addWidget(_aside_line(item))


def _aside_line(item: AsideItem) -> QWidget:
    made = QWidget()
    body = QVBoxLayout(made)
    body.setContentsMargins(0, 0, 0, 0)
    body.setSpacing(2)
    body.addWidget(label(f"{item.where}: {item.reason}", role="strong"))
    body.addWidget(label(item.raw, role="small"))
    return made
