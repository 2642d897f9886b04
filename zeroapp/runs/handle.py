"""A run as the app sees it: follow it, tell it what to do. Many handles may watch one run."""

import time

import msgspec
from msgspec.structs import replace

from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.runs.control import Want, write_want
from zeroapp.runs.event_log import EventLog
from zeroapp.runs.process import kill_tree
from zeroapp.runs.state import is_alive, read_state
from zeroapp.status import Outcome, RunStatus, State, fold_all

_TICK = 0.05

_BIRTH = 20.0
"""Seconds between asking for a run and its process; who asked may be killed in between."""


class RunHandle:
    """Follows the run in `folder`, whoever started it and whether or not it still works."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._log = EventLog(folder.events)
        self._folded = RunStatus()
        self._unseen: list[p.Event] = []

    def poll(self) -> list[p.Event]:
        """What was said since the last poll."""
        self._read()
        unseen, self._unseen = self._unseen, []
        return unseen

    @property
    def status(self) -> RunStatus:
        """All that is known now; outcome `interrupted` when the process vanished without a word."""
        state = read_state(self.folder)
        alive = state is not None and is_alive(state)
        # Read after looking at the process: what it said last was written before it went.
        self._read()
        known = self._folded
        if known.state is State.ended:
            again = alive and state is not None and state.attempt > known.attempt
            return replace(known, state=State.waiting, outcome=None) if again else known
        if alive:
            return known
        if state is None and known.state is State.waiting and self._being_born():
            return known
        gone_at = state.heartbeat if state else known.started_at
        return replace(
            known,
            state=State.ended,
            outcome=Outcome.interrupted,
            seconds_left=None,
            ended_at=gone_at,
        )

    def _being_born(self) -> bool:
        asked = self.folder.job if self.folder.job.exists() else self.folder.path
        try:
            return time.time() - asked.stat().st_mtime < _BIRTH
        except OSError:
            return True

    def alive(self) -> bool:
        """Whether its supervisor runs."""
        state = read_state(self.folder)
        return state is not None and is_alive(state)

    def stop(self) -> None:
        """Ask it to stop and save; the run ends with outcome `stopped`."""
        write_want(self.folder, Want.stop)

    def pause(self) -> None:
        """Ask it to hold still; only training heeds it."""
        write_want(self.folder, Want.pause)

    def resume(self) -> None:
        """End a pause."""
        write_want(self.folder, Want.run)

    def kill(self) -> None:
        """End all its processes at once; work since the last save is lost."""
        state = read_state(self.folder)
        if state is not None and is_alive(state):
            kill_tree(state.pid)

    def ask(self, text: str, *, temperature: float = 0.0, look: bool = False) -> int:
        """Hand a TryOut a text; the number its `Answered` event will carry.

        temperature: of a model that writes, see `Writing`. look: of a picture, ask also where the
        model looks.
        """
        question = {"text": text, "temperature": temperature, "look": look}
        line = msgspec.json.encode(question) + b"\n"
        with self.folder.inbox.open("ab+") as inbox:
            inbox.write(line)
            inbox.flush()
            inbox.seek(0)
            return inbox.read().count(b"\n")

    def wait(self, timeout: float) -> RunStatus:
        """The status once the run has ended, or after `timeout` seconds as it is then."""
        until = time.monotonic() + timeout
        while (status := self.status).state is not State.ended and time.monotonic() < until:
            time.sleep(_TICK)
        return status

    def _read(self) -> None:
        fresh = self._log.read()
        self._folded = fold_all(fresh, self._folded)
        self._unseen.extend(fresh)
