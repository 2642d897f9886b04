"""Plan: what will happen on this computer, before anything happens. QtCore only."""

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer

from ui import words
from ui.binding import Property
from ui.shown import BaseItem, Doing, Fact, Field, GaugeData
from ui.viewmodels import plan_form, plan_words
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.trials import BUSY, TrialsModel
from ui.viewmodels.turn import Turn
from zeroapp import models
from zeroapp.errors import Failure
from zeroapp.plan import Planned, PlanOptions, Preview
from zeroapp.protocol import Job, MakePlan, Train, decode_job
from zeroapp.status import RunStatus, State
from zeroapp.wizard import Step

if TYPE_CHECKING:
    from zeroapp.catalogue import Base

_SETTLE_MS = 700
"""Changes that follow each other this fast make one new plan."""


class PlanModel(StepModel):
    """Plans when the page is shown and again after each change; Start launches the training.

    doing: what the planner does now, None when it is done. ready: a plan of today's data is
    there. story: the plan in sentences. bases: those that fit the task. technical, memory_rows,
    rejected: for Details. previews: what a model that writes reads, exactly.
    """

    doing: Property[Doing | None] = Property(None)
    ready = Property(default=False)
    headline = Property("")
    stages: Property[tuple[str, ...]] = Property(())
    between = Property("")
    why = Property("")
    memory_words = Property("")
    fits = Property(default=True)
    gauge: Property[GaugeData] = Property(GaugeData())
    facts: Property[tuple[Fact, ...]] = Property(())
    fields: Property[tuple[Field, ...]] = Property(())
    technical: Property[tuple[tuple[str, str], ...]] = Property(())
    memory_rows: Property[tuple[tuple[str, str], ...]] = Property(())
    rejected: Property[tuple[tuple[str, str], ...]] = Property(())
    bases: Property[tuple[BaseItem, ...]] = Property(())
    base_hint = Property("")
    previews: Property[tuple[Preview, ...]] = Property(())
    base = Property("")
    other_base: Property[BaseItem | None] = Property(None)
    customised = Property(default=False)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.title = "Here is the plan"
        self.subtitle = "What will happen on this computer. Nothing has started yet."
        self.next_text = "&Start training"
        self._options = PlanOptions()
        self._planned: Planned | None = None
        self._stale = False
        self._watcher = session.watcher("plan")
        self._watcher.status_changed.connect(self._told)
        session.wished.connect(self.change)
        session.watcher("train").status_changed.connect(lambda _status: self._offer())
        self._turn = Turn(session, over=("plan", "rehearse", "benchmark"), parent=self)
        self._turn.refused.connect(lambda: self._told(self._watcher.status))
        self.trials = TrialsModel(session, self)
        self.trials.changed.connect(self._tried)
        self._settle = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._replan)

    # --- what the page calls -----------------------------------------------------------------

    def entered(self) -> None:
        """Make a plan unless there is one for the data as it is now."""
        self._take_up_task()
        self._told(self._watcher.status)
        if self.session.project is None or self._training():
            return
        if not self._current() and not self._watcher.busy:
            self._replan()

    def change(self, name: str, value: object) -> None:
        """The user wants another value of a field; a new plan follows."""
        options = plan_form.with_change(self._options, name, value)
        if options == self._options:
            return
        self._keep(options)
        self._settle.start()

    def choose_base(self, key: str) -> None:
        """The user wants to start from another model; its licence is looked up first."""
        if key == self.base:
            return
        if any(item.key == key for item in self.bases):
            self.other_base = None
            self.change("base", key)
            return
        self.failure = None
        self.doing = Doing(title=f"Looking up {key}")
        self.session.door.run(
            lambda: models.describe(key), done=self._found_base, failed=self._no_base
        )

    def _found_base(self, base: "Base") -> None:
        self.doing = None
        self.other_base = plan_form.item(base)
        self.change("base", base.key)

    def _no_base(self, failure: Failure) -> None:
        self.doing = None
        self.failure = failure

    def leave_it_to_the_planner(self) -> None:
        """Drop every wish and plan anew."""
        self.other_base = None
        self._keep(PlanOptions())
        self._replan()

    def stop(self) -> None:
        """End the planning."""
        self._turn.drop()
        if self._watcher.handle is not None:
            self._watcher.handle.stop()

    def plan_again(self) -> None:
        """Measure and plan once more with the same wishes."""
        self._replan()

    def go_on(self) -> None:
        """Start the training, or show the one that is at work."""
        session = self.session
        if self._training():
            session.go(Step.train)
            return
        planned = self._planned
        if planned is None or not self.can_go_on:
            return
        train = Train(project=session.folder, plan=planned.plan)
        if session.launch(train) is None:
            return
        session.refresh()
        session.go(Step.train)

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Take up the wishes and the last plan of the project."""
        project = self.session.project
        self._options = project.options() if project else PlanOptions()
        self._planned = None
        self._take_up_task()
        asked = self._asked()
        self._stale = asked is not None and asked != self._options
        self.failure = None
        self.other_base = None
        self._show(None)
        self._told(self._watcher.status)

    def draft_changed(self) -> None:
        """Other data may want another plan."""
        self._offer()

    def _take_up_task(self) -> None:
        """Offer what fits the project's task; it may be changed while the project is open."""
        reads, answers = self.session.reads, self.session.answers
        self.bases = plan_form.bases(reads=reads, answers=answers)
        self.base_hint = plan_form.base_hint(reads=reads, answers=answers)

    def _asked(self) -> PlanOptions | None:
        """The wishes the last plan was made with."""
        handle = self._watcher.handle
        if handle is None:
            return None
        try:
            job = decode_job(handle.folder.job.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None
        return job.options if isinstance(job, MakePlan) else None

    def _keep(self, options: PlanOptions) -> None:
        self._options = options
        self._stale = True
        self.customised = options != PlanOptions()
        if self.session.project is not None:
            self.session.project.set_options(options)
        self._offer()

    def _replan(self) -> None:
        if self.session.project is None:
            return
        self.failure = None
        self._stale = True
        self._turn.take(self._job)
        self._offer()

    def _job(self) -> Job | None:
        self._stale = False
        return MakePlan(project=self.session.folder, options=self._options)

    def _told(self, status: RunStatus) -> None:
        if self._watcher.busy:
            self.doing = _doing(status)
        else:
            self.doing = None
        if status.planned is not None and status.state is State.ended:
            self._show(status.planned.planned)
            self.previews = status.planned.previews
            self.session.refresh()
        if status.failure is not None and not self._stale:
            self.failure = status.failure
        self._offer()

    def _tried(self) -> None:
        """A rehearsal may have corrected the forecast, or be in the way."""
        if self._planned is not None:
            self._say(self.trials.corrected(self._planned))
        self.failure = self.trials.failure or self.failure
        self._offer()

    def _show(self, planned: Planned | None) -> None:
        self._planned = planned
        self.customised = self._options != PlanOptions()
        if planned is None:
            self.gauge = GaugeData()
            self.facts = ()
            self.previews = ()
        self.trials.show_plan(planned)

    def _say(self, planned: Planned) -> None:
        """The plan in words."""
        forecast = planned.forecast
        self.headline = plan_words.headline(planned)
        self.stages = plan_words.stages(planned, self.session.answers)
        self.between = plan_words.between(forecast)
        self.why = forecast.why
        self.gauge = plan_words.gauge(planned)
        self.fits = self.gauge.fits
        said = plan_words.memory_sentence(self.gauge), plan_words.memory_record(forecast)
        self.memory_words = " ".join(filter(None, said))
        self.facts = plan_words.facts(planned)
        self.fields = plan_form.fields(planned.plan, self._options)
        self.technical = plan_words.technical(planned)
        self.memory_rows = plan_words.memory_rows(planned)
        self.rejected = tuple((r.choice, r.why) for r in forecast.rejected)
        self.base = planned.plan.base

    def _current(self) -> bool:
        """Whether the plan is of the data and the wishes as they are now."""
        project, planned = self.session.project, self._planned
        if project is None or planned is None or self._stale:
            return False
        profile = project.profile()
        return profile is not None and profile.version == planned.plan.data_version

    def _training(self) -> bool:
        return self.session.watcher("train").busy

    def _offer(self) -> None:
        """Say what Start would do now."""
        training, current = self._training(), self._current()
        self.ready = self._planned is not None
        self.next_text = "&See the training" if training else "&Start training"
        working = self._watcher.busy or self._turn.waiting or self._settle.isActive()
        tried = self.trials.busy
        self.trials.allow(free=current and not working and not training)
        self.can_go_on = training or (current and self.fits and not working and not tried)
        self.why_not = "" if self.can_go_on else _why_not(working=working, current=current)
        if tried and not working:
            self.why_not = BUSY


def _why_not(*, working: bool, current: bool) -> str:
    if working:
        return "The plan is being made."
    return "This needs more memory than is free." if current else "There is no plan yet."


def _doing(status: RunStatus) -> Doing:
    title = status.phase_title or "Looking at this computer and your examples"
    return Doing(
        title=title,
        detail=words.time_left(status.seconds_left),
        done=status.done,
        total=status.total,
    )
