"""Train: follows the training run, live or found again, and tells it what to do. QtCore only."""

import time

import msgspec
from PySide6.QtCore import QObject, QTimer

from ui.binding import Property
from ui.shown import ChartData, Doing, Fact, Notice, Offer
from ui.viewmodels import train_words
from ui.viewmodels.session import Session
from ui.viewmodels.step_model import StepModel
from ui.viewmodels.train_words import WORKING, Look
from zeroapp.dataset import Answers
from zeroapp.protocol import Train
from zeroapp.runs.history import can_go_on, job_of
from zeroapp.status import RunStatus
from zeroapp.wizard import Step

_SECOND = 1000


class TrainModel(StepModel):
    """look: how the page looks; the can_… properties say which buttons work.

    offer: a way out of too little memory that the user has to choose.
    notes: (level, sentence) of what the run had to say. quick: the first quick result.
    writes: it learns to write, so that there are no right answers to count.
    """

    look = Property(Look.idle)
    phase = Property(-1)
    phase_names: Property[tuple[str, ...]] = Property(train_words.PHASE_NAMES)
    writes = Property(default=False)
    doing: Property[Doing] = Property(Doing(title=""))
    facts: Property[tuple[Fact, ...]] = Property(())
    chart: Property[ChartData] = Property(ChartData())
    trend = Property("")
    notice: Property[Notice | None] = Property(None)
    quick: Property[Notice | None] = Property(None)
    offer: Property[Offer | None] = Property(None)
    notes: Property[tuple[tuple[str, str], ...]] = Property(())
    technical: Property[tuple[tuple[str, str], ...]] = Property(())
    can_pause = Property(default=False)
    can_resume = Property(default=False)
    can_stop = Property(default=False)
    can_restart = Property(default=False)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self.next_text = "See how &good it is"
        self._asked: Look | None = None
        self._watcher = session.watcher("train")
        self._watcher.status_changed.connect(self._told)
        self._watcher.ended.connect(lambda _status: self.session.refresh())
        self._clock = QTimer(self, interval=_SECOND)
        self._clock.timeout.connect(self._tick)
        self._told(self._watcher.status)

    # --- what the page calls -----------------------------------------------------------------

    def pause(self) -> None:
        """Hold still after the step at hand."""
        if self._watcher.handle is not None and self.can_pause:
            self._asked = Look.pausing
            self._watcher.handle.pause()
            self._told(self._watcher.status)

    def resume(self) -> None:
        """Go on after a pause, or from the last save after an end."""
        handle = self._watcher.handle
        if handle is None:
            return
        self._asked = None
        self.failure = None
        if self.can_resume:
            handle.resume()
        elif self.can_restart:
            self.session.go_on()
        self._told(self._watcher.status)

    def take_offer(self) -> None:
        """Plan anew with the wish that was offered; the user sees the plan before it starts."""
        if self.offer is not None:
            self.session.wished.emit(self.offer.field, self.offer.value)
            self.session.go(Step.plan)

    def stop(self) -> None:
        """Save and end; it can go on later."""
        if self._watcher.handle is not None and self.can_stop:
            self._asked = Look.stopping
            self._watcher.handle.stop()
            self._told(self._watcher.status)

    # --- what the session tells ----------------------------------------------------------------

    def project_opened(self) -> None:
        """Show the run of the project that was opened."""
        self._asked = None
        self.failure = None
        self._take_up_task()
        self._told(self._watcher.status)

    def draft_changed(self) -> None:
        """A report may have come, or the task been changed."""
        self._take_up_task()
        self._offer()

    def _take_up_task(self) -> None:
        answers = self.session.answers
        self.writes = answers is Answers.text
        self.phase_names = train_words.phase_names(answers)

    def _told(self, status: RunStatus) -> None:
        look = train_words.look(status, followed=self._watcher.handle is not None)
        look = self._as_asked(look)
        self.look = look
        self.phase = train_words.phase_at(status)
        self.doing = train_words.doing(status, look)
        self.facts = self._facts(status)
        self.chart = train_words.chart(status, look)
        self.trend = train_words.trend(status)
        self.notice = train_words.notice(status, look)
        self.quick = train_words.quick(status)
        self.notes = tuple((note.level, note.text) for note in status.notes)
        self.technical = train_words.technical(status)
        self.failure = status.failure if look is Look.failed else None
        self.offer = train_words.offer(self.failure, base=self._base())
        self._offer()
        self._set_clock()

    def _base(self) -> str:
        """The base of a run that failed; empty where that cannot be known."""
        handle = self._watcher.handle
        if self.failure is None or handle is None:
            return ""
        try:
            job = job_of(handle.folder)
        except (OSError, msgspec.MsgspecError):
            return ""
        return job.plan.base if isinstance(job, Train) else ""

    def _as_asked(self, look: Look) -> Look:
        """Between a button and its effect the page shows what was asked for."""
        if look not in {Look.running, Look.starting, Look.paused}:
            self._asked = None
        if self._asked is Look.pausing and look is Look.paused:
            self._asked = None
        return self._asked or look

    def _offer(self) -> None:
        status, look = self._watcher.status, self.look
        self.can_pause = look is Look.running and status.phase == "training"
        self.can_resume = look in {Look.paused, Look.pausing}
        self.can_stop = look in {Look.starting, Look.running, Look.pausing, Look.paused}
        self.can_restart = can_go_on(status)
        self.title = _TITLES.get(look, "Teaching your model")
        self.subtitle = _SUBTITLES.get(look, "")
        self.can_go_on = self.session.draft.judged and look not in WORKING
        self.why_not = "" if self.can_go_on else "The check at the end is still to come."

    def _set_clock(self) -> None:
        running = self.look in {Look.running, Look.pausing}
        if running and not self._clock.isActive():
            self._clock.start()
        if not running:
            self._clock.stop()

    def _tick(self) -> None:
        """“20 seconds ago” grows though nothing was said."""
        if self.session.step is Step.train:
            self.facts = self._facts(self._watcher.status)

    def _facts(self, status: RunStatus) -> tuple[Fact, ...]:
        answers = self.session.answers
        return train_words.facts(status, self.look, now=time.time(), answers=answers)


_KEEPS_GOING = "You can close this window. Training keeps going."
_TITLES = {
    Look.idle: "Nothing is being taught yet",
    Look.done: "It has learned",
    Look.stopped: "Training is stopped",
    Look.interrupted: "Training was interrupted",
    Look.failed: "Training could not go on",
    Look.paused: "Training is paused",
}
_SUBTITLES = {
    Look.idle: "Go back to the plan and start from there.",
    Look.starting: _KEEPS_GOING,
    Look.running: _KEEPS_GOING,
    Look.pausing: _KEEPS_GOING,
    Look.stopping: "A few seconds, until everything is saved.",
    Look.done: "The last step was checking it on examples it had never seen.",
    Look.stopped: "It waits until you want to go on.",
    Look.interrupted: "Nothing you gave it is lost.",
    Look.paused: "It goes on when you say so.",
    Look.failed: "Here is what happened and what you can do.",
}
