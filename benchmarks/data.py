"""How quick the data side is, as ratios and figures.

    benchmarks/data.py [--rows 1000000] [--folder DIR]

- import: a CSV of a million rows (about 100 MB) into a project, against DuckDB's read_csv of it
  into a table on disk (`pip install duckdb`: a peer for this measurement, no part of the app)
- scrolling: 2,000 jumps to any place among all rows, as the table in the window reads them; the
  ids of all rows once
- mending: renaming a label in all rows, undoing it, reading all rows under 10,000 edits
- duplicates: rows that repeat a text among 100,000
- labels: the whole deeper check of 10,000 rows, embedding them included, as the worker does it

Each part runs in a process of its own, so that its memory is its own. Printed is JSON, a line each.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from import_rows import peak_mb, write

ROOT = Path(__file__).resolve().parents[1]
JUMPS = 2000
EDITS = 10_000
SAME = 100_000
LABELLED = 10_000


def timed(call: Callable[[], object]) -> float:
    """Seconds the call took."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def spent(call: Callable[[], object]) -> dict[str, float]:
    """Seconds the call took, by the clock and of processors: the latter say less of the company."""
    began = time.process_time()
    seconds = timed(call)
    return {"seconds": seconds, "processor_seconds": time.process_time() - began}


def import_here(path: Path, project: Path) -> dict[str, float]:
    """Our import: seconds, and the most memory it held."""
    from zeroapp import tasks
    from zeroapp.data.importing import import_paths
    from zeroapp.project import Project
    from zeroapp.work import Silent

    with Project.create(project, task=tasks.default().key) as made:
        took = spent(lambda: import_paths(made, [path], Silent()))
        return {**took, "peak_mb": peak_mb(), "rows": made.count()}


def duckdb_here(path: Path, folder: Path) -> dict[str, float]:
    """DuckDB's read_csv into a table of a database file."""
    import duckdb  # the peer of this measurement alone

    with duckdb.connect(str(folder / "peer.duckdb")) as peer:
        took = spent(lambda: peer.read_csv(str(path)).create("rows"))
        return {**took, "peak_mb": peak_mb()}


def scroll_here(project: Path) -> dict[str, float]:
    """Jumps through all rows, a window of 128 rows each."""
    from zeroapp.project import Project

    dice = random.Random(1)
    with Project.open(project) as opened:
        began = time.monotonic()
        ids = opened.store.row_ids()
        listed = time.monotonic() - began
        places = [dice.randrange(len(ids)) // 128 * 128 for _ in range(JUMPS)]
        jumps = sorted(
            timed(lambda at=at: opened.store.rows_of(ids[at : at + 128])) for at in places
        )
        return {
            "ids_seconds": listed, "median_ms": 1000 * jumps[JUMPS // 2],
            "p99_ms": 1000 * jumps[JUMPS * 99 // 100], "slowest_ms": 1000 * jumps[-1],
        }  # fmt: skip


def mend_here(project: Path) -> dict[str, float]:
    """Edits among all rows."""
    from zeroapp.data import editing
    from zeroapp.edits import CellsSet
    from zeroapp.project import Project

    with Project.open(project) as opened:
        store = opened.store
        read = timed(lambda: sum(1 for _ in store.rows()))
        rename = timed(
            lambda: editing.rename_values(store, ["order"], column="kind", after="orders")
        )
        undo = timed(store.undo)
        edit = CellsSet(column="kind", after="other", count=EDITS)
        ids = store.row_ids()[:: max(1, store.count() // EDITS)][:EDITS]
        many = timed(lambda: store.add_edit(edit, cells=((i, "kind", "other") for i in ids)))
        one = timed(lambda: editing.set_cells(store, ids[:1], column="message", value="x"))
        after = timed(lambda: sum(1 for _ in store.rows()))
        return {
            "read_seconds": read, "rename_seconds": rename, "undo_ms": 1000 * undo,
            "edit_10000_rows_ms": 1000 * many, "one_cell_ms": 1000 * one,
            "read_under_edits_seconds": after,
        }  # fmt: skip


def same_here(project: Path) -> dict[str, float]:
    """Exact and near duplicates among the first rows."""
    from itertools import islice

    from zeroapp.data import editing
    from zeroapp.data.nearness import look_for_near
    from zeroapp.project import Project

    with Project.open(project) as opened:
        roles = opened.roles()
        rows = list(islice(opened.store.rows(), SAME))
        exact = timed(lambda: list(editing.duplicates(rows, roles=roles)))
        texts = [row.cells[roles["text"]] for row in rows]
        near = spent(lambda: look_for_near(texts))
        return {
            "rows": len(rows), "exact_seconds": exact, "near_seconds": near["seconds"],
            "near_processor_seconds": near["processor_seconds"],
        }  # fmt: skip


def labels_here(path: Path, folder: Path) -> dict[str, float]:
    """The deeper checks of the first rows from end to end, and the one of labels among them."""
    from itertools import islice

    from zeroapp import protocol, tasks
    from zeroapp.data.importing import import_paths
    from zeroapp.project import Project
    from zeroapp.work import Silent
    from zeroapp.worker.dispatch import perform
    from zeroapp.worker.seat import Seat

    few, place = folder / "few.csv", folder / "few"
    with path.open(encoding="utf-8") as lines:
        few.write_text("".join(islice(lines, LABELLED + 1)), "utf-8")
    with Project.create(place, task=tasks.default().key) as project:
        import_paths(project, [few], Silent())
        job, seat = (
            protocol.Inspect(project=str(place)),
            Seat(folder=str(place), rank=0, ranks=1, store=""),
        )
        took = spent(lambda: perform(job, seat, Silent()))
        looks = {f"{look.name}_seconds": look.seconds for look in project.store.looks()}
        return {"rows": project.count(), **took, **looks, "peak_mb": peak_mb()}


def main() -> None:
    """Run every part in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        sys.path.insert(0, str(ROOT))
        path, project = options.folder / "rows.csv", options.folder / "project"
        parts: dict[str, Callable[[], dict[str, float]]] = {
            "import": lambda: import_here(path, project),
            "duckdb": lambda: duckdb_here(path, options.folder),
            "scroll": lambda: scroll_here(project),
            "mend": lambda: mend_here(project),
            "duplicates": lambda: same_here(project),
            "labels": lambda: labels_here(path, options.folder),
        }
        print(json.dumps(parts[options.part]()))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        path = write(Path(name), kind="csv", rows=options.rows)
        found: dict[str, dict[str, float]] = {}
        for part in ("import", "duckdb", "scroll", "mend", "duplicates", "labels"):
            call = [sys.executable, __file__, "--part", part, "--folder", name]
            done = subprocess.run(call, capture_output=True, text=True, check=False)
            if done.returncode:
                print(part, "could not run:", done.stderr.strip().splitlines()[-1], flush=True)
                continue
            found[part] = json.loads(done.stdout)
            print(part, json.dumps({k: round(v, 3) for k, v in found[part].items()}), flush=True)
        print(f"file: {path.stat().st_size / 2**20:.0f} MB")
        if "duckdb" in found:
            for kind in ("seconds", "processor_seconds"):
                ratio = found["import"][kind] / found["duckdb"][kind]
                print(f"import takes {ratio:.1f} times the {kind} of DuckDB's read_csv")


if __name__ == "__main__":
    main()
