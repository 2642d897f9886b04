"""Entry of the command line: reads the words, runs the verb, turns how it ended into a code."""

import importlib.util
import os
import subprocess
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from types import TracebackType

from zeroapp import logs
from zeroapp.cli import shapes, verbs
from zeroapp.cli.arguments import parser
from zeroapp.cli.console import Console
from zeroapp.cli.follow import RunFailed, StoppedByUser
from zeroapp.errors import AppError, DataError, Failure, UsageError
from zeroapp.programs import window_command
from zeroapp.runs.process import environment

STOPPED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code: 0, 1, 2, 3 or 130 (see docs/COMMAND_LINE.md)."""
    words = sys.argv[1:] if argv is None else list(argv)
    sys.excepthook = _unforeseen
    console = Console(json="--json" in words)
    args = Namespace(verb=None)
    try:
        args = parser().parse_args(words)
        console = Console(json=getattr(args, "json", False), quiet=getattr(args, "quiet", False))
        return verbs.run(args, console) if args.verb else _open_window()
    except AppError as error:
        problems = error.problems if isinstance(error, DataError) else ()
        console.error(error.failure(), problems=problems)
        return error.exit_code
    except RunFailed as failed:
        return _failed(failed, console)
    except StoppedByUser as stopped:
        return _stopped(stopped, console, args)
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # `zeroapp ... | head` has read enough; the work itself is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _failed(failed: RunFailed, console: Console) -> int:
    console.error(failed.failure, problems=failed.problems)
    if failed.failure.detail:
        console.remark(f"Details are in {failed.log}")
    return failed.failure.exit_code


def _stopped(stopped: StoppedByUser, console: Console, args: Namespace) -> int:
    text = "Stopping on its own." if stopped.left else "Stopped."
    if args.verb == "train":
        text = f"{text} Run the same command again to go on."
    console.result(shapes.stopped(stopped.run, stopped.status, left=stopped.left), text)
    return STOPPED


def _open_window() -> int:
    """Start the window as a process of its own: the engine knows nothing of windows."""
    if importlib.util.find_spec("ui") is None:
        raise UsageError(
            "no-window",
            title="The window is not installed here.",
            hint="Use a verb instead; `zeroapp --help` names them.",
        )
    return subprocess.run(window_command(), env=environment(), check=False).returncode


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The trace goes to the log, the user hears what to do."""
    told = "".join(traceback.format_exception(kind, error, trace))
    try:
        where = str(logs.to_file())
        logs.get("cli").error(told)
    except OSError:  # a home that cannot be written has no log
        where = f"this:\n{told}"
    failure = Failure(
        code="unexpected",
        title="Something went wrong that zeroapp does not know. What was saved is safe.",
        hint=f"Try again; if it happens again, send us {where}",
    )
    Console(json="--json" in sys.argv).error(failure)
