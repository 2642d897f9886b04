"""Trials of a plan: a minute of real steps, and the same steps at every stage. QtCore only."""

import msgspec
from PySide6.QtCore import QObject, Signal

from ui import words
from ui.binding import Observable, Property
from ui.run_watcher import RunWatcher
from ui.shown import BarGroup, Doing, Rehearsal
from ui.viewmodels import trial_words
from ui.viewmodels.session import Session
from zeroapp import estimate
from zeroapp.errors import Failure
from zeroapp.plan import Planned, TrainPlan
from zeroapp.protocol import Benchmark, Job, Rehearse, decode_job
from zeroapp.status import RunStatus

BUSY = "It is being tried. Stop that to start the training."


class TrialsModel(Observable):
    """What was tried of the plan that is shown, and what may be tried now.

    offered: a rehearsal is proposed unasked. can_try: nothing is in the way of one. rehearsal,
    stages, stages_note: what came of them, for this very plan. changed(): any of it is news.
    """

    doing: Property[Doing | None] = Property(None)
    offered = Property(default=False)
    can_try = Property(default=False)
    rehearsal: Property[Rehearsal | None] = Property(None)
    stages: Property[tuple[BarGroup, ...]] = Property(())
    stages_note = Property("")
    failure: Property[Failure | None] = Property(None)
    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._planned: Planned | None = None
        self._free = False
        self._asked = False
        self._rehearse = session.watcher("rehearse")
        self._benchmark = session.watcher("benchmark")
        for watcher in (self._rehearse, self._benchmark):
            watcher.status_changed.connect(lambda _status: self._look())

    @property
    def busy(self) -> bool:
        """Whether something is tried right now."""
        return self._rehearse.busy or self._benchmark.busy

    def show_plan(self, planned: Planned | None) -> None:
        """This is the plan from now on; what was tried of another does not count."""
        self._planned = planned
        self._look()

    def allow(self, *, free: bool) -> None:
        """Say whether nothing else is at work in the project."""
        if free != self._free:
            self._free = free
            self._look()

    def corrected(self, planned: Planned) -> Planned:
        """The plan with the forecast that its rehearsal gave."""
        told = self._rehearse.status.rehearsed
        if told is None or not _of(self._rehearse, planned.plan):
            return planned
        return estimate.corrected(planned, seconds=told.seconds, peak=told.peak)

    def rehearse(self) -> None:
        """Take real steps for a minute."""
        if self._planned is not None and self.can_try:
            self._start(Rehearse(project=self.session.folder, plan=self._planned.plan))

    def compare(self) -> None:
        """Take the same steps at every stage."""
        if self._planned is not None and self.can_try:
            plan = self._planned.plan
            ranks = max(2, plan.ranks)
            self._start(Benchmark(project=self.session.folder, plan=plan, ranks=ranks))

    def stop(self) -> None:
        """End what is tried."""
        self.session.stop("rehearse")
        self.session.stop("benchmark")

    def _start(self, job: Job) -> None:
        self._asked = True
        self.session.launch(job)
        self._look()

    def _look(self) -> None:
        """Take in what both runs have said."""
        planned = self._planned
        at_work = next((w for w in (self._rehearse, self._benchmark) if w.busy), None)
        self.doing = _doing(at_work.status) if at_work else None
        self.can_try = self._free and planned is not None and not self.busy
        plan = planned.plan if planned else None
        told = self._rehearse.status.rehearsed if _of(self._rehearse, plan) else None
        seen = self._benchmark.status.stages if _of(self._benchmark, plan) else ()
        self.rehearsal = trial_words.rehearsal(told) if told else None
        self.stages = trial_words.stage_bars(seen)
        self.stages_note = trial_words.stages_note(plan, seen) if plan else ""
        self.offered = planned is not None and trial_words.offers_itself(
            planned.forecast, rehearsed=told is not None or self.busy
        )
        failed = [w.status.failure for w in (self._rehearse, self._benchmark) if _of(w, plan)]
        found = next((failure for failure in failed if failure is not None), None)
        self.failure = found if self._asked else None  # what failed long ago is no news
        self.changed.emit()


def _of(watcher: RunWatcher, plan: TrainPlan | None) -> bool:
    """Whether the run that is followed tries this very plan."""
    if watcher.handle is None or plan is None:
        return False
    try:
        job = decode_job(watcher.handle.folder.job.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return False
    return isinstance(job, Rehearse | Benchmark) and job.plan == plan


def _doing(status: RunStatus) -> Doing:
    return Doing(
        title=status.phase_title or "Getting ready to try it",
        detail=words.time_left(status.seconds_left),
        done=status.done,
        total=status.total,
    )
