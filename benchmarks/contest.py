"""What the benchmarks of training share: contenders side by side, each in a process of its own.

They run in turn, each round begun with another one, and ratios are taken within a round, so that
whatever else the computer does at that moment slows all of them alike.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from zeroapp.plan import TrainPlan

OURS = "zeroapp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One training. amount: rows, pictures or tokens of a pass, padding left out.

    seconds, cpu, peak: of the training loop alone, judging left out; peak is what the process held.
    whole: seconds from the rows to the verdict, without imports. score: on rows never trained on.
    """

    amount: int
    epochs: int
    seconds: float
    cpu: float
    peak: int
    whole: float
    score: float

    @property
    def rate(self) -> float:
        """What is trained on in a second."""
        return self.amount * self.epochs / self.seconds

    @property
    def cost(self) -> float:
        """Processor seconds of a pass."""
        return self.cpu / self.epochs


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """script: the benchmark, which answers to --child. titles: of the contenders.

    unit: what is counted a second; score: what the last figure of a result is.
    """

    script: Path
    titles: Mapping[str, str]
    unit: str
    score: str = "test accuracy"


# --- in the process of a contender ---------------------------------------------------------------


@dataclass(slots=True)
class Span:
    """Wall and processor seconds, and the largest size of the process in bytes."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0


@contextmanager
def watched() -> Iterator[Span]:
    """Around a training loop."""
    from zeroapp.engine.memory_seen import forget_peak, give_back, peak_bytes

    span = Span()
    give_back()
    forget_peak()
    start, cpu = time.perf_counter(), time.process_time()
    yield span
    span.seconds, span.cpu = time.perf_counter() - start, time.process_time() - cpu
    span.peak = peak_bytes()


class Stopwatch(Span):
    """Work that notes wall and CPU time between steps, judging after each epoch left out."""

    def __init__(self) -> None:
        super().__init__()
        self._since: tuple[float, float] | None = None

    def say(self, event: object) -> None:
        """Count the time since training began or the last step; a score restarts the watch."""
        now = (time.perf_counter(), time.process_time())
        kind = type(event).__name__
        # saving counts as training, for the Trainer's does too
        if kind in ("StepLogged", "CheckpointSaved") and self._since:
            self.seconds += now[0] - self._since[0]
            self.cpu += now[1] - self._since[1]
        if kind in ("StepLogged", "Scored", "CheckpointSaved", "PhaseEntered"):
            training = kind != "PhaseEntered" or getattr(event, "phase", "") == "training"
            self._since = now if training else None
        if kind == "MemorySeen":
            self.peak = getattr(event, "peak", 0)

    def stop_wanted(self) -> bool:
        """Never."""
        return False

    def pause_wanted(self) -> bool:
        """Never."""
        return False


def run_ours(job: dict) -> Result:
    """The engine as a rank runs it, with everything it always does: probe, checkpoints, report."""
    import msgspec

    from zeroapp.engine.gang import Gang
    from zeroapp.engine.training_run import train
    from zeroapp.plan import TrainPlan
    from zeroapp.project import Project
    from zeroapp.protocol import Train
    from zeroapp.report import Report

    plan = msgspec.convert(job["plan"], type=TrainPlan)
    with Project.open(Path(job["project"])) as project:
        folder = project.new_run("train")
    watch = Stopwatch()
    began = time.perf_counter()
    order = Train(project=job["project"], plan=plan)
    report = train(order, folder, watch, Gang(rank=0, ranks=1, store=None, device=plan.device))
    assert isinstance(report, Report)
    return Result(
        amount=len(job["train"]),
        epochs=plan.epochs,
        seconds=watch.seconds,
        cpu=watch.cpu,
        peak=watch.peak,
        whole=time.perf_counter() - began,
        score=report.right / report.n,
    )


def child(arguments: Sequence[str], runs: Mapping[str, Callable[[dict], Result]]) -> None:
    """Run one contender and write its result: CONTENDER JOB OUT."""
    contender, job, out = arguments
    result = runs[contender](json.loads(Path(job).read_text("utf-8")))
    Path(out).write_text(json.dumps(asdict(result)), "utf-8")


# --- what is measured ----------------------------------------------------------------------------


def usual_options(
    parser: argparse.ArgumentParser, *, titles: Mapping[str, str], batch_size: int
) -> None:
    """What can be asked of every contest."""
    parser.add_argument("--batch-size", type=int, default=batch_size)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(titles), default=list(titles))
    parser.add_argument("--out", type=Path, help="write every result as JSON")


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for one contest. What the computer can do is measured afresh in it, and a person's
    own settings stay untouched.
    """
    with tempfile.TemporaryDirectory() as name:
        os.environ["ZEROAPP_HOME"] = str(Path(name) / "home")
        yield Path(name)


def planned(
    folder: Path,
    *,
    task: str,
    paths: Sequence[Path],
    roles: Mapping[str, str | None],
    options: Mapping[str, Any],
) -> "TrainPlan":
    """A project in folder/project with the files imported and checked; the app's plan for it.

    roles: columns by part, guessed where none is given. options: of PlanOptions.
    """
    from zeroapp.data.importing import import_paths
    from zeroapp.engine.planner import make_plan
    from zeroapp.plan import PlanOptions
    from zeroapp.project import Project
    from zeroapp.protocol import Check
    from zeroapp.work import Silent
    from zeroapp.worker.dispatch import perform
    from zeroapp.worker.seat import Seat

    place = folder / "project"
    asked = PlanOptions(ranks=1, **options)
    with Project.create(place, task=task) as project:
        import_paths(project, paths, Silent())
        if roles and all(roles.values()):
            project.set_roles({role: column for role, column in roles.items() if column})
        project.set_options(asked)  # the check counts tokens of the base that is asked for
        seat = Seat(folder=str(folder), rank=0, ranks=1, store="")
        perform(Check(project=str(place)), seat, Silent())
        return make_plan(project, asked, Silent()).plan


def labelled(folder: Path, plan: "TrainPlan") -> dict:
    """The job of a task with labels: the plan, and its rows as pairs of text and label."""
    import msgspec

    from zeroapp import models
    from zeroapp.dataset import Part
    from zeroapp.project import Project
    from zeroapp.work import Silent

    with Project.open(folder / "project") as project:
        parts = project.parts(version=plan.data_version, seed=plan.seed)
    rows = {part: [(e.text, e.label) for e in parts[part]] for part in (Part.train, Part.test)}
    return {
        "project": str(folder / "project"),
        "plan": msgspec.to_builtins(plan),
        "base": str(models.prepare(plan.base, Silent())),
        "labels": list(plan.labels),
        "seed": plan.seed,
        "epochs": plan.epochs,
        "trainer_epochs": plan.epochs,
        "batch_size": plan.batch_size,
        "max_length": plan.max_length,
        "train": rows[Part.train],
        "test": rows[Part.test],
    }


def environment(job: dict, *, ours: bool) -> dict[str, str]:
    """What zeroapp's launcher tells the libraries in its ranks; others hear what fits them too.

    On a busy computer, threads that wait by spinning would cost the others time that is not the
    fault of their training. How glibc frees memory is ours alone (decision 048).
    """
    import msgspec

    from zeroapp.plan import TrainPlan
    from zeroapp.protocol import Train
    from zeroapp.worker.environment import plan_environment, rank_environment

    if not ours:
        return rank_environment()
    order = Train(project=job["project"], plan=msgspec.convert(job["plan"], TrainPlan))
    return rank_environment() | plan_environment(order)


def measure(contest: Contest, contender: str, job: dict, folder: Path) -> Result:
    """One contender in a fresh process."""
    out, log, job_file = folder / "result.json", folder / f"{contender}.log", folder / "job.json"
    out.unlink(missing_ok=True)
    told = os.environ | environment(job, ours=contender == OURS)
    command = [sys.executable, str(contest.script), "--child", contender, str(job_file), str(out)]
    with log.open("a", encoding="utf-8") as stream:
        code = subprocess.call(command, env=told, stdout=stream, stderr=stream)
    if code != 0:
        sys.exit(f"{contest.titles[contender]} failed:\n{log.read_text('utf-8')[-3000:]}")
    return Result(**json.loads(out.read_text("utf-8")))


Rounds = list[dict[str, Result]]


def compete(
    contest: Contest, job: dict, folder: Path, *, only: Sequence[str], rounds: int
) -> Rounds:
    """Every contender in every round, each round begun with another one."""
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    found: Rounds = []
    for number in range(rounds):
        turn = number % len(only)
        results = {}
        for contender in [*only[turn:], *only[:turn]]:
            results[contender] = result = measure(contest, contender, job, folder)
            print(
                f"round {number + 1}: {contest.titles[contender]}: {result.rate:.1f} "
                f"{contest.unit}/s, {contest.score} {result.score:.4f}; load {_load()}",
                flush=True,
            )
        found.append({contender: results[contender] for contender in only})
    return found


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


# --- what is told --------------------------------------------------------------------------------


def spread(values: Sequence[float], form: str) -> str:
    """Median, with the smallest and largest."""
    middle = format(statistics.median(values), form)
    return f"{middle} ({format(min(values), form)} to {format(max(values), form)})"


def tell(contest: Contest, rounds: Rounds) -> None:
    """Every contender's figures, then zeroapp's as ratios to each of the others."""
    print(f"\n{len(rounds)} rounds. Median (smallest to largest).\n")
    for name in rounds[0]:
        runs = [results[name] for results in rounds]
        print(contest.titles[name])
        print(f"  {contest.unit + ' a second':18} {spread([r.rate for r in runs], '.1f')}")
        print(f"  training, seconds  {spread([r.seconds for r in runs], '.1f')}")
        print(f"  CPU seconds        {spread([r.cpu for r in runs], '.1f')}")
        print(f"  peak, MB           {spread([r.peak / 1e6 for r in runs], '.0f')}")
        print(f"  rows to verdict, s {spread([r.whole for r in runs], '.1f')}")
        print(f"  {contest.score:18} {spread([r.score for r in runs], '.4f')}\n")
    for name in rounds[0]:
        if name != OURS and OURS in rounds[0]:
            _tell_ratios(contest, name, [(results[OURS], results[name]) for results in rounds])


def _tell_ratios(contest: Contest, name: str, pairs: list[tuple[Result, Result]]) -> None:
    faster = [ours.rate / theirs.rate for ours, theirs in pairs]
    cheaper = [theirs.cost / ours.cost for ours, theirs in pairs]
    sooner = [theirs.seconds / ours.seconds for ours, theirs in pairs]
    smaller = [ours.peak / theirs.peak for ours, theirs in pairs]
    better = [ours.score - theirs.score for ours, theirs in pairs]
    print(
        f"zeroapp against {contest.titles[name]}: {spread(faster, '.2f')} times the "
        f"{contest.unit} a second, {spread(cheaper, '.2f')} times less CPU a pass; trained "
        f"{spread(sooner, '.2f')} times as soon, {spread(smaller, '.2f')} of the memory, "
        f"{contest.score} {spread(better, '+.4f')}"
    )


def write(rounds: Rounds, out: Path | None) -> None:
    """Every result as JSON, where a file is asked for."""
    if out:
        told = [{key: asdict(result) for key, result in results.items()} for results in rounds]
        out.write_text(json.dumps(told, indent=2), "utf-8")
