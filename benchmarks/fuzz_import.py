"""Broken files by the thousand against every importer: does one of them crash, hang or get out?

    benchmarks/fuzz_import.py [--inputs 50000] [--seed 1] [--workers 1] [--kinds csv,jsonl,...]

Each input is a file of the awkward corpus (`tests/support/awkward.py`) that was damaged at random:
bytes changed, cut, doubled, joined with another; for zip-based formats also their members, packed
anew. It is imported in a worker process with a limit on memory; the parent watches the clock. What
must hold: only an AppError may be raised; rows in = rows stored + rows set aside; the file is as it
was; nothing is written outside the project's folder; no input takes longer than --seconds. A bad
input is kept in --keep with its trace. Printed at the end: inputs tried, inputs a second, failures.
"""

import argparse
import hashlib
import io
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zipfile
import zlib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEMORY = 3 << 30
LONGEST = 1 << 16
TOKENS = (
    *(b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xc3", b"'"),
    *(b"{", b"}", b"[", b"]", b":", b"\\", b"\\u", b"\\ud800", b"NaN", b"1e999", b"-0", b"null"),
    *(b"<", b">", b"&", b"&amp;", b"&#x110000;", b"<!DOCTYPE x [", b"<table>", b"<tr>", b"</td>"),
    *(
        b"From ",
        b"Content-Type: ",
        b"charset=",
        b"multipart/mixed; boundary=x",
        b"--x",
        b"=?utf-8?q?",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"sep=",
        b"# ",
        b"```",
    ),
    *(
        "é".encode(),
        "日本".encode(),
        "\u202e".encode(),
        "\u2028".encode(),
        b"\x1f",
        b"\x0b",
        b"\x1a",
    ),
    *(b"obj", b"endobj", b"stream", b"xref", b"trailer", b"<<", b">>", b"/Pages", b"/Kids", b"R"),
)


def damaged(seeds: list[tuple[str, bytes]], dice: random.Random) -> tuple[str, bytes]:
    """A damaged copy of one of the seeds, with a name whose ending is mostly the right one."""
    name, data = dice.choice(seeds)
    if data[:2] == b"PK" and dice.random() < 0.7:
        data = repacked(data, dice)
    for _ in range(dice.choice((0, 1, 1, 2, 4, 16))):
        data = mutated(data, dice, seeds=seeds)
    if dice.random() < 0.03:
        name = dice.choice(seeds)[0]
    return name, data[:LONGEST]


def repacked(data: bytes, dice: random.Random) -> bytes:
    """The archive with one member damaged inside, so that what reads the member is reached."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = {
                info.filename: source.read(info)
                for info in source.infolist()
                if info.file_size <= LONGEST
            }
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError):
        return data
    if not members:
        return data
    chosen = dice.choice(sorted(members))
    for _ in range(dice.choice((1, 1, 3, 8))):
        members[chosen] = mutated(members[chosen], dice, seeds=[])
    if dice.random() < 0.1:
        odd = ("../up.txt", "/root.txt", "a/../../b.csv", "C:\\x.csv", "a\0b.csv", "x" * 300, "con")
        members[dice.choice(odd)] = members[chosen]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def mutated(data: bytes, dice: random.Random, *, seeds: list[tuple[str, bytes]]) -> bytes:
    """One change at one place."""
    at = dice.randrange(len(data) + 1)
    to = min(len(data), at + dice.choice((1, 1, 2, 4, 16, 64, 512)))
    other = dice.choice(seeds)[1] if seeds and dice.random() < 0.1 else b""
    if other:
        return data[:at] + other[dice.randrange(len(other) + 1) :]
    inner = dice.choice(
        (
            bytes([dice.randrange(256)]) + data[at + 1 : to],
            dice.choice(TOKENS) + data[at:to],
            dice.choice(TOKENS) * dice.choice((2, 100, 3000)) + data[at:to],
            b"",
            data[at:to] * dice.choice((2, 3, 50)),
            dice.randbytes(to - at),
            b"\n".join(reversed(data[at:to].split(b"\n"))),
        )
    )
    return data[:at] + inner + (data[to:] if dice.random() < 0.9 else b"")


# --- the worker ----------------------------------------------------------------------------------


def work(*, seed: int, folder: Path, keep: Path, kinds: frozenset[str]) -> None:
    """Import damaged files for ever; says the number of each before and how it went after."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import warnings

    from support.awkward import CORPUS

    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    seeds = [
        (one.name, one.content)
        for one in CORPUS
        if len(one.content) <= LONGEST and (not kinds or one.name.rpartition(".")[2] in kinds)
    ]
    number = int(sys.stdin.readline())
    while True:
        name, data = damaged(seeds, random.Random(f"{seed}-{number}"))
        print(json.dumps({"began": number, "name": name}), flush=True)
        fault = tried(name, data, folder=folder)
        if fault:
            bad = keep / f"{seed}-{number}-{name}"
            bad.write_bytes(data)
            bad.with_name(f"{bad.name}.trace").write_text(fault)
        print(json.dumps({"ended": number, "fault": fault[-300:]}), flush=True)
        number += 1


def tried(name: str, data: bytes, *, folder: Path) -> str:
    """What went wrong with an input; "" when all is well."""
    from zeroapp import tasks
    from zeroapp.data.importing import import_paths
    from zeroapp.errors import AppError
    from zeroapp.project import Project
    from zeroapp.work import Silent

    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    path = home / name
    path.write_bytes(data)
    fault = ""
    with Project.create(home / "project", task=tasks.default().key) as project:
        before = {entry.name for entry in (home / "project").iterdir()}
        try:
            import_paths(project, [path], Silent())
        except AppError:
            pass
        except Exception:  # noqa: BLE001 - what is looked for
            fault = traceback.format_exc()
        for file in project.files():
            if file.rows_in != file.rows_stored + file.rows_set_aside:
                fault += f"rows do not add up: {file}"
        if sum(1 for _ in project.store.rows()) != project.count():
            fault += "not every row can be read again"
    if hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(data).digest():
        fault += "the file was changed"
    if extra := {entry.name for entry in home.iterdir()} - {name, "project"}:
        fault += f"written beside the project: {extra}"
    if extra := {entry.name for entry in folder.iterdir()} - {"home"}:
        fault += f"written outside: {extra}"
    inside = {entry.name for entry in (home / "project").iterdir()}
    kept = ("project.db", "files")  # rows, and the pictures that were brought in
    if extra := {entry for entry in inside - before if not entry.startswith(kept)}:
        fault += f"left in the project: {extra}"
    return fault


# --- the parent ----------------------------------------------------------------------------------


class Worker:
    """A worker process; a new one when it dies or hangs."""

    def __init__(self, options: argparse.Namespace, *, first: int, count: int) -> None:
        self.options = options
        self.next, self.last = first, first + count
        self.faults: Counter[str] = Counter()
        self.slowest = 0.0

    def run(self) -> None:
        """Go on until all inputs of this worker were tried."""
        while self.next < self.last:
            self._one_life()

    def _one_life(self) -> None:
        options = self.options
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            call = [sys.executable, __file__, "--work", name, "--seed", str(options.seed)]
            call += ["--keep", str(options.keep), "--kinds", options.kinds]
            process = subprocess.Popen(
                call,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{self.next}\n")
            process.stdin.flush()
            began, current, hung = time.monotonic(), "", threading.Event()

            def watch() -> None:
                while process.poll() is None:
                    if time.monotonic() - began > options.seconds:
                        hung.set()
                        process.kill()
                    time.sleep(0.2)

            began = time.monotonic() + 30  # imports
            threading.Thread(target=watch, daemon=True).start()
            for line in process.stdout:
                said = json.loads(line)
                if "began" in said:
                    began, current = time.monotonic(), said["name"]
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.next = said["ended"] + 1
                if said["fault"]:
                    self._bad(current, said["fault"])
                if self.next >= self.last:
                    break
            ended = self.next >= self.last
            process.kill()
            _, error = process.communicate()
            if not ended:
                self._bad(current, "hangs" if hung.is_set() else f"dies: {error[-300:]}")
                self.next += 1

    def _bad(self, name: str, fault: str) -> None:
        self.faults[f"{name.rpartition('.')[2]}: {fault.strip().splitlines()[-1]}"] += 1
        print(f"#{self.next} {name}: {fault}", flush=True)


def main() -> None:
    """Try the inputs, shared out over the workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="longest for one input")
    parser.add_argument("--kinds", default="", help="endings, with commas; default: all")
    parser.add_argument("--folder", type=Path, help="where to work (a disk in memory is fastest)")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz_import")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.work:
        kinds = frozenset(filter(None, options.kinds.split(",")))
        work(seed=options.seed, folder=options.work, keep=options.keep, kinds=kinds)
    share = -(-options.inputs // options.workers)
    workers = [
        Worker(options, first=options.first + n * share, count=share)
        for n in range(options.workers)
    ]
    began = time.monotonic()
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.monotonic() - began
    faults = sum((worker.faults for worker in workers), Counter())
    print(
        f"{share * len(workers):,} inputs in {passed:.0f} s ({share * len(workers) / passed:.0f} a"
        f" second), slowest {max(worker.slowest for worker in workers):.1f} s,"
        f" failures: {sum(faults.values())}"
    )
    for fault, count in faults.most_common():
        print(f"  {count} x {fault}")


if __name__ == "__main__":
    main()
