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


def worker_command(*arguments: str) -> list[str]:
    """The command of a worker: this Python with the module, or the frozen app with `--worker`."""
    if is_frozen():
        return [_program(), "--worker", *arguments]
    return [*python_module("zeroapp.worker"), *arguments]


def rank_command() -> list[str]:
    """The command of a rank, likewise with `--rank`."""
    return [_program(), "--rank"] if is_frozen() else python_module("zeroapp.worker.rank")


def window_command() -> list[str]:
    """The command that opens the window, likewise with `--window`."""
    return [sys.executable, "--window"] if is_frozen() else python_module("ui")


def script_command(file: str) -> list[str]:
    """The command that runs a Python file in a process of its own, likewise with `--script`.

    -P: the script's own folder must not be where it finds its libraries.
    """
    if is_frozen():
        return [_program(), "--script", file]
    return [sys.executable, "-P", "-X", "utf8", file]


def is_frozen() -> bool:
    """Whether this is the installed app, one program without a Python beside it."""
    return bool(getattr(sys, "frozen", False))


def _program() -> str:
    """The installed program; on Windows the one of two that can be without a window."""
    if sys.platform == "win32":
        return str(Path(sys.executable).with_name("zeroapp-cli.exe"))
    return sys.executable


def python_module(name: str) -> list[str]:
    """Run a module of ours; -P keeps files that lie in the current folder from being imported."""
    return [sys.executable, "-P", "-m", name]


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
