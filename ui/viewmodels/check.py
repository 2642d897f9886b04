"""Check: what is wrong with the examples, and what to do about it. QtCore only."""

from pathlib import Path

from PySide6.QtCore import QObject

from ui import words
from ui.binding import Property
from ui.errors import failure_of
from ui.shown import Bar, Doing, Fact
from ui.shown_data import ProblemItem
from ui.viewmodels.deeper import Deeper
from ui.viewmodels.fix import FixModel
from ui.viewmodels.rows import RowsModel
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.turn import Turn
from zeroapp.data.editing import bin_rows
from zeroapp.dataset import DatasetProfile
from zeroapp.edits import Reason
from zeroapp.errors import AppError, Failure, Place, Problem, Severity
from zeroapp.govern.croissant import describe_data, write_description
from zeroapp.inspection import Verdict
from zeroapp.label_checks import WEIGH
from zeroapp.project import Project
from zeroapp.protocol import Check, Job
from zeroapp.status import Outcome, RunStatus
from zeroapp.task import GROUP
from zeroapp.wizard import Step, missing

_WORDS = {
    Severity.blocking: "Must be mended",
    Severity.warning: "Worth a look",
    Severity.info: "Good to know",
}
_ORDER = tuple(_WORDS)
_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "da": "Danish",
    "tr": "Turkish",
    "mixed": "Several",
    "": "Not sure",
}


class CheckModel(StepModel):
    """Checks by itself when the page is shown, unless the result is there.

    doing: the check at work. problems: to mend or to look at, the worst first. known: what is
    good to know and needs nothing. decided: what a person has decided about.
    clean: checked, not being checked anew, and there is nothing to mend or look at.
    facts: the data in numbers. labels: rows of each kind, the largest first.
    """

    doing: Property[Doing | None] = Property(None)
    problems: Property[tuple[ProblemItem, ...]] = Property(())
    known: Property[tuple[ProblemItem, ...]] = Property(())
    decided: Property[tuple[ProblemItem, ...]] = Property(())
    checked = Property(default=False)
    clean = Property(default=False)
    facts: Property[tuple[Fact, ...]] = Property(())
    labels: Property[tuple[Bar, ...]] = Property(())
    labels_words = Property("")

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._watcher = session.watcher("check")
        self._watcher.status_changed.connect(self._told)
        self._watcher.ended.connect(self._ended)
        self.deeper = Deeper(session, self)
        self.deeper.arrived.connect(self._show)
        self.rows = RowsModel(session, self)
        self.fix = FixModel(session, self)
        self._by_key: dict[str, Problem] = {}
        self._turn = Turn(session, over=("import", "check", "plan", "tryout"), parent=self)
        self._turn.refused.connect(lambda: self._told(self._watcher.status))
        self._show()

    # --- what the page calls -----------------------------------------------------------------

    def entered(self) -> None:
        """Show the last check; make one when rows or columns have changed since."""
        self._show()
        self.deeper.entered()
        project = self.session.project
        if project is None or self.checked or self._watcher.busy or self._turn.waiting:
            return
        if not self.session.training_alive():
            self.check_again()

    def check_again(self) -> None:
        """Look at the examples once more."""
        if self.session.project is None:
            return
        self.failure = None
        self.doing = Doing(title="Looking at your examples")
        self._turn.take(self._job)
        self._offer()

    def stop(self) -> None:
        """Stop looking."""
        self._turn.drop()
        self.doing = None
        if self._watcher.handle is not None:
            self._watcher.handle.stop()
        self._offer()

    def show_examples(self) -> None:
        """Go back to the examples, to choose other columns or add a file."""
        self.session.go(Step.examples)

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Show another project."""
        self.failure = None
        self.doing = None
        self._show()

    def draft_changed(self) -> None:
        """Rows or columns may have changed."""
        self._offer()

    def _job(self) -> Job:
        return Check(project=self.session.folder)

    def _told(self, status: RunStatus) -> None:
        if self._watcher.busy:
            self.doing = _doing(status)
        elif not self._turn.waiting:
            self.doing = None
        self._offer()

    def _ended(self, status: RunStatus) -> None:
        if status.outcome is Outcome.failed and not self._turn.waiting:
            self.failure = status.failure
        elif status.outcome is Outcome.interrupted:
            self.failure = _interrupted()
        self.session.refresh()
        self._show()
        if status.outcome is Outcome.completed:
            self.deeper.entered()

    # --- what can be done about a finding ------------------------------------------------------

    def decide(self, key: str, verdict: str) -> None:
        """Keep what was decided about a finding."""
        if self.session.project is not None and key in self._by_key:
            self.session.project.decide(self._by_key[key], Verdict(verdict))
            self._show()

    def mend(self, key: str) -> None:
        """Do what the button of a finding says; every change can be undone."""
        problem, project = self._by_key.get(key), self.session.project
        if problem is None or project is None:
            return
        if problem.mend == WEIGH:
            self.session.wished.emit("weigh_rare", not _weighs(project))
            self._show()
            return
        if problem.mend == "mask":
            project.set_masks(on=True)
        elif problem.mend == "drop-near-duplicates":
            bin_rows(project.store, problem.rows, reason=Reason.duplicates)
        elif problem.mend == "group-split" and problem.place.column:
            project.set_roles({**project.roles(), GROUP.key: problem.place.column})
        self.session.refresh()
        self.check_again()

    def asks_origin(self, key: str) -> bool:
        """Whether mending this finding takes an answer first: where a file comes from."""
        return key in self._by_key and self._by_key[key].mend == "state-origin"

    def opens(self, key: str) -> str:
        """Which window mends this finding: "relabel", "review-rows" or "" (none)."""
        mend = self._by_key[key].mend if key in self._by_key else ""
        return mend if mend in {"relabel", "review-rows"} else ""

    def rows_of(self, key: str) -> tuple[int, ...]:
        """The rows a finding is about, those to be looked at first in front."""
        return self._by_key[key].rows if key in self._by_key else ()

    def mended(self, revision: int) -> None:
        """A window was closed: look again when rows were changed since `revision`."""
        project = self.session.project
        if project is not None and project.store.revision() != revision:
            self.session.refresh()
            self.check_again()

    def state_origin(self, key: str, source: str, licence: str) -> None:
        """Keep where the file of a finding comes from."""
        problem, project = self._by_key.get(key), self.session.project
        if problem is None or project is None:
            return
        for file in project.files():
            if file.name == problem.place.file:
                project.store.state_origin(file.sha256, source=source, licence=licence)
        self.deeper.start()

    def describe(self, out: Path) -> None:
        """Write what the data is and where it comes from as Croissant metadata."""
        if self.session.project is not None:
            try:
                write_description(describe_data(self.session.project), out)
            except (AppError, OSError) as error:
                self.session.report_failure(failure_of(error))

    def _show(self) -> None:
        project = self.session.project
        profile = project.profile() if project else None
        quick = project.problems() if project else ()
        deep = (p for look in self.deeper.found for p in look.problems) if project else ()
        every = (*quick, *deep)
        verdicts = {p: project.verdict_on(p) for p in every} if project else {}
        found = tuple(p for p in every if verdicts[p] is Verdict.open)
        self._by_key = {_key(p): p for p in every}
        weighs = project is not None and _weighs(project)
        self.decided = tuple(_item(p, verdict=v) for p, v in verdicts.items() if v in _SAID)
        self.checked = profile is not None
        weighty = [p for p in found if p.severity is not Severity.info]
        self.problems = tuple(_item(p, weighs=weighs) for p in sorted(weighty, key=_weight))
        self.known = tuple(_item(p, weighs=weighs) for p in found if p.severity is Severity.info)
        self.facts = _facts(profile) if profile else ()
        self.labels = _bars(profile) if profile else ()
        self.labels_words = _labels_words(profile) if profile else ""
        self._offer()

    def _headline(self) -> None:
        """What stood there is no longer said while it is looked at anew."""
        looking = self.doing is not None
        self.clean = self.checked and not self.problems and not looking
        blocking = sum(item.severity is Severity.blocking for item in self.problems)
        if looking or not self.checked:
            self.title = "A look at your examples"
            self.subtitle = "What could keep a model from learning well, before any time is spent."
        elif blocking:
            self.title = f"{words.plural(blocking, 'thing')} to mend first"
            self.subtitle = "Training would not work well like this. Your file was not changed."
        elif self.problems:
            self.title = "Good enough to train"
            self.subtitle = "You can go on now, or make it better first."
        else:
            self.title = "Your examples look good"
            self.subtitle = "Nothing was found that would keep a model from learning."

    def _offer(self) -> None:
        """Say what is known, and what Continue would do now."""
        self._headline()
        gaps = missing(self.session.draft, Step.plan)
        self.can_go_on = self.doing is None and not gaps
        looking = "Your examples are being looked at."
        self.why_not = " ".join(gaps) if self.doing is None else looking


def _weight(problem: Problem) -> int:
    return _ORDER.index(problem.severity)


_SAID = {
    Verdict.accepted: "You left it so",
    Verdict.dismissed: "You said it is not a problem",
}
_MENDS = {
    "mask": "Hide it in training",
    "drop-near-duplicates": "Put the copies in the bin",
    "group-split": "Keep them together",
    "state-origin": "Say where it comes from",
    "relabel": "Fix these rows",
    "review-rows": "Look at these rows",
    WEIGH: "Give rare kinds more weight",
}
"""Ways to mend that can be done right here."""


def _key(problem: Problem) -> str:
    place = problem.place
    return "|".join((problem.code, place.file or "", place.column or "", problem.title))


def _weighs(project: Project) -> bool:
    """Whether rare kinds are given more weight, by a button here or the form of the plan."""
    return str(project.options().overrides.get("weigh_rare", False)).lower() == "true"


def _item(
    problem: Problem, *, verdict: Verdict = Verdict.open, weighs: bool = False
) -> ProblemItem:
    mend = _MENDS.get(problem.mend, "")
    remedy = problem.remedy
    if weighs and problem.mend == WEIGH:
        mend = "Let all rows count the same again"
        remedy = f"Rare kinds have more weight in your plan now. {remedy}"
    return ProblemItem(
        severity=problem.severity,
        word=_WORDS[problem.severity],
        title=problem.title,
        where=_where(problem.place, count=problem.count),
        why=problem.why,
        remedy=remedy,
        examples=problem.examples,
        blind=problem.blind,
        key=_key(problem),
        mend=mend,
        decided=_SAID.get(verdict, ""),
    )


def _where(place: Place, *, count: int) -> str:
    parts = (
        place.file or "",
        f"line {words.count(place.line)}" if place.line else "",
        f"column “{place.column}”" if place.column else "",
        words.plural(count, "row") if count else "",
    )
    return " · ".join(part for part in parts if part)


def _facts(profile: DatasetProfile) -> tuple[Fact, ...]:
    what = "Rows with a text and a kind." if profile.labels else "What it can learn from."
    usable = Fact(
        name="Examples",
        value=words.count(profile.usable),
        meaning=f"{what} {words.plural(profile.rows, 'row')} in all.",
    )
    kinds = Fact(
        name="Kinds",
        value=words.count(len(profile.labels)),
        meaning="The different answers the model learns to give.",
    )
    language = Fact(
        name="Language",
        value=_LANGUAGES.get(profile.language, profile.language.upper()),
        meaning="Guessed from the texts. It decides which starter model fits.",
    )
    first = (usable, kinds) if profile.labels else (usable,)
    if profile.lengths is None:
        return (*first, language) if profile.language else first
    length = Fact(
        name="Usual length",
        value=words.plural(profile.lengths.median, "word piece"),
        meaning="Half of the texts are shorter, half are longer. A word is one to three pieces.",
    )
    return (*first, length, language)


def _bars(profile: DatasetProfile) -> tuple[Bar, ...]:
    counted = sorted(profile.labels, key=lambda one: (-one.count, one.label))
    most = max((one.count for one in counted), default=1)
    return tuple(
        Bar(title=one.label, share=one.count / most, words=words.count(one.count), leading=True)
        for one in counted
    )


def _labels_words(profile: DatasetProfile) -> str:
    counts = [one.count for one in profile.labels]
    if not counts:
        return ""
    low, high = min(counts), max(counts)
    if low == high:
        return f"Every kind has {words.plural(low, 'example')}."
    return f"From {words.count(low)} to {words.plural(high, 'example')} each."


def _doing(status: RunStatus) -> Doing:
    return Doing(
        title=status.phase_title or "Looking at your examples",
        detail=words.time_left(status.seconds_left),
        done=status.done,
        total=status.total,
    )


def _interrupted() -> Failure:
    return Failure(
        code="check-interrupted",
        title="The look at your examples ended before it was done. Nothing was changed.",
        hint="Press “Look at the examples”.",
    )
