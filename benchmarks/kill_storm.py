"""Kills supervisor, rank or command line at random moments of a training run and goes on.

    python benchmarks/kill_storm.py [--kills 20] [--rows 900] [--ranks 1] [--zero 0] [--seed 1]
                                    [--only rank]

Shows that nothing is lost but the steps since the last save: at the end the weights are compared,
byte for byte, with those of a run that nobody disturbed. No process of either may be left at the
end. Exit code 1 when the weights differ or a process is left.
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.runs.event_log import EventLog
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.process import environment
from zeroapp.runs.state import read_state
from zeroapp.status import Outcome, State
from zeroapp.tasks import default

WEIGHTS = (
    "model/model.safetensors",
    "tuned/weights.safetensors",
    "tuned/validation.safetensors",
    "probe/probe.safetensors",
)
VICTIMS = ("supervisor", "rank", "command line")
PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Storm:
    """A project and the training command that is run on it again and again."""

    project: Path
    plan: Path
    env: dict[str, str]

    def zeroapp(self, *words: object) -> str:
        """A command that must succeed; what it prints."""
        command = [sys.executable, "-m", "zeroapp", *map(str, words)]
        done = subprocess.run(command, env=self.env, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def train(self, *more: str) -> subprocess.Popen[bytes]:
        """The training command in the background."""
        words = ["train", str(self.project), "--plan", str(self.plan), "--json", *more]
        return subprocess.Popen(
            [sys.executable, "-m", "zeroapp", *words],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def newest(self) -> RunFolder | None:
        """The newest training run."""
        runs = sorted(self.project.glob("runs/*-train"))
        return RunFolder(runs[-1]) if runs else None


def main() -> int:
    """Make the data, train undisturbed, then in the storm; compare."""
    args = _arguments()
    dice = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="kill-storm-") as top:
        storm = _prepare(Path(top), args)
        began = time.monotonic()
        calm = _finish(storm, storm.train("--fresh"))
        whole = time.monotonic() - began
        steps = RunHandle(calm).status.steps
        print(f"undisturbed: {steps} steps in {whole:.0f} s", flush=True)
        kills, same = 0, True
        while kills < args.kills:
            run, kills = _one_run(storm, dice, kills=kills, args=args, longest=whole)
            same = _compare(calm, run) and same
        left = _left(storm)
        print(f"processes left: {left or 'none'}")
        return 0 if same and not left else 1


def _left(storm: Storm) -> list[str]:
    """Commands of processes that still carry this storm's home, ten seconds after its end."""
    until = time.monotonic() + 10.0
    while (found := _of(storm)) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def _of(storm: Storm) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("ZEROAPP_HOME") == storm.env["ZEROAPP_HOME"]:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--zero", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=VICTIMS, help="kill nothing else")
    return parser.parse_args()


def _prepare(top: Path, args: argparse.Namespace) -> Storm:
    with default().sample.path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(7).shuffle(rows)
    with (top / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows[: args.rows]])
    env = {**environment(), "ZEROAPP_HOME": str(top / "home"), "OMP_NUM_THREADS": "1"}
    storm = Storm(project=top / "project", plan=top / "plan.json", env=env)
    storm.zeroapp("new", storm.project)
    storm.zeroapp("import", storm.project, top / "rows.csv")
    wishes = ["--ranks", args.ranks, "--zero", args.zero, "--epochs", args.epochs]
    often = ["--set", "checkpoint_seconds=3"]  # so that a short run has several saves
    storm.plan.write_text(storm.zeroapp("plan", storm.project, *wishes, *often, "--json"))
    return storm


def _one_run(
    storm: Storm, dice: random.Random, *, kills: int, args: argparse.Namespace, longest: float
) -> tuple[RunFolder, int]:
    """One training run with kills until it is complete or enough were made."""
    before = storm.newest()
    assert before is not None
    command = storm.train("--fresh")
    while (run := storm.newest()) == before or run is None:
        time.sleep(0.05)
    while kills < args.kills:
        moment = time.monotonic() + dice.uniform(0, longest * 0.6)
        while time.monotonic() < moment and command.poll() is None:
            time.sleep(0.05)
        if _complete(run):
            break
        victim = args.only or dice.choice(VICTIMS)
        number = dice.randrange(args.ranks)
        if _kill(run, command, victim, number=number):
            kills += 1
            _tell(run, kills, f"rank {number}" if victim == "rank" else victim)
        if command.poll() is not None:
            command = storm.train()
    command.wait()
    finished = run if _complete(run) else _finish(storm, storm.train())
    if finished != run:
        print(f"{run.id} was abandoned: {finished.id} began anew, {RunHandle(run).status}")
    return run, kills


def _kill(run: RunFolder, command: subprocess.Popen[bytes], victim: str, *, number: int) -> bool:
    """SIGKILL the victim if it is there; the command is waited for when it ends by that.

    number: of the rank, when one is to die.
    """
    if victim == "command line":
        if command.poll() is not None:
            return False
        command.kill()
        command.wait()
        return True
    state = read_state(run)
    if state is None or not RunHandle(run).alive():
        return False
    try:
        supervisor = psutil.Process(state.pid)
        ranks = [c for c in supervisor.children() if c.status() != psutil.STATUS_ZOMBIE]
        if victim == "rank" and len(ranks) <= number:
            return False
        (supervisor if victim == "supervisor" else ranks[number]).kill()
    except psutil.Error:
        return False
    if victim == "supervisor":
        command.wait()
    return True


def _tell(run: RunFolder, kills: int, victim: str) -> None:
    status = RunHandle(run).status
    reached, saved = _reached(run)
    lost = 0 if victim == "command line" else reached - saved
    where = status.phase or "start"
    print(f"kill {kills:2}: {victim:<12} in {where:<9} step {reached:4}, {lost} lost", flush=True)


def _reached(run: RunFolder) -> tuple[int, int]:
    """The step that the newest start of the ranks has reached, and the last saved one."""
    reached = saved = 0
    for event in EventLog(run.events).read():
        match event:
            case p.Started() | p.Noted(code="rank-restarted"):
                reached = saved
            case p.StepLogged() | p.Resumed():
                reached = event.step
            case p.CheckpointSaved():
                saved = event.step
    return reached, saved


def _complete(run: RunFolder) -> bool:
    return RunHandle(run).status.outcome is Outcome.completed


def _finish(storm: Storm, command: subprocess.Popen[bytes]) -> RunFolder:
    """Wait until the newest run is complete, whatever it takes."""
    command.wait(timeout=PATIENCE)
    run = storm.newest()
    assert run is not None
    until = time.monotonic() + PATIENCE
    while not _complete(run):
        if time.monotonic() > until:
            sys.exit(f"not complete: {RunHandle(run).status}")
        if RunHandle(run).status.state is State.ended:
            storm.train().wait(timeout=PATIENCE)
        time.sleep(0.1)
    return run


def _compare(calm: RunFolder, run: RunFolder) -> bool:
    same = True
    for name in WEIGHTS:
        ours, theirs = calm.path / name, run.path / name
        there = ours.exists() and theirs.exists()
        equal = there and ours.read_bytes() == theirs.read_bytes()
        differs = "DIFFERENT" if there else "MISSING"
        print(f"{name}: {'equal byte for byte' if equal else differs}")
        same = same and equal
    losses = [RunHandle(folder).status.losses for folder in (calm, run)]
    print(f"losses of {len(losses[0])} steps: {'equal' if losses[0] == losses[1] else 'DIFFERENT'}")
    events = EventLog(run.events).read()
    attempts = sum(isinstance(event, p.Started) for event in events)
    endings = sum(isinstance(event, p.Finished | p.Failed) for event in events)
    print(f"{run.id}: {attempts} attempts, {endings} terminal event", flush=True)
    return same and losses[0] == losses[1] and endings == 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(main())
