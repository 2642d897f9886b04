"""Puts the user's own texts to a finished model, through a TryOut job. QtCore only."""

from dataclasses import replace

from PySide6.QtCore import QObject

from ui.binding import Observable, Property
from ui.run_watcher import Handle, RunWatcher
from ui.shown import Looked, TryState
from ui.viewmodels.session import Session
from zeroapp.errors import Failure
from zeroapp.protocol import TryOut
from zeroapp.status import RunStatus

_WARMING = "Getting the model ready. The first answer takes a few seconds."


class TryOutModel(Observable):
    """state: what the try box shows. looked: where in a picture it looks, for the last one asked
    about. failure: why it could not answer.
    """

    state: Property[TryState] = Property(TryState())
    looked: Property[Looked] = Property(Looked())
    failure: Property[Failure | None] = Property(None)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._run_id = ""
        self._serves = ""
        self._wanted = 0
        self._looks = 0
        self._watcher: RunWatcher = session.watcher("tryout")
        self._watcher.status_changed.connect(self._told)

    def use_run(self, run_id: str) -> None:
        """Ask this run's model from now on."""
        if run_id != self._run_id:
            self.close()
            self._run_id = run_id
            self.state = TryState()
            self.looked = Looked()

    def ask(self, text: str, *, temperature: float = 0.0) -> None:
        """Put a question; the answer comes through `state`."""
        handle = self._ready()
        if handle is None:
            return
        self._wanted = handle.ask(text, temperature=temperature)
        self._told(self._watcher.status)

    def look(self, path: str) -> None:
        """Ask where in a picture it looks; the answer comes through `looked`."""
        handle = self._ready()
        if handle is None:
            return
        self._looks = handle.ask(path, look=True)
        self.looked = Looked(path=path, busy=True)
        self._told(self._watcher.status)

    def _ready(self) -> Handle | None:
        """The model of the run, started when it is not at work."""
        if not self._run_id:
            return None
        self.failure = None
        if not self._watcher.busy or self._serves != self._run_id:
            self.close()
            job = TryOut(project=self._session.folder, run_id=self._run_id)
            if self._session.launch(job) is None:
                return None
            self._serves = self._run_id
        return self._watcher.handle

    def close(self) -> None:
        """Let the model go; it takes memory while it waits."""
        self._wanted = self._looks = 0
        self.looked = replace(self.looked, busy=False)
        if self._watcher.busy and self._watcher.handle is not None:
            self._watcher.handle.stop()

    def _told(self, status: RunStatus) -> None:
        if status.failure is not None:
            self._wanted = self._looks = 0
            self.failure = status.failure
        self._told_look(status)
        due = [said for said in status.answers if said.number == self._wanted]
        last = due[-1].answer if due else self.state.answer
        waiting = self._wanted > 0 and not due and self._watcher.busy
        growing = bool(due) and not due[-1].answer.whole and self._watcher.busy
        note = ""
        if waiting:
            note = "Thinking" if status.phase == "ready" else _WARMING
        self.state = TryState(note=note, busy=waiting or growing, answer=None if waiting else last)

    def _told_look(self, status: RunStatus) -> None:
        if not self.looked.busy:
            return
        due = [said.answer for said in status.answers if said.number == self._looks]
        if due:
            self.looked = replace(self.looked, busy=False, heat=due[-1].heat)
        elif not self._looks or not self._watcher.busy:
            self.looked = replace(self.looked, busy=False)
