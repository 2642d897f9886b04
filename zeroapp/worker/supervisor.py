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

from zeroapp import ladder
from zeroapp import protocol as p
from zeroapp.errors import AppError, Failure, WorkError
from zeroapp.run_folder import RunFolder
from zeroapp.runs.control import Want, read_want
from zeroapp.worker.awake import kept_awake
from zeroapp.worker.environment import plan_environment
from zeroapp.worker.heart import Heart
from zeroapp.worker.memory_guard import MemoryGuard
from zeroapp.worker.ranks import Gang
from zeroapp.worker.seat import Seat
from zeroapp.worker.sink import Sink
from zeroapp.worker.step_down import Short, no_smaller, pressure, step_down
from zeroapp.worker.turn import busy, old_ranks_gone, project_lock

RANK_LOST = "rank-lost"
"""Code of the error a rank says when another rank has left it; the other one's matters more."""

OUT_OF_MEMORY = "out-of-memory"
"""Code of the error a rank says when it could not get the memory it asked for."""

_DAMAGED = (
    "Nothing was added. One of the files may be damaged in a way that ends what reads it: add them "
    "one by one to find it, then save it anew from its program, for example as CSV."
)
_LOG_TAIL = 4000
_BRIEF = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How patient a supervisor is, in seconds. tick: how often it looks at control.json.

    grace: from a stop to a kill. settle: what other ranks may still say once one has fallen.
    urgent: the same when memory runs out. restarts: how often in a row lost ranks are started
    again without a new checkpoint.
    """

    rank_command: Sequence[str]
    env: Mapping[str, str]
    tick: float = 0.2
    grace: float = 60.0
    urgent: float = 10.0
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
    """What the ranks of one gang have said about their end. short: why we told them to stop."""

    watch: MemoryGuard
    short: str | None = None
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
        self._told_tight = False
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
            old_ranks_gone(self._folder)
            return self._work()
        finally:
            # Before the last word is written: who waits for it may start the next job at once.
            lock.release()

    def _work(self) -> Ending:
        awake = kept_awake("Training a model") if self._trains else contextlib.nullcontext()
        with awake:
            if isinstance(self._job, p.Benchmark):
                return self._stages(self._job)
            return self._until_it_ends()

    def _until_it_ends(self) -> Ending:
        """Gang after gang until one ends the job: lost ones start again, too large ones smaller."""
        left = self._rules.restarts
        while True:
            saved = self._saved_step
            ending = self._one_gang()
            if isinstance(ending, p.Finished | p.Failed):
                return ending
            if self._want is Want.stop:
                return p.Finished(outcome="stopped")
            if isinstance(ending, Short):
                self._step_down(ending)
                left = self._rules.restarts
                continue
            if self._saved_step > saved:
                left = self._rules.restarts
            if not self._trains or left == 0:
                return p.Failed(failure=self._lost(ending))
            left -= 1
            self._sink.say(_restarting(ending))

    def _step_down(self, short: Short) -> None:
        assert isinstance(self._job, p.Train)
        self._job = step_down(self._job, short, folder=self._folder, sink=self._sink)

    def _stages(self, job: p.Benchmark) -> Ending:
        """A gang for each ZeRO stage: only a fresh process has a peak of its own."""
        for stage in range(4):
            ending = self._one_gang(part=stage)
            if isinstance(ending, Short):
                missing = p.StageMeasured(stage=stage, rank=0, ranks=job.ranks, fits=False)
                self._sink.say(missing)
            elif isinstance(ending, Lost):
                return p.Failed(failure=self._lost(ending))
            elif ending != p.Finished(outcome="completed", at=ending.at):
                return ending
        return p.Finished(outcome="completed")

    @property
    def _trains(self) -> bool:
        return isinstance(self._job, p.Train)

    def _one_gang(self, *, part: int = 0) -> Ending | Lost | Short:
        heard = _Heard(watch=self._watch())
        with _meeting_place(self._folder) as store, self._gang(store, part=part) as gang:
            self._follow(gang, heard)
            forced = not heard.decided
            self._hear_out(gang, heard, patience=0.0 if forced else self._rules.settle)
            gang.kill()
            while self._hear(gang, heard, timeout=0.0):
                pass
            if heard.short and not _completed(heard):
                return Short(reason=heard.short)
            return self._forced() if forced else self._verdict(gang, heard)

    def _watch(self) -> MemoryGuard:
        limit = self._job.plan.memory_limit if isinstance(self._job, p.Train) else 0
        return MemoryGuard(log=self._folder.log, limit=limit)

    def _gang(self, store: Path, *, part: int) -> Gang:
        ranks, place = ranks_of(self._job), str(self._folder.path)
        seats = [
            Seat(folder=place, rank=rank, ranks=ranks, store=str(store), part=part)
            for rank in range(ranks)
        ]
        env = {**self._rules.env, **plan_environment(self._job)}
        return Gang(seats, command=self._rules.rank_command, env=env, log=self._folder.log)

    def _follow(self, gang: Gang, heard: _Heard) -> None:
        """Until the gang's end is decided, or a stop was not followed within the grace time."""
        told = Want.run
        deadline = float("inf")
        while not heard.decided:
            self._hear(gang, heard, timeout=self._rules.tick)
            self._heart.beat_now_and_then()
            wanted = self._wanted()
            if self._running_short(gang, heard):
                wanted = Want.stop
            if wanted is not told:
                gang.tell(wanted)
                told = wanted
                if wanted is Want.stop:
                    grace = self._rules.urgent if heard.short else self._rules.grace
                    deadline = time.monotonic() + grace
            if time.monotonic() > deadline:
                return

    def _running_short(self, gang: Gang, heard: _Heard) -> bool:
        """Whether this gang is to save and stop, so that a smaller one can go on."""
        if not isinstance(self._job, p.Train) or heard.short:
            return bool(heard.short)
        heard.watch.look(gang.pids)
        reason = pressure(heard.watch)
        if reason is None or self._want is Want.stop:
            return False
        if ladder.next_down(self._job.plan) is not None:
            heard.short = reason
            return True
        if not self._told_tight:
            self._told_tight = True
            self._sink.say(no_smaller(reason))
        return False

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

    def _verdict(self, gang: Gang, heard: _Heard) -> Ending | Lost | Short:
        first = heard.said.get(0)
        if isinstance(first, p.Finished):
            return first
        can_change = isinstance(self._job, p.Train | p.Benchmark)
        failure = heard.failure()
        if failure is not None:
            if can_change and failure.failure.code == OUT_OF_MEMORY:
                return Short(reason=OUT_OF_MEMORY, detail=failure.failure.detail)
            return failure
        rank = heard.silent[0] if heard.silent else 0
        code = gang.exit_code(rank)
        if can_change and heard.watch.to_blame(code):
            return Short(reason="killed", detail=f"rank {rank} left with {code}")
        return Lost(rank, code)

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
        elif isinstance(self._job, p.ImportData):
            hint = _DAMAGED
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


def ranks_of(job: p.Job) -> int:
    """How many processes a job takes."""
    if isinstance(job, p.Benchmark):
        return job.ranks
    return job.plan.ranks if isinstance(job, p.Train | p.Rehearse) else 1


def _completed(heard: _Heard) -> bool:
    first = heard.said.get(0)
    return isinstance(first, p.Finished) and first.outcome == "completed"


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
