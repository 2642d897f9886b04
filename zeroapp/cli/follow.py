"""Follows a run until it ends; Ctrl-C asks it to stop and save. Knows no verbs."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from zeroapp import protocol as p
from zeroapp.cli.console import Console
from zeroapp.errors import Failure, Problem, WorkError
from zeroapp.packs.launching import launch
from zeroapp.run_folder import RunFolder
from zeroapp.runs.handle import RunHandle
from zeroapp.status import Outcome, RunStatus, State

_TICK = 0.1


class StoppedByUser(Exception):  # noqa: N818 - not an error: the run is put away as was asked
    """Ctrl-C was followed. status: of the run, if one was going on; left: it works on alone."""

    def __init__(self, *, run: RunFolder, status: RunStatus, left: bool = False) -> None:
        super().__init__("stopped")
        self.run = run
        self.status = status
        self.left = left


class RunFailed(Exception):  # noqa: N818 - carries the error that the worker has told
    """A run has failed; it was told in the user's words. log: where its details are."""

    def __init__(self, failure: Failure, *, problems: tuple[Problem, ...], log: Path) -> None:
        super().__init__(failure.title)
        self.failure = failure
        self.problems = problems
        self.log = log


class _Presses:
    """Counts Ctrl-C, so that it never interrupts us half-way through reading an event."""

    def __init__(self) -> None:
        self.count = 0

    def press(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1


@contextmanager
def _presses() -> Iterator[_Presses]:
    presses = _Presses()
    before = signal.signal(signal.SIGINT, presses.press)
    try:
        yield presses
    finally:
        signal.signal(signal.SIGINT, before)


def do(job: p.Job, folder: RunFolder, console: Console) -> RunStatus:
    """Launch a job and follow it to its end; raises as `follow` does."""
    return follow(launch(job, folder), console)


def follow(handle: RunHandle, console: Console) -> RunStatus:
    """The status of the completed run.

    Raises RunFailed when it failed, WorkError("worker-lost") when it vanished,
    StoppedByUser when it was stopped, or left alone by a second Ctrl-C.
    """
    with _presses() as presses:
        told = 0
        while (status := handle.status).state is not State.ended:
            told = _heed(presses, told, handle, console)
            if told > 1:
                raise StoppedByUser(run=handle.folder, status=status, left=True)
            _tell(handle, console)
            console.progress(status)
            time.sleep(_TICK)
    _tell(handle, console)
    console.done()
    return _ended(handle, status)


def _heed(presses: _Presses, told: int, handle: RunHandle, console: Console) -> int:
    if presses.count > told == 0:
        handle.stop()
        console.remark("Stopping and saving. Ctrl-C again leaves it to do so on its own.")
    return presses.count


def _tell(handle: RunHandle, console: Console) -> None:
    for event in handle.poll():
        if isinstance(event, p.Noted) and event.level == "warning":
            console.remark(event.text)


def _ended(handle: RunHandle, status: RunStatus) -> RunStatus:
    if status.outcome is Outcome.completed:
        return status
    if status.outcome is Outcome.stopped:
        raise StoppedByUser(run=handle.folder, status=status)
    if status.failure is not None:
        raise RunFailed(status.failure, problems=status.problems, log=handle.folder.log)
    raise WorkError(
        "worker-lost",
        title="The work was cut off. What was saved before is safe.",
        hint="Run the same command again; training goes on from its last save.",
        detail=str(handle.folder.log),
    )
