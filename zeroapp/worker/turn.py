"""One working job a project at a time, one supervisor a run: locks the system frees on death."""

from pathlib import Path

import filelock
import msgspec

from zeroapp import protocol as p
from zeroapp.errors import ResourceError
from zeroapp.run_folder import RunFolder
from zeroapp.runs.history import job_of
from zeroapp.runs.state import is_alive, read_state

_DOING = {
    p.ImportData: "reading files",
    p.Check: "checking the data",
    p.MakePlan: "making a plan",
    p.Train: "training",
    p.Evaluate: "judging a model",
    p.Export: "exporting a model",
    p.Rehearse: "rehearsing a training",
    p.Benchmark: "comparing ways to train",
}

_DYING = 30.0
"""Seconds a killed process may take to be gone: it gives back gigabytes, or waits for a disk."""

_PATIENCE = 2.0
"""Seconds a project may still be locked by a run that has just said its last word."""


def run_lock(folder: RunFolder) -> filelock.BaseFileLock:
    """Held by the one supervisor of a run; raises filelock.Timeout when there is another."""
    return filelock.FileLock(folder.path / "lock", timeout=0)


def rank_lock(folder: RunFolder, rank: int) -> filelock.BaseFileLock:
    """Held by a rank as long as it lives. Not yet acquired."""
    return filelock.FileLock(folder.path / f"rank-{rank}.lock", timeout=_DYING)


def old_ranks_gone(folder: RunFolder) -> None:
    """Wait until no rank of an earlier attempt lives: it must not write beside a new one.

    Ranks die with their supervisor, but a large one takes a moment to. Raises
    ResourceError("project-busy") when one does not.
    """
    for path in folder.path.glob("rank-*.lock"):
        lock = filelock.FileLock(path, timeout=_DYING)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise ResourceError(
                "project-busy",
                title="The last attempt of this run has not quite ended yet.",
                hint="Try again in a minute.",
            ) from None
        lock.release()


def project_lock(job: p.Job) -> filelock.BaseFileLock | None:
    """Taken while the job changes its project. None: the job only reads. Not yet acquired."""
    if isinstance(job, p.Inspect | p.Probe | p.Predict | p.TryOut | p.MakeEngine):
        return None
    return filelock.FileLock(Path(job.project) / "lock", timeout=_PATIENCE)


def busy(job: p.Job, folder: RunFolder) -> ResourceError:
    """The error for a project that works already, naming what it does."""
    doing = (
        "working"
        if isinstance(job, p.Probe | p.Predict | p.MakeEngine)
        else _what_runs(job.project, folder)
    )
    return ResourceError(
        "project-busy",
        title=f"This project is busy: it is {doing} right now. Nothing was changed.",
        hint="Wait until that is done, or stop it, then try again.",
    )


def _what_runs(project: str, folder: RunFolder) -> str:
    for path in sorted((Path(project) / "runs").glob("*"), reverse=True):
        other = RunFolder(path)
        state = read_state(other)
        if other.id == folder.id or state is None or not is_alive(state):
            continue
        try:
            return _DOING.get(type(job_of(other)), "working")
        except (OSError, msgspec.DecodeError):
            continue
    return "working"
