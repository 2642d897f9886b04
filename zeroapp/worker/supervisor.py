"""Runs one job: starts its ranks, writes down what they say, restarts them, ends them. No torch."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import msgspec

from zeroapp import protocol as p
from zeroapp.errors import AppError, Failure, WorkError
from zeroapp.run_folder import RunFolder
from zeroapp.runs.control import Want, read_want
from zeroapp.worker.awake import kept_awake
from zeroapp.worker.heart import Heart
from zeroapp.worker.ranks import Gang
from zeroapp.worker.seat import Seat
from zeroapp.worker.sink import Sink
from zeroapp.worker.turn import busy, project_lock

RANK_LOST = "rank-lost"
"""Code of the error a rank says when another rank has left it; the other one's matters more."""

_LOG_TAIL = 4000
_BRIEF = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How patient a supervisor is, in seconds. tick: how often it looks at control.json.

    grace: from a stop to a kill. settle: what other ranks may still say once one has fallen.
    restarts: how often in a row lost ranks are started again without a new checkpoint.
    """

    rank_command: Sequence[str]
    env: Mapping[str, str]
    tick: float = 0.2
    grace: float = 60.0
    settle: float = 2.0
    restarts: int = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """A rank vanished without a word; code as `Popen.returncode` has it."""

    rank: int
    code: int | None


Ending = p.Finished | p.Failed
"""How a run ends, said once."""


@dataclass(slots=True)
class _Heard:
    """What the ranks of one gang have said about their end."""

    said: dict[int, Ending] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)

    @property
    def silent(self) -> list[int]:
        """Ranks that left without an ending. The first fell by itself, the rest we ended."""
        return [rank for rank in self.closed if rank not in self.said]

    @property
    def decided(self) -> bool:
        """Rank 0 is through, or some rank has fallen: nobody needs to go on."""
        first = self.said.get(0)
        failed = any(isinstance(ending, p.Failed) for ending in self.said.values())
        return isinstance(first, p.Finished) or failed or bool(self.silent)

    def failure(self) -> p.Failed | None:
        """What went wrong first-hand; another rank's "I was left alone" only explains itself."""
        failed = [self.said[rank] for rank in sorted(self.said)]
        own = [e for e in failed if isinstance(e, p.Failed) and e.failure.code != RANK_LOST]
        return own[0] if own else None


class Supervisor:
    """Works one attempt of the run in `folder` from its first event to its terminal one."""

    def __init__(self, folder: RunFolder, *, job: p.Job, sink: Sink, rules: Rules) -> None:
        self._folder = folder
        self._job = job
        self._sink = sink
        self._rules = rules
        self._want = Want.run
        self._shutdown = False
        self._saved_step = 0
        self._heart = Heart(folder, attempt=sink.attempts + 1)

    def run(self) -> None:
        """Do the job and write exactly one terminal event; raises OSError when the disk is broken.

        A full disk is said with the last bytes of it; when even that fails the run counts as
        interrupted.
        """
        self._heart.beat()
        try:
            self._sink.say(
                p.Started(
                    job=type(self._job).__name__, pid=self._heart.pid, attempt=self._heart.attempt
                )
            )
            ending = self._in_turn()
        except AppError as error:
            ending = p.Failed(failure=error.failure())
        self._sink.end(ending)

    def stop(self) -> None:
        """Stop as if the user had asked: the computer is shutting down."""
        self._shutdown = True

    def _in_turn(self) -> Ending:
        lock = project_lock(self._job)
        if lock is None:
            return self._work()
        try:
            lock.acquire()
        except filelock.Timeout:
            raise busy(self._job, self._folder) from None
        try:
            return self._work()
        finally:
            # Before the last word is written: who waits for it may start the next job at once.
            lock.release()

    def _work(self) -> Ending:
        awake = kept_awake("Training a model") if self._trains else contextlib.nullcontext()
        left = self._rules.restarts
        with awake:
            while True:
                saved = self._saved_step
                ending = self._one_gang()
                if not isinstance(ending, Lost):
                    return ending
                if self._saved_step > saved:
                    left = self._rules.restarts
                if self._want is Want.stop:
                    return p.Finished(outcome="stopped")
                if not self._trains or left == 0:
                    return p.Failed(failure=self._lost(ending))
                left -= 1
                self._sink.say(_restarting(ending))

    @property
    def _trains(self) -> bool:
        return isinstance(self._job, p.Train)

    def _one_gang(self) -> Ending | Lost:
        with _meeting_place(self._folder) as store, self._gang(store) as gang:
            heard = _Heard()
            self._follow(gang, heard)
            forced = not heard.decided
            self._hear_out(gang, heard, patience=0.0 if forced else self._rules.settle)
            gang.kill()
            while self._hear(gang, heard, timeout=0.0):
                pass
            return self._forced() if forced else self._verdict(gang, heard)

    def _gang(self, store: Path) -> Gang:
        ranks = self._job.plan.ranks if isinstance(self._job, p.Train) else 1
        seats = [
            Seat(folder=str(self._folder.path), rank=rank, ranks=ranks, store=str(store))
            for rank in range(ranks)
        ]
        return Gang(
            seats, command=self._rules.rank_command, env=self._rules.env, log=self._folder.log
        )

    def _follow(self, gang: Gang, heard: _Heard) -> None:
        """Until the gang's end is decided, or a stop was not followed within the grace time."""
        told = Want.run
        deadline = float("inf")
        while not heard.decided:
            self._hear(gang, heard, timeout=self._rules.tick)
            self._heart.beat_now_and_then()
            wanted = self._wanted()
            if wanted is not told:
                gang.tell(wanted)
                told = wanted
                if wanted is Want.stop:
                    deadline = time.monotonic() + self._rules.grace
            if time.monotonic() > deadline:
                return

    def _wanted(self) -> Want:
        """What the user wants now; a stop is never taken back."""
        if self._want is not Want.stop:
            self._want = Want.stop if self._shutdown else read_want(self._folder)
        return self._want

    def _hear_out(self, gang: Gang, heard: _Heard, *, patience: float) -> None:
        """Take down what is still said, for `patience` seconds while any rank runs."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if not self._hear(gang, heard, timeout=_BRIEF) and not gang.running():
                return

    def _hear(self, gang: Gang, heard: _Heard, *, timeout: float) -> bool:
        words = gang.hear(timeout)
        if words is None:
            return False
        if words.line is None:
            heard.closed.append(words.rank)
            return True
        try:
            event = p.decode_event(words.line)
        except msgspec.DecodeError:
            return True
        if isinstance(event, p.Finished | p.Failed):
            heard.said[words.rank] = event
            return True
        if isinstance(event, p.CheckpointSaved):
            self._saved_step = max(self._saved_step, event.step)
        self._sink.write(words.line)
        return True

    def _verdict(self, gang: Gang, heard: _Heard) -> Ending | Lost:
        first = heard.said.get(0)
        if isinstance(first, p.Finished):
            return first
        failure = heard.failure()
        if failure is not None:
            return failure
        rank = heard.silent[0] if heard.silent else 0
        return Lost(rank, gang.exit_code(rank))

    def _forced(self) -> p.Finished:
        self._sink.say(
            p.Noted(
                level="warning",
                code="stop-forced",
                text="It did not stop in time, so it was ended. What was saved before is safe.",
            )
        )
        return p.Finished(outcome="stopped")

    def _lost(self, lost: Lost) -> Failure:
        hint = "Try again; if it happens again, send us the report."
        if lost.code == -9:  # noqa: PLR2004 - SIGKILL, which Windows has no name for
            hint = "The memory may have run out: close other programs, then try again."
        return WorkError(
            "worker-lost",
            title="The work ended without a word. What was saved before is safe.",
            hint=hint,
            detail=f"rank {lost.rank} left with {lost.code}\n{_tail(self._folder.log)}",
        ).failure()


@contextlib.contextmanager
def _meeting_place(folder: RunFolder) -> Iterator[Path]:
    """A fresh path for the ranks to find each other; a used one would name dead ranks."""
    for old in folder.path.glob("gang-*"):
        shutil.rmtree(old, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="gang-", dir=folder.path))
    try:
        yield made / "store"
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _restarting(lost: Lost) -> p.Noted:
    return p.Noted(
        level="warning",
        code="rank-restarted",
        text=(
            f"A training process (number {lost.rank + 1}) ended without a word. "
            "Training goes on from the last save."
        ),
    )


def _tail(log: Path) -> str:
    try:
        return log.read_bytes()[-_LOG_TAIL:].decode("utf-8", errors="replace")
    except OSError:
        return ""
