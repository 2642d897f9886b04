"""A gang of rank processes: start, hear, tell and end them. Knows nothing of the job."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import msgspec

from zeroapp.runs.control import Order, Want
from zeroapp.runs.process import group_flags, kill_tree
from zeroapp.worker.seat import Seat

_LAST_WORDS = 5.0
"""Seconds to wait for what a dead rank left in its pipe."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A line from a rank, without its line end; None when the rank has closed its pipe."""

    rank: int
    line: bytes | None


class Gang:
    """The ranks of one start. Use as a context manager: leaving it ends all of them.

    command: starts one rank; its seat goes to its stdin, which stays open as its leash.
    """

    def __init__(
        self, seats: Sequence[Seat], *, command: Sequence[str], env: Mapping[str, str], log: Path
    ) -> None:
        self._heard: queue.Queue[Heard] = queue.Queue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._readers: list[threading.Thread] = []
        try:
            for seat in seats:
                self._start(seat, command=command, env=env, log=log)
        except OSError:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _start(
        self, seat: Seat, *, command: Sequence[str], env: Mapping[str, str], log: Path
    ) -> None:
        with log.open("ab") as err:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=err,
                cwd=log.parent,
                env=env,
                start_new_session=os.name == "posix",
                creationflags=group_flags(),
            )
        self._processes.append(process)
        assert process.stdout is not None
        reader = threading.Thread(
            target=self._listen, args=(seat.rank, process.stdout), daemon=True
        )
        reader.start()
        self._readers.append(reader)
        self._tell(process, msgspec.json.encode(seat))

    def _listen(self, rank: int, pipe: IO[bytes]) -> None:
        for line in pipe:
            # A killed rank may leave half a line; it never got to say it.
            if line.endswith(b"\n"):
                self._heard.put(Heard(rank, line[:-1]))
        self._heard.put(Heard(rank, None))

    @property
    def pids(self) -> list[int]:
        """Of every rank, gone ones too."""
        return [process.pid for process in self._processes]

    def hear(self, timeout: float) -> Heard | None:
        """The next thing a rank says; None when all are silent for `timeout` seconds."""
        try:
            return self._heard.get(timeout=timeout) if timeout else self._heard.get_nowait()
        except queue.Empty:
            return None

    def tell(self, want: Want) -> None:
        """Pass on what the user wants."""
        for process in self._processes:
            self._tell(process, msgspec.json.encode(Order(want=want)))

    def _tell(self, process: subprocess.Popen[bytes], line: bytes) -> None:
        assert process.stdin is not None
        # A rank that is gone is noticed by its closed pipe.
        with contextlib.suppress(OSError):
            process.stdin.write(line + b"\n")
            process.stdin.flush()

    def exit_code(self, rank: int) -> int | None:
        """How a rank left: negative for a signal (POSIX); None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._processes[rank].wait(timeout=_LAST_WORDS)
        return None

    def running(self) -> bool:
        """Whether any rank is left."""
        return any(process.poll() is None for process in self._processes)

    def wait(self, timeout: float) -> None:
        """Give the ranks time to leave by themselves."""
        until = time.monotonic() + timeout
        while self.running() and time.monotonic() < until:
            time.sleep(0.02)

    def kill(self) -> None:
        """End every rank with all below it; what they said before can still be heard."""
        for process in self._processes:
            _kill(process)
        for process in self._processes:
            process.wait()
        for reader in self._readers:
            reader.join(timeout=_LAST_WORDS)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        # Each rank leads a group: helpers it started go with it, even when it is gone itself.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        kill_tree(process.pid)
