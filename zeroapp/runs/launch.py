"""Starts a run's worker as a process of its own that outlives the app."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from zeroapp import protocol as p
from zeroapp.data.faults import name_error
from zeroapp.errors import ResourceError, UsageError
from zeroapp.programs import worker_command
from zeroapp.run_folder import RunFolder
from zeroapp.runs.control import Want, write_want
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.process import start_detached
from zeroapp.runs.state import state_of, write_state
from zeroapp.status import State
from zeroapp.writing import write_whole

_LEAVING = 10.0
"""Seconds between the last word of a worker and its end; usually a few hundredths."""


def launch(
    job: p.Job,
    folder: RunFolder,
    *,
    command: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> RunHandle:
    """Write the job into its run folder and start a worker on it.

    command: another worker than ours; the folder is added to it. env: its environment.
    Raises ResourceError when the folder cannot be written ("disk-full", "no-permission"), and
    DataError("file-name") for a job about a file whose name is no text.
    """
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        write_whole(folder.job, p.encode(job))
    except UnicodeEncodeError as error:
        raise name_error(Path(error.object), error) from error
    except OSError as error:
        raise _cannot_write(error) from error
    return _start(folder, command, env)


def go_on(
    folder: RunFolder, *, command: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> RunHandle:
    """Start a worker again on a run that was stopped or interrupted; it goes on from its last save.

    A run that is still alive is left alone. Raises UsageError("no-run") when there is none.
    """
    if not folder.job.exists():
        raise UsageError(
            "no-run",
            title="There is no run in this folder to go on with.",
            hint="Start a new one.",
        )
    handle = RunHandle(folder)
    if _still_leaving(handle):
        raise ResourceError(
            "project-busy",
            title="The last attempt of this run has not quite ended yet.",
            hint="Try again in a few seconds.",
        )
    return handle if handle.alive() else _start(folder, command, env)


def _still_leaving(handle: RunHandle) -> bool:
    """Gives a worker that has said its last word the moment it takes to leave."""
    until = time.monotonic() + _LEAVING
    while handle.alive() and handle.status.state is State.ended:
        if time.monotonic() > until:
            return True
        time.sleep(0.02)
    return False


def _start(folder: RunFolder, command: Sequence[str], env: Mapping[str, str] | None) -> RunHandle:
    handle = RunHandle(folder)
    attempt = handle.status.attempt + 1
    try:
        write_want(folder, Want.run)
        place = str(folder.path.absolute())  # the worker runs elsewhere
        whole = [*command, place] if command else worker_command(place)
        pid = start_detached(whole, log=folder.log, env=env)
        # The worker writes the same soon; until then nobody must think that it is gone.
        state = state_of(pid, attempt=attempt)
        if state is not None:
            write_state(folder, state)
    except OSError as error:
        raise _cannot_write(error) from error
    return handle


def _cannot_write(error: OSError) -> ResourceError:
    if isinstance(error, PermissionError):
        return ResourceError(
            "no-permission",
            title="We may not write into the project folder.",
            hint="Give yourself the right to write there, or choose another folder.",
            detail=str(error),
        )
    return ResourceError(
        "disk-full",
        title="The work could not be started: its folder cannot be written.",
        hint="Make some room on the disk, then try again.",
        detail=str(error),
    )
