"""How well memory is foretold: the dry run's prediction beside what real ranks held at their peak.

    .venv/bin/python benchmarks/memory.py [--quick] [--only WORD] [--plenty] [--json FILE]
    .venv/bin/python benchmarks/memory.py --random 12 --seed 1

Every configuration is predicted in one fresh process and trained for twelve steps in others, one a
rank, with the environment that the app gives its ranks under a memory limit (with --plenty: without
one). --random draws configurations of all tasks instead of taking those that the constants were
fitted on. Measured is VmHWM (Linux) over all steps, the first too: it may be the fullest. What
the arithmetic cannot know is what Python, torch and transformers add while they work
(`estimate.WORKING`); the last column fits it anew for each row from all other rows (leave one
out), so that no row helps itself.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from memory_cases import Case, chosen, drawn, folder_of, rows_of  # noqa: E402 - needs the path

MIB = 2**20
PROMISED = 0.03


QUICK = 4


# --- in processes of their own -------------------------------------------------------------------


def _set_up(request: dict[str, Any]) -> tuple[Any, Any, list[Any]]:
    """The plan, the heavy half and the rows."""
    import msgspec

    from zeroapp.engine.heavy import half_of
    from zeroapp.plan import TrainPlan

    plan = msgspec.convert(request["plan"], TrainPlan)
    task = half_of(plan, Path(request["base"]))
    return plan, task, rows_of(request, task)


def predict(request: dict[str, Any]) -> dict[str, Any]:
    """What the dry run says, in the process of a MakePlan job."""
    import time

    import psutil

    from zeroapp import estimate
    from zeroapp.engine.dry_run import tensor_bytes
    from zeroapp.engine.memory_seen import libraries_bytes

    libraries = libraries_bytes()
    plan, task, rows = _set_up(request)
    held = max(0, psutil.Process().memory_info().rss - libraries)
    began = time.process_time()
    held += task.keeps(rows) + estimate.runtime(plan, libraries=libraries) - estimate.WORKING
    parts = tensor_bytes(plan, task, rows)
    return {"parts": parts, "held": held, "seconds": time.process_time() - began}


def train(request: dict[str, Any], rank: int) -> dict[str, Any]:
    """Real steps of one rank, as a run takes them and watches them."""
    from zeroapp.engine import training_run as _loaded  # noqa: F401 - a run has all of it
    from zeroapp.engine.batches import Order
    from zeroapp.engine.checkpoint import Checkpoints
    from zeroapp.engine.device import use_threads
    from zeroapp.engine.fine_tune import learner
    from zeroapp.engine.gang import Gang
    from zeroapp.engine.loop import Loop
    from zeroapp.engine.memory_seen import MemoryWatch
    from zeroapp.engine.run_parts import Run
    from zeroapp.run_folder import RunFolder
    from zeroapp.work import Silent

    plan, task, rows = _set_up(request)
    folder = RunFolder(Path(request["scratch"]) / "run")
    gang = Gang(rank=rank, ranks=plan.ranks, store=Path(request["scratch"]) / "store")
    run = Run(
        plan=plan,
        folder=folder,
        gang=gang,
        work=Silent(),
        training=task,
        parts={},
        train=rows,
        validation=[],
    )
    use_threads(plan, gang)
    made = learner(run, None)
    made.model.train()
    order = Order(batch_size=plan.batch_size, seed=plan.seed, packing=task.packs)
    loop = Loop(
        plan=plan,
        training=task,
        model=made.model,
        optimizer=made.optimizer,
        examples=rows,
        gang=gang,
        checkpoints=Checkpoints(folder.checkpoints, gang=gang),
        work=Silent(),
        on_epoch=lambda reached: reached,
    )
    watch = MemoryWatch()
    with watch.watching():
        for number, step in enumerate(order.steps(rows, epoch=0), start=1):
            loop._step(step, step=number)  # noqa: SLF001 - the very step that training takes
    gang.leave()
    return {"peak": watch.training}


def member() -> None:
    """Entry of a process: `--member REQUEST RANK`; rank -1 predicts."""
    request, rank = json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    result = predict(request) if rank < 0 else train(request, rank)
    Path(f"{request['scratch']}/result-{rank}.json").write_text(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)


# --- the comparison ------------------------------------------------------------------------------


def run_case(case: Case, folder: Path, *, limit: int) -> dict[str, Any]:
    """Predicted and measured bytes of the fullest rank. limit: of the plan; 0 is none."""
    import msgspec

    from zeroapp import protocol as p
    from zeroapp.plan import PlanOptions, TrainPlan
    from zeroapp.worker.environment import plan_environment, rank_environment

    with tempfile.TemporaryDirectory() as scratch:
        fields = {"task": case.task, "base": str(folder), "data_version": "v", "labels": ["a", "b"]}
        fields |= {"batch_size": case.rows, "epochs": 1, "memory_limit": limit} | case.plan
        request = Path(scratch) / "request.json"
        asked = {"plan": fields, "base": str(folder), "scratch": scratch}
        request.write_text(json.dumps(asked | {"rows": case.rows, "length": case.length}))
        plan = msgspec.convert(fields, TrainPlan)
        env = os.environ | rank_environment()
        planning = plan_environment(p.MakePlan(project="", options=PlanOptions()))
        training = plan_environment(p.Train(project="", plan=plan))
        foretold = _ended(request, [-1], env | planning)[0]
        seen = _ended(request, list(range(plan.ranks)), env | training)
    return {
        "case": case.title,
        "parts": foretold["parts"],
        "tensors": sum(foretold["parts"].values()) + foretold["held"],
        "peak": max(one["peak"] for one in seen),
        "seconds": foretold["seconds"],
    }


def _ended(request: Path, ranks: list[int], env: dict[str, str]) -> list[dict[str, Any]]:
    command = [sys.executable, str(Path(__file__).resolve()), "--member", str(request)]
    processes = [
        subprocess.Popen([*command, str(rank)], env=env, stderr=subprocess.PIPE, text=True)
        for rank in ranks
    ]
    for process in processes:
        _, errors = process.communicate(timeout=600)
        if process.returncode:
            raise RuntimeError(errors[-3000:])
    return [json.loads((request.parent / f"result-{rank}.json").read_text()) for rank in ranks]


def report(results: list[dict[str, Any]]) -> None:
    """The table: the shipped constant, and the one fitted without the row itself."""
    from zeroapp import estimate

    gaps = [one["peak"] - one["tensors"] for one in results]
    print(f"\n{'':62} predicted  measured   error   leave one out")
    errors, blind = [], []
    for number, one in enumerate(results):
        others = gaps[:number] + gaps[number + 1 :]
        fitted = statistics.median(others) if others else estimate.WORKING
        errors.append((one["tensors"] + estimate.WORKING) / one["peak"] - 1)
        blind.append((one["tensors"] + fitted) / one["peak"] - 1)
        print(
            f"{one['case']:62} {(one['tensors'] + estimate.WORKING) / MIB:7.0f}   "
            f"{one['peak'] / MIB:7.0f}  {100 * errors[-1]:+6.1f} %  {100 * blind[-1]:+6.1f} %"
        )
    print(
        f"\nconstant shipped {estimate.WORKING / MIB:.0f} MiB, median here "
        f"{statistics.median(gaps) / MIB:.0f} MiB"
    )
    for name, found in (("shipped", errors), ("leave one out", blind)):
        worst = max(found, key=abs)
        within = sum(abs(error) <= PROMISED for error in found)
        print(f"{name}: {within} of {len(found)} within 3 %; worst {100 * worst:+.1f} %")


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="only a few small configurations")
    parser.add_argument("--plenty", action="store_true", help="without a memory limit")
    parser.add_argument("--random", type=int, default=0, help="this many, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn")
    parser.add_argument("--only", default="", help="only cases whose title has this in it")
    parser.add_argument("--json", type=Path, help="also write every number here")
    asked = parser.parse_args()
    cases = drawn(asked.random, seed=asked.seed) or chosen()[: QUICK if asked.quick else None]
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            if asked.only not in case.title:
                continue
            folder = folder_of(case.base, Path(scratch))
            try:
                results.append(run_case(case, folder, limit=0 if asked.plenty else 1))
            except RuntimeError as error:
                print(f"{case.title}: did not run\n{error}", file=sys.stderr, flush=True)
                continue
            one = results[-1]
            print(
                f"{one['case']:62} tensors {one['tensors'] / MIB:7.0f}  peak "
                f"{one['peak'] / MIB:7.0f}  gap {(one['peak'] - one['tensors']) / MIB:5.0f} MiB, "
                f"{one['seconds']:.1f} s",
                flush=True,
            )
            if asked.json:
                asked.json.write_text(json.dumps(results, indent=1))
    if results:
        report(results)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--member"]:
        member()
    main()
