"""Entry of a rank process: takes its seat, does the job, says how it ended. Errors end here."""

import contextlib
import ctypes
import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

import filelock

from zeroapp import logs
from zeroapp import protocol as p
from zeroapp.errors import AppError, DataError, unexpected
from zeroapp.run_folder import RunFolder
from zeroapp.work import Stopped, Work
from zeroapp.worker.rank_work import RankWork
from zeroapp.worker.seat import Seat
from zeroapp.worker.sink import disk_full
from zeroapp.worker.turn import rank_lock

Perform = Callable[[p.Job, Seat, Work], None]
"""Does a job as one rank and says its result."""

_PR_SET_PDEATHSIG = 1


def main(perform: Perform) -> NoReturn:
    """Do the job of this process's seat, say exactly one ending, and leave."""
    events, orders = _take_pipes()
    _die_with_parent()
    _first_to_fall()
    logs.to_stderr()
    work = RankWork(events=events, orders=orders)
    seat = work.seat()
    life = rank_lock(RunFolder(Path(seat.folder)), seat.rank)
    with contextlib.suppress(OSError, filelock.Timeout):  # a full disk is told where it matters
        life.acquire()
    work.listen()
    work.say(_ending(perform, seat, work))
    sys.stdout.flush()
    sys.stderr.flush()
    # Tearing down an interpreter with torch in it takes seconds and can hang in its threads.
    os._exit(0)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout for ourselves: printed text goes to stderr, helpers get no leash."""
    events = os.fdopen(os.dup(1), "wb")
    orders = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return events, orders


def _die_with_parent() -> None:
    """A second belt beside the leash: Linux kills us with the supervisor, even inside C code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _first_to_fall() -> None:
    """Where memory runs out Linux shall end a rank, which can go on, and not the user's windows."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _ending(perform: Perform, seat: Seat, work: Work) -> p.Finished | p.Failed:
    try:
        perform(p.decode_job(RunFolder(Path(seat.folder)).job.read_bytes()), seat, work)
    except Stopped:
        return p.Finished(outcome="stopped")
    except AppError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - the worker's entry: the user never sees a trace
        traceback.print_exc()
        return _failed(_translated(error))
    return p.Finished(outcome="completed")


def _failed(error: AppError) -> p.Failed:
    problems = error.problems if isinstance(error, DataError) else ()
    return p.Failed(failure=error.failure(), problems=problems)


def _translated(error: Exception) -> AppError:
    """The error in the user's words, with the trace in its detail."""
    if "torch" in sys.modules:
        from zeroapp.engine.failures import translate

        return translate(error)
    # Work that never loaded torch did not fail in it; loading it now would only take time.
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return disk_full()
    return unexpected(error)


if __name__ == "__main__":
    from zeroapp.worker.dispatch import perform

    main(perform)
