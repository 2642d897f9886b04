"""Finds runs again: the one to go on with, the newest finished one; places for loose runs."""

import secrets
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from zeroapp import ladder, paths
from zeroapp import protocol as p
from zeroapp.data.faults import write_error
from zeroapp.errors import ResourceError
from zeroapp.run_folder import RunFolder
from zeroapp.runs.handle import RunHandle
from zeroapp.status import Outcome, RunStatus, State

if TYPE_CHECKING:
    from zeroapp.project import Project

MENDABLE = frozenset(
    {
        "disk-full",
        "project-busy",
        "worker-lost",
        "no-permission",
        "out-of-memory",
        ladder.ASK_LORA,
        ladder.ASK_SMALLER,
    }
)
"""Failures that lie outside the run: once they are mended it can go on from its last save."""

_KEEP_SECONDS = 7 * 24 * 3600
"""Runs without a project are kept a week, for a bug report."""


def status_of(folder: RunFolder) -> RunStatus:
    """All that is known about a run now."""
    return RunHandle(folder).status


def job_of(folder: RunFolder) -> p.Job:
    """What a run was asked to do; raises OSError or msgspec.DecodeError when it is not there."""
    return p.decode_job(folder.job.read_bytes())


def can_go_on(status: RunStatus) -> bool:
    """Whether a run has ended early and may be started again."""
    if status.state is not State.ended:
        return False
    if status.outcome is Outcome.failed:
        return status.failure is not None and status.failure.code in MENDABLE
    return status.outcome in (Outcome.stopped, Outcome.interrupted)


def find_unfinished(project: "Project") -> RunFolder | None:
    """The newest training run that works, or that can go on; None when a later one is complete."""
    for folder in project.runs("train"):
        if not folder.job.exists():
            continue  # whoever wanted it was ended before saying what it should do
        status = status_of(folder)
        if status.outcome is Outcome.completed:
            return None
        if status.state is not State.ended or can_go_on(status):
            return folder
    return None


def latest_finished(project: "Project") -> RunFolder | None:
    """The newest training run that is complete and has a model."""
    for folder in project.runs("train"):
        if folder.model.is_dir() and status_of(folder).outcome is Outcome.completed:
            return folder
    return None


def trained_with(project: "Project") -> dict[str, list[str]]:
    """Version of the data -> the training runs that learned from it, oldest first."""
    found: dict[str, list[str]] = {}
    for folder in reversed(project.runs("train")):
        with suppress(OSError, msgspec.DecodeError):
            job = job_of(folder)
            if isinstance(job, p.Train):
                found.setdefault(job.plan.data_version, []).append(folder.id)
    return found


def loose_folder(kind: str) -> RunFolder:
    """A new place for a run that belongs to no project; old ones are cleared away.

    Raises ResourceError("no-permission", "disk-full").
    """
    place = paths.cache_dir() / "runs"
    _clear(place)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = RunFolder(place / f"{stamp}-{secrets.token_hex(2)}-{kind}")
    try:
        folder.path.mkdir(parents=True)
    except OSError as error:
        raise _no_place(place, error) from error
    return folder


def _no_place(place: Path, error: OSError) -> ResourceError:
    told = write_error(place, error)
    if told.code != "no-permission":
        return told
    # Nobody chose this folder, so choosing another one is no way out.
    return ResourceError(
        told.code,
        title=f"zeroapp may not write into its own folder, “{place.parent}”. Nothing was begun.",
        hint="Give this user the right to write there, then start zeroapp again.",
        detail=told.detail,
    )


def _clear(place: Path) -> None:
    if not place.is_dir():
        return
    for old in place.iterdir():
        aged = time.time() - old.stat().st_mtime > _KEEP_SECONDS
        if aged and not RunHandle(RunFolder(old)).alive():
            shutil.rmtree(old, ignore_errors=True)
