"""Quality: the verdict on the newest finished run, and a box to try it. QtCore only."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QObject

from ui.binding import Property, changed
from ui.confusion import Folded, fold
from ui.shown import BarGroup, Fact, Looked, TryState, VerdictData
from ui.viewmodels import quality_words, reports, text_words
from ui.viewmodels.rating import RatingModel
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.try_out import TryOutModel
from zeroapp import tasks
from zeroapp.data.examples import place_of
from zeroapp.dataset import Reads
from zeroapp.report import AnyReport, Mistake, Report, TextReport
from zeroapp.run_folder import RunFolder
from zeroapp.wizard import Step

_KEEP = 8
"""So many kinds are shown of a large table; more would not be read."""


class QualityModel(StepModel):
    """verdict is None until a run is finished. chosen: the cell whose examples are shown.

    writes: the model answers with texts, so that there are no kinds to mix up but texts to rate.
    groups: how what it wrote compares. temperature: how freely it writes in the try box.
    """

    verdict: Property[VerdictData | None] = Property(None)
    in_use = Property("")
    why_in_use = Property("")
    facts: Property[tuple[Fact, ...]] = Property(())
    table: Property[Folded] = Property(Folded())
    pairs: Property[tuple[str, ...]] = Property(())
    kinds: Property[tuple[tuple[str, ...], ...]] = Property(())
    mistakes: Property[tuple[Mistake, ...]] = Property(())
    mistakes_title = Property("")
    pictures = Property(default=False)
    mistakes_empty = Property("")
    chosen: Property[tuple[str, str] | None] = Property(None)
    unfolded = Property(default=False)
    can_unfold = Property(default=False)
    unfold_text = Property("")
    limits: Property[tuple[str, ...]] = Property(())
    technical: Property[tuple[tuple[str, str], ...]] = Property(())
    trying: Property[TryState] = Property(TryState())
    looked: Property[Looked] = Property(Looked())
    writes = Property(default=False)
    groups: Property[tuple[BarGroup, ...]] = Property(())
    temperature = Property(0.0)

    kind_heads = quality_words.PER_KIND_HEADS
    kind_meaning = quality_words.PER_KIND_MEANING

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.title = "How good is it?"
        self.subtitle = "Tested on examples it had never seen."
        self.next_text = "&Use it"
        self._report: Report | None = None
        self._shown: AnyReport | None = None
        self._folder: RunFolder | None = None
        self.rating = RatingModel()
        changed(self.rating, "failure").connect(lambda failure: setattr(self, "failure", failure))
        self._try = TryOutModel(session, self)
        changed(self._try, "state").connect(lambda state: setattr(self, "trying", state))
        changed(self._try, "looked").connect(lambda looked: setattr(self, "looked", looked))
        changed(self._try, "failure").connect(lambda failure: setattr(self, "failure", failure))
        changed(session, "step").connect(self._left)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._try.close)

    # --- what the page calls -----------------------------------------------------------------

    def entered(self) -> None:
        """Show the newest report."""
        self._load()

    def ask(self, text: str) -> None:
        """Try the model on a text."""
        self._try.ask(text, temperature=self.temperature)

    def look(self, path: str) -> None:
        """Find out where in a picture the model looks."""
        self._try.look(path)

    def choose(self, truth: str, answer: str) -> None:
        """Show the examples behind a cell of the table."""
        self.chosen = (truth, answer)
        self._show_mistakes()

    def choose_none(self) -> None:
        """Show the worst mistakes of all."""
        self.chosen = None
        self._show_mistakes()

    def turn_fold(self) -> None:
        """Show all kinds of the table, or only the worst again."""
        self.unfolded = not self.unfolded
        self._show_table()

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Forget the old project's report."""
        self.failure = None
        self._show(None)
        self._try.use_run("")

    def draft_changed(self) -> None:
        """A report may be there now."""
        self.can_go_on = self.session.draft.judged
        self.why_not = "" if self.can_go_on else "Train a model first."
        if self.session.step is Step.quality:
            self._load()

    def _load(self) -> None:
        project = self.session.project
        self.session.door.run(lambda: reports.newest(project), done=self._loaded)

    def _loaded(self, found: reports.Judged | None) -> None:
        if found is not None and found.report != self._shown:
            self._try.use_run(found.folder.id)
            self._folder = found.folder
            self._show(found.report)

    def _left(self, step: Step) -> None:
        if step is not Step.quality:
            self._try.close()

    def _show(self, report: AnyReport | None) -> None:
        self._shown = report
        self._report = report if isinstance(report, Report) else None
        self.writes = isinstance(report, TextReport)
        self.chosen = None
        self.unfolded = False
        if report is None:
            self.verdict = None
            self.trying = TryState()
            return
        if isinstance(report, TextReport):
            self._show_texts(report)
            return
        self.in_use = quality_words.in_use(report)
        self.why_in_use = report.selection.why
        self.facts = quality_words.facts(report)
        self.pairs = quality_words.pairs(report)
        self.kinds = quality_words.per_kind(report)
        self.limits = report.limits
        self.technical = quality_words.technical(report)
        self._show_table()
        task = tasks.all_tasks().get(report.task)
        self.pictures = task is not None and task.reads is Reads.picture
        self.verdict = quality_words.verdict(report)

    def _show_texts(self, report: TextReport) -> None:
        self.in_use = text_words.IN_USE.get(report.selection.in_use, report.selection.in_use)
        self.why_in_use = report.selection.why
        self.facts = text_words.facts(report)
        self.limits = report.limits
        self.technical = text_words.technical(report)
        self.groups = text_words.groups(report)
        self.rating.start(report.pairs, self._folder)
        self.verdict = text_words.verdict(report)

    def _show_table(self) -> None:
        report = self._report
        if report is None:
            return
        n = len(report.confusion.labels)
        self.table = fold(report.confusion, keep=n if self.unfolded else _KEEP)
        self.can_unfold = n > _KEEP + 1
        self.unfold_text = f"Show the worst {_KEEP}" if self.unfolded else f"Show all {n} kinds"
        self.choose_none()

    def _show_mistakes(self) -> None:
        report = self._report
        if report is None:
            return
        self.mistakes_title = quality_words.mistakes_title(self.chosen)
        self.mistakes_empty = quality_words.no_mistakes(report, self.chosen)
        found = quality_words.mistakes(report, self.table, self.chosen)
        project = Path(self.session.folder)
        self.mistakes = tuple(replace(m, text=place_of(m.text, project=project)) for m in found)
