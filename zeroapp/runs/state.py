"""Who works on a run: state.json with pid, start time and heartbeat. Knows nothing of the work."""

import time

import msgspec
import psutil

from zeroapp.run_folder import RunFolder
from zeroapp.writing import write_whole

_SAME_PROCESS = 2.0
"""Seconds two readings of one process's start time may differ (the boot time is adjusted)."""


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor process. create_time tells it from a later process with the same pid."""

    pid: int
    create_time: float
    heartbeat: float
    attempt: int


def state_of(pid: int, *, attempt: int) -> WorkerState | None:
    """The state of a process that is running now; None when it is gone."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.Error:
        return None
    return WorkerState(pid=pid, create_time=created, heartbeat=time.time(), attempt=attempt)


def write_state(folder: RunFolder, state: WorkerState) -> None:
    """Replace state.json as a whole."""
    write_whole(folder.state, msgspec.json.encode(state), durable=False)


def read_state(folder: RunFolder) -> WorkerState | None:
    """The last written state; None when there is none or it cannot be read."""
    try:
        return msgspec.json.decode(folder.state.read_bytes(), type=WorkerState)
    except (OSError, msgspec.DecodeError):
        return None


def is_alive(state: WorkerState) -> bool:
    """Whether that very process runs: not a zombie, not another one that got its pid."""
    try:
        process = psutil.Process(state.pid)
        if abs(process.create_time() - state.create_time) > _SAME_PROCESS:
            return False
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
