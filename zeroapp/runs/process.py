"""Starts processes that outlive us and ends whole trees of them; the same code on every system."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

import zeroapp

_PATIENCE = 5.0

UNOBSERVED = {
    # Read while the library is loaded, so a call afterwards is too late. docs/decisions/043
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
"""What keeps our libraries from telling their makers anything, whatever a person's own says."""


def environment() -> dict[str, str]:
    """Ours, with this very copy of the package first on the path and UTF-8 everywhere."""
    ours = str(Path(zeroapp.__file__).resolve().parent.parent)
    theirs = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join([ours, theirs]) if theirs else ours
    return {**os.environ, **UNOBSERVED, "PYTHONPATH": path, "PYTHONUTF8": "1"}


def start_detached(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
) -> int:
    """Start a process that goes on when we end, its output appended to `log`; its pid.

    env: all it finds in its environment, ours without it.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=log.parent,
            env=environment() if env is None else dict(env),
            start_new_session=os.name == "posix",
            creationflags=_detached_flags(),
        )
    # Waiting for it keeps a finished child from staying a zombie of ours.
    threading.Thread(target=process.wait, name="reaper", daemon=True).start()
    return process.pid


def _detached_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
    return 0


def group_flags() -> int:
    """Windows: a group of its own and no console window. 0 elsewhere."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0


def kill_tree(pid: int) -> None:
    """End a process and all below it now. The family is listed before anyone dies."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=_PATIENCE)
