"""A scripted job: what a worker is to say and do, as a value, and the player that acts it out.

The fake worker and the scripted ranks of a real supervisor play the same scripts. No torch.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from zeroapp import protocol as p
from zeroapp.errors import DataError, Problem, Severity, WorkError
from zeroapp.run_folder import RunFolder
from zeroapp.work import Stopped, Work


class _Act(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing to do. rank: only this rank does it; None: every rank."""

    rank: int | None = 0


class Say(_Act, frozen=True, kw_only=True):
    """Say an event."""

    event: p.Event


class Steps(_Act, frozen=True, kw_only=True):
    """Train: goes on from the last save, saves now and then, heeds stop and pause."""

    total: int
    seconds: float = 0.02
    save_every: int = 5
    heeds: bool = True


class Sleep(_Act, frozen=True, kw_only=True):
    """Compute for a while, deaf to everything."""

    seconds: float


class AwaitStop(_Act, frozen=True, kw_only=True):
    """Work on without end, until asked to stop."""


class Fail(_Act, frozen=True, kw_only=True):
    """Raise an AppError with this code; "bad-data" is a DataError with a problem."""

    code: str


class Crash(_Act, frozen=True, kw_only=True):
    """Raise something nobody foresaw."""

    text: str


class Die(_Act, frozen=True, kw_only=True):
    """Vanish like a process the system kills; after `step` was saved when that is given."""

    signal: int = int(signal.SIGKILL)


class Leave(_Act, frozen=True, kw_only=True):
    """Exit without a word."""

    code: int = 0


class Print(_Act, frozen=True, kw_only=True):
    """Print a text to stdout, from Python and from below it."""

    text: str


class Spawn(_Act, frozen=True, kw_only=True):
    """Start a helper process that would run for a minute."""


class StderrDie(_Act, frozen=True, kw_only=True):
    """Leave last words in the log, then vanish as an aborted process does."""

    text: str


class Hold(_Act, frozen=True, kw_only=True):
    """Hold so many bytes of memory from now on."""

    bytes: int


Act = (
    Say | Steps | Sleep | AwaitStop | Fail | Crash | Die | Leave | Print | Spawn | StderrDie | Hold
)


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """plays: what each start does, in order; the last one serves all further starts."""

    plays: tuple[tuple[Act, ...], ...]


def write_script(folder: RunFolder, *plays: tuple[Act, ...]) -> None:
    folder.path.mkdir(parents=True, exist_ok=True)
    (folder.path / "script.json").write_bytes(msgspec.json.encode(Script(plays=plays)))


def play(folder: RunFolder, work: Work, *, rank: int = 0) -> None:
    """Act out this start's part of the folder's script; raises what the script raises."""
    script = msgspec.json.decode((folder.path / "script.json").read_bytes(), type=Script)
    start = _count_start(folder, rank=rank)
    for act in script.plays[min(start, len(script.plays) - 1)]:
        if act.rank is None or act.rank == rank:
            _act(act, folder, work)


def _count_start(folder: RunFolder, *, rank: int) -> int:
    counter = folder.path / f"starts-{rank}"
    count = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(count + 1))
    return count


def _act(act: Act, folder: RunFolder, work: Work) -> None:  # noqa: C901 - one arm an act
    match act:
        case Say():
            work.say(act.event)
        case Steps():
            _train(act, folder, work)
        case Sleep():
            time.sleep(act.seconds)
        case AwaitStop():
            _await_stop(work)
        case Fail():
            _fail(act.code)
        case Crash():
            raise RuntimeError(act.text)
        case Die():
            os.kill(os.getpid(), act.signal)
        case Leave():
            os._exit(act.code)
        case Print():
            print(act.text, flush=True)  # noqa: T201 - that is the point
            os.write(1, act.text.encode() + b"\n")
        case StderrDie():
            os.write(2, act.text.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        case Hold():
            _HELD.append(b"x" * act.bytes)
        case Spawn():
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


_HELD: list[bytes] = []


def _await_stop(work: Work) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if work.stop_wanted():
            raise Stopped
        time.sleep(0.01)


def _fail(code: str) -> None:
    title, hint = "The script wants this to fail.", "Change the script."
    if code == "bad-data":
        problem = Problem(code="one-label", severity=Severity.blocking, title="One.", remedy="Add.")
        raise DataError(code, title=title, hint=hint, problems=(problem,))
    raise WorkError(code, title=title, hint=hint)


def _saved(folder: RunFolder) -> Path:
    return folder.checkpoints / "LATEST"


def _train(act: Steps, folder: RunFolder, work: Work) -> None:
    work.say(p.PhaseEntered(phase="training", title="Training"))
    folder.checkpoints.mkdir(exist_ok=True)
    done = int(_saved(folder).read_text()) if _saved(folder).exists() else 0
    work.say(p.Resumed(step=done))
    for step in range(done + 1, act.total + 1):
        _hold(step - 1, act, work)
        if act.heeds and work.stop_wanted():
            _save(step - 1, folder, work)
            raise Stopped
        time.sleep(act.seconds)
        work.say(logged(step, act.total, left=(act.total - step) * act.seconds))
        if step % act.save_every == 0:
            _save(step, folder, work)


def _hold(step: int, act: Steps, work: Work) -> None:
    if not act.heeds or not work.pause_wanted():
        return
    work.say(p.Paused(step=step))
    while work.pause_wanted() and not work.stop_wanted():
        time.sleep(0.01)
    work.say(p.Continued(step=step))


def _save(step: int, folder: RunFolder, work: Work) -> None:
    _saved(folder).write_text(str(step))
    work.say(p.CheckpointSaved(step=step, seconds=0.0, bytes=1))


def logged(step: int, total: int, *, left: float) -> p.StepLogged:
    """A believable step: a loss that falls."""
    return p.StepLogged(
        step=step,
        total=total,
        epoch=step / total * 3,
        loss=3 / (1 + step / 20),
        learning_rate=5e-5,
        grad_norm=1.0,
        rows_per_second=200.0,
        tokens_per_second=4000.0,
        seconds_left=left,
    )
