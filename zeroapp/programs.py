"""How our own programs are called: this Python with a module or a file, or the installed app."""

import sys
from pathlib import Path


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
