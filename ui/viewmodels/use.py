"""Use it: exports of the finished model, past exports, and answers to a whole file. QtCore only."""

from pathlib import Path

from PySide6.QtCore import QObject

from ui import words
from ui.binding import Property
from ui.shown import Doing, ExportChoice
from ui.viewmodels import reports, use_words
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.use_words import Result
from zeroapp import tasks
from zeroapp.dataset import Reads
from zeroapp.protocol import Export, Predict
from zeroapp.report import ExportRecord
from zeroapp.run_folder import RunFolder
from zeroapp.status import Outcome, RunStatus

_BUSY = "The computer is busy teaching. Export when that is done."


class UseModel(StepModel):
    """choices: formats on offer. made: how often each was exported. latest: the newest export.

    exporting, answering: the job at work, None when there is none. answered: what came of a file.
    """

    choices: Property[tuple[ExportChoice, ...]] = Property(())
    made: Property[dict[str, int]] = Property({})
    exporting: Property[Doing | None] = Property(None)
    latest: Property[Result | None] = Property(None)
    past: Property[tuple[Result, ...]] = Property(())
    free = Property(default=False)
    note = Property("")
    answering: Property[Doing | None] = Property(None)
    answered = Property("")
    answers_path = Property("")

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.title = "Take it with you"
        self.subtitle = "One click makes a folder that answers without this app."
        self.next_text = ""
        self._format = ""
        self._run: RunFolder | None = None
        self._export = session.watcher("export")
        self._export.status_changed.connect(self._export_told)
        self._export.ended.connect(self._export_ended)
        self._predict = session.watcher("predict")
        self._predict.status_changed.connect(self._predict_told)
        session.watcher("train").status_changed.connect(lambda _status: self._offer())

    # --- what the page calls -----------------------------------------------------------------

    def entered(self) -> None:
        """Show what can be exported and what was."""
        self._load()

    def export(self, format_: str) -> None:
        """Export the newest finished model."""
        if self._run is None or not self.free:
            return
        self.failure = None
        self._format = format_
        job = Export(project=self.session.folder, run_id=self._run.id, format=format_, out="")
        self.session.launch(job)
        self._offer()

    def stop_export(self) -> None:
        """End the export; nothing half-made stays."""
        if self._export.handle is not None:
            self._export.handle.stop()

    def answer_file(self, file: str) -> None:
        """Answer every row of a file; the answers go beside it."""
        if self._run is None or not file:
            return
        self.failure = None
        self.answered = ""
        out = use_words.answers_file(Path(file))
        self.answers_path = str(out)
        self.session.launch(Predict(model=str(self._run.path), file=file, out=str(out)))

    def stop_answering(self) -> None:
        """End the answering."""
        if self._predict.handle is not None:
            self._predict.handle.stop()

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Forget the old project's exports."""
        project = self.session.project
        self._run = None
        self.failure = None
        self.latest = None
        self.past = ()
        self.made = {}
        self.answered = ""
        task = tasks.get(project.task) if project else None
        self.choices = (
            use_words.choices(task.exports, pictures=task.reads is Reads.picture) if task else ()
        )
        self._offer()

    def draft_changed(self) -> None:
        """A newer run may be there."""
        self._load()

    def _load(self) -> None:
        project = self.session.project
        if project is None:
            return
        found = reports.newest(project)
        self._run = found.folder if found else None
        self._show(project.exports())
        self._offer()

    def _show(self, records: list[ExportRecord]) -> None:
        newest_first = [use_words.result(record) for record in reversed(records)]
        self.latest = newest_first[0] if newest_first else None
        self.past = tuple(newest_first[1:])
        made: dict[str, int] = {}
        for record in records:
            made[record.format] = made.get(record.format, 0) + 1
        self.made = made

    def _offer(self) -> None:
        teaching = self.session.watcher("train").busy
        self.free = self._run is not None and not teaching and not self._export.busy
        self.note = _BUSY if teaching else ""

    def _export_told(self, status: RunStatus) -> None:
        if not self._export.busy:
            self.exporting = None
            self._offer()
            return
        titles = {choice.format: choice.title for choice in self.choices}
        name = titles.get(self._format, "Exporting")
        self.exporting = _doing(status, first=f"{name}: getting ready")
        self._offer()

    def _export_ended(self, status: RunStatus) -> None:
        if status.outcome is Outcome.failed:
            self.failure = status.failure
        self.session.refresh()
        self._load()

    def _predict_told(self, status: RunStatus) -> None:
        self.answering = _doing(status, first="Reading the file") if self._predict.busy else None
        if status.predicted is not None:
            self.answered = use_words.answered(status.predicted)
            self.answers_path = status.predicted.out
        if status.failure is not None:
            self.failure = status.failure


def _doing(status: RunStatus, *, first: str) -> Doing:
    return Doing(
        title=status.phase_title or first,
        detail=words.time_left(status.seconds_left),
        done=status.done,
        total=status.total,
    )
