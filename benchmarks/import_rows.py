"""How fast rows come into a project, and how much memory that takes.

    benchmarks/import_rows.py [--rows 1000000] [--format csv|jsonl|parquet|all]

Each format is imported in a process of its own into a project on the disk of --folder. Printed are
rows a second, CPU seconds, the peak of the resident memory, and how many seconds a stop took.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = (
    *("where", "is", "my", "order", "refund", "card", "please", "help", "money", "back"),
    *("late", "broken", "pay", "bill", "login"),
)
KINDS = ("order", "refund", "payment", "account", "other")


def made(rows: int) -> Iterator[tuple[str, str]]:
    """The same made-up rows each time: about 100 bytes each."""
    draw = random.Random(7)
    for number in range(rows):
        text = " ".join(draw.choices(WORDS, k=14))
        yield f"{text}, number {number}", draw.choice(KINDS)


def write(folder: Path, *, kind: str, rows: int) -> Path:
    """A file of this kind with that many rows."""
    path = folder / f"rows.{kind}"
    if kind == "parquet":
        from arro3.core import Array, DataType, Table
        from arro3.io import write_parquet

        columns = zip(*made(rows), strict=True)
        arrays = {
            name: Array(values, type=DataType.string())
            for name, values in zip(("message", "kind"), columns, strict=True)
        }
        write_parquet(Table.from_pydict(arrays), path)
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            csv.writer(file).writerows([("message", "kind"), *made(rows)])
        else:
            for message, label in made(rows):
                file.write(json.dumps({"message": message, "kind": label}) + "\n")
    return path


def peak_mb() -> float:
    """The most this process ever held; getrusage would count what its parent held before."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


def measure(path: Path, *, folder: Path, stop_after: float) -> dict[str, float]:
    """Import in this process; stop_after: seconds until a stop is wanted (0: never)."""
    sys.path.insert(0, str(ROOT))
    from zeroapp import tasks
    from zeroapp.data.importing import import_paths
    from zeroapp.project import Project
    from zeroapp.protocol import Progressed
    from zeroapp.work import Stopped

    class Watching:
        def __init__(self) -> None:
            self.began = time.monotonic()
            self.progress = 0

        def say(self, event: object) -> None:
            self.progress += isinstance(event, Progressed)

        def stop_wanted(self) -> bool:
            return bool(stop_after) and time.monotonic() - self.began > stop_after

        def pause_wanted(self) -> bool:
            return False

    with Project.create(folder, task=tasks.default().key) as project:
        before = peak_mb()
        work, began, cpu = Watching(), time.monotonic(), time.process_time()
        stopped = 0.0
        try:
            import_paths(project, [path], work)
        except Stopped:
            stopped = time.monotonic() - work.began - stop_after
        return {
            "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu,
            "peak_mb": peak_mb(), "before_mb": before, "rows": project.count(),
            "progress": work.progress, "stopped": stopped,
        }  # fmt: skip


def main() -> None:
    """Measure every format, each in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", default="all", choices=("csv", "jsonl", "parquet", "all"))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--stop-after", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        found = measure(options.measure, folder=options.folder, stop_after=options.stop_after)
        print(json.dumps(found))
        return
    kinds = ("csv", "jsonl", "parquet") if options.format == "all" else (options.format,)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for kind in kinds:
            path = write(folder, kind=kind, rows=options.rows)
            for stop_after in (0.0, 2.0):
                again = [sys.executable, __file__, "--measure", str(path)]
                again += ["--folder", str(folder / f"{kind}{stop_after}")]
                again += ["--stop-after", str(stop_after)]
                done = subprocess.run(again, check=True, capture_output=True, text=True)
                found = json.loads(done.stdout)
                print(kind, f"{path.stat().st_size / 2**20:.0f} MB", found, flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
