"""Entry of the supervisor process: `python -m zeroapp.worker RUN_FOLDER`. Loads no torch."""

import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

import filelock
import msgspec

from zeroapp import logs
from zeroapp import protocol as p
from zeroapp.errors import WorkError, unexpected
from zeroapp.programs import rank_command
from zeroapp.run_folder import RunFolder
from zeroapp.worker.environment import rank_environment
from zeroapp.worker.sink import Sink
from zeroapp.worker.supervisor import Rules, Supervisor
from zeroapp.worker.turn import run_lock

ALREADY_WORKED_ON = 75
"""Exit code when another supervisor has this run."""


def supervise(folder: RunFolder, *, rules: Rules | None = None) -> int:
    """Work one attempt of the run; the exit code of the process. rules: others than the usual."""
    try:
        with run_lock(folder), Sink(folder.events) as sink:
            return _attempt(folder, sink=sink, rules=rules)
    except filelock.Timeout:
        return ALREADY_WORKED_ON


def _attempt(folder: RunFolder, *, sink: Sink, rules: Rules | None) -> int:
    try:
        job = p.decode_job(folder.job.read_bytes())
    except (OSError, msgspec.DecodeError):
        sink.end(p.Failed(failure=_no_job(traceback.format_exc()).failure()))
        return 1
    rules = rules or Rules(rank_command=rank_command(), env=rank_environment())
    supervisor = Supervisor(folder, job=job, sink=sink, rules=rules)
    _stop_on_shutdown(supervisor)
    try:
        supervisor.run()
    except Exception as error:  # noqa: BLE001 - the worker's entry: every run ends with a word
        traceback.print_exc()
        sink.end(p.Failed(failure=unexpected(error).failure()))
        return 1
    return 0


def _stop_on_shutdown(supervisor: Supervisor) -> None:
    """Systems ask politely before they shut down or log out."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    if os.name == "posix":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _no_job(detail: str) -> WorkError:
    return WorkError(
        "job-unreadable",
        title="This run cannot be read: its folder does not say what to do.",
        hint="Start it again as a new run.",
        detail=detail,
    )


if __name__ == "__main__":
    logs.to_stderr()
    sys.exit(supervise(RunFolder(Path(sys.argv[1]))))
