"""A supervisor's sign of life: state.json, written now and then while it works."""

import contextlib
import os
import time

from zeroapp.run_folder import RunFolder
from zeroapp.runs.state import state_of, write_state

_BEAT = 2.0


class Heart:
    """Writes who works on the run and when it was last seen."""

    def __init__(self, folder: RunFolder, *, attempt: int) -> None:
        self.pid = os.getpid()
        self.attempt = attempt
        self._folder = folder
        self._last = 0.0

    def beat(self) -> None:
        """Write state.json; a full disk is not the heart's trouble."""
        self._last = time.monotonic()
        state = state_of(self.pid, attempt=self.attempt)
        if state is not None:
            with contextlib.suppress(OSError):
                write_state(self._folder, state)

    def beat_now_and_then(self) -> None:
        """Beat when the last beat is two seconds old."""
        if time.monotonic() - self._last >= _BEAT:
            self.beat()
