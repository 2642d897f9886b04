"""Where the command line writes: the result to stdout, all else to stderr. Knows no verbs."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from zeroapp.cli import words
from zeroapp.errors import Failure, Problem
from zeroapp.status import RunStatus, State

_PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where nobody can overwrite the last one."""

_CLEAR = "\r\x1b[2K"


class Console:
    """Talks to a person or, with `json`, to a program. `quiet`: no progress and no remarks."""

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json = json
        self.quiet = quiet
        self._live = sys.stderr.isatty() and not quiet
        self._shown = ""
        self._phase = ""
        self._next_line = 0.0

    def remark(self, text: str) -> None:
        """A sentence beside the result."""
        if not self.quiet:
            self._wipe()
            print(text, file=sys.stderr, flush=True)

    def result(self, value: Any, text: str) -> None:
        """What the command was for: `value` as one JSON object, or `text`."""
        self._wipe()
        print(_json(value) if self.json else text, flush=True)

    def error(self, failure: Failure, *, problems: Sequence[Problem] = ()) -> None:
        """What went wrong, without a trace."""
        self._wipe()
        if self.json:
            told = {"code": failure.code, "title": failure.title, "hint": failure.hint}
            found = {"problems": problems} if problems else {}
            print(_json({"error": told, **found}), flush=True)
            return
        for problem in problems:
            print(words.problem(problem), file=sys.stderr)
        print(f"{failure.title}\n{failure.hint}", file=sys.stderr, flush=True)

    def progress(self, status: RunStatus) -> None:
        """How far a run is: one line that is rewritten, or a plain line now and then."""
        if self.quiet or status.state is State.ended or not status.phase_title:
            return
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._show(words.progress(status, bar=True)[:width])
            return
        now = time.monotonic()
        if status.phase != self._phase:
            self._phase = status.phase
            self._next_line = now + _PLAIN_SECONDS
            print(f"{status.phase_title} ...", file=sys.stderr, flush=True)
        elif now >= self._next_line and (status.done or status.state is State.paused):
            self._next_line = now + _PLAIN_SECONDS
            print(words.progress(status, bar=False), file=sys.stderr, flush=True)

    def done(self) -> None:
        """A run has ended: forget its phases."""
        self._wipe()
        self._phase = ""

    def _show(self, line: str) -> None:
        if line != self._shown:
            print(f"{_CLEAR}{line}", end="", file=sys.stderr, flush=True)
            self._shown = line

    def _wipe(self) -> None:
        if self._shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
            self._shown = ""


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=2)
