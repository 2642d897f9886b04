"""Broken files by the million against every importer: does one of them crash, hang or get out?

    benchmarks/fuzz_import.py [--inputs 1000000] [--seed 1] [--state FILE] [--families csv,xlsx,...]

Each input is a small file or folder of `fuzz_seeds.py`, damaged at random. A worker process imports
one after the other, by the app's own import, into one project, and takes each back. What must hold:
only an AppError may be raised; rows in = rows stored + rows set aside, counted anew where lines can
be counted by hand; every stored row can be read again; the input is as it was; no input takes more
than --seconds of processor time or 3 GiB. An audit hook refuses every write outside the project's
folder, every other program and every connection. A bad input is kept in --keep with its trace.

What was tried is written to --state every few hundred inputs, so that the next call goes on there.
Printed at the end: inputs by family and outcome, inputs a second, failures.
"""

import argparse
import json
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fuzz_seeds import ROOT, Input, Seeds, damaged, families

sys.path[:0] = [str(ROOT)]

from zeroapp.data import parquet_stream  # noqa: E402 - from this copy
from zeroapp.programs import script_command  # noqa: E402

MEMORY = 3 << 30
LIFE = 20_000
"""Inputs of one worker process: what libraries leak stays small."""

TELL_EVERY = 500
WALL = 12
"""Times --seconds by the clock, after which a worker that cannot be woken is ended."""

LOOK = 0.5
"""Seconds between two looks at a worker. Looks are counted, so that a sleep of both is no hang."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {
    # event: (which arguments are places, which are the folders they are seen from)
    **dict.fromkeys(("os.remove", "os.rmdir"), ((0,), (1,))),
    **dict.fromkeys(("os.rename", "os.link"), ((0, 1), (2, 3))),
    **dict.fromkeys(("os.mkdir", "os.chmod"), ((0,), (2,))),
    **dict.fromkeys(("os.symlink", "os.truncate", "os.utime", "os.chown"), ((0, 1), ())),
    **dict.fromkeys(("sqlite3.connect", "shutil.move"), ((0, 1), ())),
}
STARTING = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork")
CALLING = ("socket.connect", "socket.bind", "socket.sendto", "urllib.", "http.", "ftplib.")


class Hangs(BaseException):
    """An input took too long; no importer may swallow it."""


class Guard:
    """Refuses, while it is up, every write outside one folder, other programs and connections."""

    def __init__(self, folder: Path) -> None:
        self._folder = f"{folder.resolve()}{os.sep}"
        self.up = False
        self.broken: list[str] = []
        sys.addaudithook(self._look)

    def _look(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.up:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & WRITING:
                self._look_at(event, args[0], seen_from=-1)
        elif event in CHANGING:
            places, folders = CHANGING[event]
            for at, place in enumerate(places):
                seen_from = args[folders[at]] if at < len(folders) else -1
                if place < len(args):
                    self._look_at(event, args[place], seen_from=seen_from)
        elif event.startswith((*STARTING, *CALLING)) and not is_reader(args):
            self._refuse(f"{event} {args}")

    def _look_at(self, event: str, place: object, *, seen_from: int) -> None:
        """Refuse a change of a place outside. seen_from: the open folder that it is named from."""
        if not isinstance(place, str | bytes | os.PathLike) or place == os.devnull:
            return
        folder = f"/proc/self/fd/{seen_from}" if seen_from >= 0 else ""
        name = os.fsdecode(place).removeprefix("file://").partition("?")[0]
        if not f"{os.path.realpath(Path(folder, name))}{os.sep}".startswith(self._folder):
            self._refuse(f"{event} {place!r}")

    def _refuse(self, what: str) -> None:
        self.broken.append(f"{what}\n{''.join(traceback.format_stack(limit=12))}")
        raise PermissionError(f"the fuzz run does not allow it: {what}")


def is_reader(args: tuple[Any, ...]) -> bool:
    """Whether a program that is started is the app's own reader of Parquet files."""
    return len(args) > 1 and args[1][:-2] == script_command(parquet_stream.__file__)


# --- the worker ----------------------------------------------------------------------------------


class Worker:
    """Imports inputs into a project that is as new before each of them."""

    def __init__(self, folder: Path, *, seconds: float) -> None:
        from zeroapp.data.language import guess_language
        from zeroapp.data.store import Store
        from zeroapp.project import Project

        class Untouched(Store):
            """Every transaction is looked over at its end and taken back."""

            def again(self) -> "Untouched":
                return self

            def close(self) -> None:
                """Stays open for the next input."""

            def settle(self) -> None:
                """Nothing was written."""

            @contextmanager
            def transaction(self) -> Iterator[None]:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self.seen, self.odd = looked_over(self)
                finally:
                    self._connection.execute("ROLLBACK")

        self._project = folder / "project"
        self._inputs = folder / "inputs"
        Project.create(self._project).close()
        self._before = {entry.name for entry in self._project.iterdir()} | {"files"}
        self._store = Untouched(self._project / "project.db")
        self._seconds = seconds
        guess_language(["a text"])  # its library unpacks its model once, into a nameless file
        self._guard = Guard(self._project)

    def tried(self, one: Input) -> tuple[str, str]:
        """How it went: "stored" or an error's code; and what went wrong, "" when all is well."""
        shutil.rmtree(self._inputs, ignore_errors=True)
        for name, data in one.files.items():
            place = self._inputs / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        self._store.seen, self._store.odd = {}, ""
        outcome, fault = self._imported(self._inputs / one.named)
        fault += self._store.odd + "".join(self._guard.broken) + self._left()
        if not fault and outcome == "stored":
            fault = miscounted(one, said=self._store.seen)
        self._guard.broken.clear()
        return outcome, fault + self._changed(one)

    def _imported(self, path: Path) -> tuple[str, str]:
        from zeroapp.data.importing import import_paths
        from zeroapp.errors import AppError
        from zeroapp.work import Silent

        holder = SimpleNamespace(store=self._store)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        self._guard.up = True
        try:
            import_paths(holder, [path], Silent())  # type: ignore[arg-type]
        except AppError as error:
            return error.code, ""
        except (Exception, Hangs):  # noqa: BLE001 - what is looked for
            return "fault", traceback.format_exc()
        finally:
            self._guard.up = False
            signal.setitimer(signal.ITIMER_PROF, 0)
        return "stored", ""

    def _left(self) -> str:
        """What lies in the project that should not; kept pictures are removed for the next one."""
        extra = {entry.name for entry in self._project.iterdir()} - self._before
        extra -= {"project.db-wal", "project.db-shm"}
        shutil.rmtree(self._project / "files", ignore_errors=True)
        return f"left in the project: {extra}" if extra else ""

    def _changed(self, one: Input) -> str:
        there = {p.relative_to(self._inputs).as_posix() for p in self._inputs.rglob("*")}
        there = {name for name in there if (self._inputs / name).is_file()}
        if there != set(one.files):
            return f"files came or went: {there ^ set(one.files)}"
        same = all((self._inputs / n).read_bytes() == data for n, data in one.files.items())
        return "" if same else "the input was changed"


def looked_over(store: Any) -> tuple[dict[str, int], str]:
    """What was stored, before it is taken back; and what does not add up."""
    fault = ""
    files = store.files()
    for file in files:
        if file.rows_in != file.rows_stored + file.rows_set_aside:
            fault += f"rows do not add up: {file}"
    if not sum(1 for _ in store.rows()) == store.count() == sum(f.rows_stored for f in files):
        fault += "not every row can be read again"
    said = Counter({repair.kind: repair.count for repair in store.repairs()})
    said["rows"] = sum(file.rows_in for file in files)
    said["files"] = len(files)
    return said, fault


def miscounted(one: Input, *, said: dict[str, int]) -> str:
    """For files whose rows can be counted by their lines alone: when the rows are not as many."""
    data = next(iter(one.files.values()))
    suffix = Path(one.named).suffix
    countable = suffix in (".csv", ".tsv", ".jsonl") and data.isascii() and said["files"] == 1
    if not countable or any(sign in data for sign in (b'"""', b"\r", b"\0")):
        return ""
    if suffix == ".jsonl":
        if data.lstrip()[:1] != b"{" or b"\n  " in data:  # objects over several lines
            return ""
        # several objects may stand on one line, and one may go on below
        missing = sum(line.lstrip()[:1] == b"{" for line in data.split(b"\n")) - said["rows"]
        return f"{missing} lines are missing" if missing > 0 else ""
    if b'"' in data:
        return ""
    lines = sum(bool(line.strip()) for line in data.decode().split("\n"))
    # names of columns, and a line of Excel's that names the delimiter, are no rows
    left_out = 2 + sum(said.get(kind, 0) for kind in ("empty-rows", "title-rows", "header-again"))
    missing = lines - said["rows"]
    return "" if 0 <= missing <= left_out else f"{missing} lines are missing"


def work(options: argparse.Namespace) -> None:
    """Import some inputs; says every few hundred what came of them."""
    import warnings

    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _hangs)
    with options.pulse.open("r+b") as file:
        pulse = mmap.mmap(file.fileno(), 8)
    seeds = chosen(options.families)
    worker = Worker(options.work, seconds=options.seconds)
    told: Counter[str] = Counter()
    skipped = set(map(int, filter(None, options.skip.split(","))))
    last = min(options.first + LIFE, options.inputs)
    for number in range(options.first, last):
        if number not in skipped:
            pulse[:] = struct.pack("q", number)
            one = damaged(seeds, random.Random(f"{options.seed}-{number}"))
            outcome, fault = worker.tried(one)
            told[f"{one.family} {outcome if not fault else 'fault'}"] += 1
            if fault:
                kept(one, fault=fault, number=number, options=options)
        if (number + 1) % TELL_EVERY == 0 or number + 1 == last:
            print(json.dumps({"next": number + 1, "told": told}), flush=True)
            told.clear()


def _hangs(*_: object) -> None:
    raise Hangs


def kept(one: Input, *, fault: str, number: int, options: argparse.Namespace) -> None:
    """Keep a bad input and its trace, and say so."""
    folder = options.keep / f"{options.seed}-{number}"
    for name, data in one.files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (folder / "trace.txt").write_text(f"{one.family} {one.named}\n{fault}")
    print(
        f"#{number} {one.family} {one.named}: {fault.strip()[-300:]}", file=sys.stderr, flush=True
    )


def chosen(names: str) -> Seeds:
    """The seeds of these families (with commas), or of all."""
    found = families()
    return {name: found[name] for name in names.split(",")} if names else found


# --- the parent ----------------------------------------------------------------------------------


class Run:
    """One run from its state on: worker after worker until all inputs were tried."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        state = json.loads(options.state.read_text()) if options.state.exists() else {}
        self.next: int = state.get("next", 0)
        self.told: Counter[str] = Counter(state.get("told", {}))
        self.skipped: list[int] = state.get("skipped", [])
        self.seconds: float = state.get("seconds", 0.0)

    def run(self) -> None:
        """Go on until all inputs were tried."""
        while self.next < self._options.inputs:
            with tempfile.TemporaryDirectory(dir=self._options.folder) as name:
                self._one_life(Path(name))

    def _one_life(self, folder: Path) -> None:
        options, began = self._options, time.monotonic()
        pulse = folder / "pulse"
        pulse.write_bytes(struct.pack("q", -1))
        call = [sys.executable, __file__, "--work", str(folder), "--pulse", str(pulse)]
        for name in ("seed", "inputs", "seconds", "families", "keep"):
            call += [f"--{name}", str(getattr(options, name))]
        call += ["--first", str(self.next), "--skip", ",".join(map(str, self.skipped))]
        with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            os.set_blocking(process.stdout.fileno(), False)
            seen, looks, hung = -1, 0, False
            while True:
                running = process.poll() is None
                for line in process.stdout:
                    self._note(line, passed=time.monotonic() - began)
                    began = time.monotonic()
                if not running:
                    break
                (number,) = struct.unpack("q", pulse.read_bytes())
                looks = looks + 1 if number == seen else 0
                seen = number
                if looks * LOOK > WALL * options.seconds:
                    hung = True
                    process.kill()
                time.sleep(LOOK)
        if process.returncode:
            (number,) = struct.unpack("q", pulse.read_bytes())
            self._died(
                max(number, self.next), how="hangs" if hung else f"dies ({process.returncode})"
            )

    def _note(self, line: str, *, passed: float) -> None:
        said = json.loads(line)
        self.next = said["next"]
        self.told.update(said["told"])
        self.seconds += passed
        self._keep()

    def _died(self, number: int, *, how: str) -> None:
        """The inputs since the last word are tried once more, this one left out."""
        one = damaged(
            chosen(self._options.families), random.Random(f"{self._options.seed}-{number}")
        )
        kept(one, fault=how, number=number, options=self._options)
        self.told[f"{one.family} fault"] += 1
        self.skipped.append(number)
        self._keep()

    def _keep(self) -> None:
        state = {"next": self.next, "told": self.told, "skipped": self.skipped}
        part = self._options.state.with_suffix(".part")
        part.write_text(json.dumps({**state, "seconds": self.seconds}))
        part.replace(self._options.state)

    def shown(self) -> str:
        """Inputs by family and outcome."""
        by_family: dict[str, Counter[str]] = {}
        for key, count in self.told.items():
            family, outcome = key.split(" ")
            by_family.setdefault(family, Counter())[outcome] += count
        lines = [
            f"{family:9} {sum(found.values()):9,}  "
            + ", ".join(f"{outcome} {count:,}" for outcome, count in found.most_common())
            for family, found in sorted(by_family.items())
        ]
        faults = sum(count for key, count in self.told.items() if key.endswith(" fault"))
        total = sum(self.told.values())
        lines.append(
            f"{total:,} inputs in {self.seconds:.0f} s ({total / max(1, self.seconds):.0f} a"
            f" second), failures: {faults}"
        )
        return "\n".join(lines)


def main() -> None:
    """Try the inputs; worker processes one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    keep = Path(tempfile.gettempdir()) / "fuzz_import"
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0, help="processor time of one input")
    parser.add_argument("--families", default="", help="with commas; default: all")
    parser.add_argument("--folder", type=Path, help="where to work (a disk in memory is fastest)")
    parser.add_argument("--keep", type=Path, default=keep, help="where bad inputs are kept")
    parser.add_argument("--state", type=Path, help="default: in --keep")
    for name, kind in (("work", Path), ("pulse", Path), ("first", int), ("skip", str)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    options.state = options.state or options.keep / "state.json"
    if options.work:
        work(options)
        return
    run = Run(options)
    try:
        run.run()
    except KeyboardInterrupt:
        print("Stopped; the next call goes on from here.")
    print(run.shown())
    sys.exit(any(key.endswith(" fault") for key in run.told))


if __name__ == "__main__":
    main()
