"""Installs the .deb on a bare Debian and drives it there: `sudo python3 packaging/smoke_test.py DEB`.

Needs root, debootstrap, Xvfb, xdotool and openbox on this machine. The Debian inside has nothing but what the package
declares; the app runs there as an ordinary user with the network off. Prints installed size and
start times, as one JSON object; --picture FILE keeps what the window looked like. --quick leaves
out the whole sample, which takes a quarter of an hour on a busy machine. Of the small app, which
has nothing to work with and no network to fetch it, it sees that it opens and says what it needs.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PLACE = ROOT / "build" / "smoke"
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
PERSON = "ada"
HOME = f"/home/{PERSON}"
DISPLAY = ":97"
# A training of a few minutes on two cores; an hour means that something hangs.
LONGEST = 3600
# How often the window is opened to tell how long that takes.
STARTS = 5
SAMPLES = "/opt/zeroapp/_internal/source/zeroapp/tasks/{task}/sample"
SMALL = "zeroapp-small"
AT_MOST_MB = {"zeroapp": 1500, SMALL: 220}
# What may stay in a person's home after `apt purge`: projects and nothing else.
PROJECTS = f"{HOME}/Documents/zeroapp"

# Runs inside fresh namespaces: nothing of it outlives the command, and no cable is plugged in.
_INSIDE = """
set -e
ip link set lo up
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev"
for node in null zero full random urandom tty; do
    touch "$1/dev/$node"
    mount --bind "/dev/$node" "$1/dev/$node"
done
ln -s /proc/self/fd "$1/dev/fd"
mkdir -p "$1/dev/shm" "$1/tmp/.X11-unix"
mount -t tmpfs tmpfs "$1/dev/shm"
[ ! -d /tmp/.X11-unix ] || mount --bind /tmp/.X11-unix "$1/tmp/.X11-unix"
root=$1
shift
exec chroot --userspec="$PERSON:$PERSON" "$root" /usr/bin/env -i HOME="$HOME_INSIDE" LANG=C.UTF-8 \
    USER="$PERSON" PATH=/usr/bin:/bin DISPLAY="$DISPLAY" "$@"
"""


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(f"-- {text}", file=sys.stderr, flush=True)


def run(command: Sequence[str], *, quiet: bool = True) -> str:
    """Run a command to its end; its output. A failure ends the test with all it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    if not quiet:
        say(done.stderr.strip())
    return done.stdout


def expect(truth: object, what: str) -> None:
    """End the test when something is not as it must be."""
    if not truth:
        sys.exit(f"FAILED: {what}")
    say(f"ok: {what}")


# --- the bare Debian -----------------------------------------------------------------------------


def bare_root(deb: Path) -> Path:
    """A fresh bare Debian with one ordinary user and the .deb in its /tmp."""
    base, root = PLACE / SUITE, PLACE / "root"
    if not (base / "etc" / "debian_version").is_file():
        say(f"Fetching a bare {SUITE}")
        shutil.rmtree(base, ignore_errors=True)
        run(["debootstrap", "--variant=minbase", SUITE, str(base), MIRROR])
    shutil.rmtree(root, ignore_errors=True)
    run(["cp", "-a", "--reflink=auto", str(base), str(root)])
    run(["chroot", str(root), "useradd", "--create-home", "--shell", "/bin/sh", PERSON])
    shutil.copy(deb, root / "tmp" / "zeroapp.deb")
    return root


def apt(root: Path, *words: str) -> None:
    """Let apt do something inside."""
    inside = ["chroot", str(root), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"]
    run([*inside, "--no-install-recommends", *words])


def files_of(root: Path) -> set[str]:
    """Every file and folder that is not of the moment (logs, caches, apt's own notes)."""
    passing = ("/var/lib/apt", "/var/lib/dpkg", "/var/cache", "/var/log", "/tmp", "/proc", "/dev")
    found = (f"/{path.relative_to(root)}" for path in root.rglob("*"))
    return {name for name in found if not name.startswith(passing)}


# --- the app inside ------------------------------------------------------------------------------


def inside(root: Path, *words: str) -> list[str]:
    """The command that runs `words` as the ordinary user, without a network."""
    apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
    return [*apart, "sh", "-c", _INSIDE, "inside", str(root), *words]


def answer(root: Path, *words: str) -> tuple[dict[str, Any], float]:
    """What the app prints as JSON, and the seconds it took."""
    began = time.monotonic()
    said = json.loads(run(inside(root, "zeroapp", *words, "--json", "--quiet")))
    return said, round(time.monotonic() - began, 1)


def journey(root: Path) -> dict[str, Any]:
    """A training on two sharded ranks, then a little of the other tasks to exports that answer."""
    figures: dict[str, Any] = {}
    _, figures["command_line_starts_s"] = answer(root, "new", f"{PROJECTS}/Empty")
    figures["two_ranks_s"] = two_ranks(root)
    figures["writing_s"] = short_way(
        root, "text_generation", to="gguf-f16", options=["--set", "max_length=64"]
    )
    figures["pictures_s"] = short_way(
        root, "image_classification", to="onnx", options=["--set", "side=64"]
    )
    return figures


def sample(root: Path) -> dict[str, Any]:
    """The whole sample from import to an export that answers."""
    figures: dict[str, Any] = {}
    demo, figures["sample_journey_s"] = answer(root, "demo", "--out", f"{PROJECTS}/Sample")
    expect(
        demo["ok"] and demo["export_agreement"] > 0.98, "the sample's export answers like the app"
    )
    figures["accuracy"] = demo["accuracy"]
    return figures


def short_way(root: Path, task: str, *, to: str, options: list[str]) -> float:
    """From a little of a task's sample to an export that answers alone; the seconds it took."""
    began, project = time.monotonic(), f"{PROJECTS}/{task}"
    answer(root, "new", project, "--task", task)
    answer(root, "import", project, _few_rows(root, task, rows=6))
    answer(root, "train", project, "--epochs", "1", *options)
    record, _ = answer(root, "export", project, "--to", to)
    expect(record["compared"] > 0, f"{task} goes to {to}, which answers alone")
    return round(time.monotonic() - began, 1)


def _few_rows(root: Path, task: str, *, rows: int) -> str:
    """The head of a task's table in the person's home, as a path inside; of pictures all."""
    folder = root / SAMPLES.format(task=task)[1:]
    (sample,) = [file for file in folder.iterdir() if file.suffix != ".txt"]
    if sample.suffix == ".zip":
        return f"/{sample.relative_to(root)}"
    few = root / HOME[1:] / f"{task}.csv"
    few.write_text("\n".join(sample.read_text("utf-8").splitlines()[: rows + 1]) + "\n", "utf-8")
    few.chmod(0o644)
    return f"{HOME}/{few.name}"


def two_ranks(root: Path) -> float:
    """A short training of few rows on two processes, at stage 3; the seconds it took."""
    few = _few_rows(root, "text_classification", rows=240)
    answer(root, "new", f"{PROJECTS}/Few")
    answer(root, "import", f"{PROJECTS}/Few", few)
    options = ["--ranks", "2", "--zero", "3", "--set", "epochs=1"]
    sharded, seconds = answer(root, "train", f"{PROJECTS}/Few", *options)
    runs = sorted((root / PROJECTS[1:] / "Few" / "runs").glob("*-train/events.jsonl"))
    expect(sharded["n"] > 0, "a training on two ranks at stage 3 came to its end")
    expect('"ShardsMade"' in runs[-1].read_text("utf-8"), "and its states were sharded")
    return seconds


def nothing_to_work_with(root: Path) -> dict[str, Any]:
    """The small app: a project can be made; what needs the engine says so and how to get it."""
    project = f"{PROJECTS}/Few"
    _, seconds = answer(root, "new", project)
    told, _ = answer(root, "engine")
    expect(not told["whole"] and "cpu" in told["packs"], "there is no engine, and a pack to make")
    words = inside(
        root, "zeroapp", "import", project, _few_rows(root, "text_classification", rows=9)
    )
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST)
    expect(done.returncode == 1 and "engine make" in done.stderr, "reading a file asks for it")
    return {"command_line_starts_s": seconds}


def window(root: Path, *, picture: Path | None) -> dict[str, Any]:
    """Open the window as a person does, on nothing and on a project; seconds till it is seen."""
    screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
    os.environ["DISPLAY"] = DISPLAY
    _until(lambda: Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}").exists(), "the screen")
    desk = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
    project = f"{PROJECTS}/Few"
    try:
        first, _ = _opened(root, called="zeroapp")
        warm = [_opened(root, called="zeroapp") for _ in range(STARTS)]
        opened = [_opened(root, project, called="Few") for _ in range(STARTS - 1)]
        opened.append(_opened(root, project, called="Few", picture=picture))
    finally:
        desk.terminate()
        desk.wait()
        screen.terminate()
        screen.wait()
    return {
        "window_first_s": first,
        "window_warm_s": _median(warm, 0),
        "window_cpu_s": _median(warm, 1),
        "project_shown_s": _median(opened, 0),
        "project_cpu_s": _median(opened, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _median(starts: list[tuple[float, float]], part: int) -> float:
    return round(statistics.median(start[part] for start in starts), 2)


def _opened(
    root: Path, *words: str, called: str, picture: Path | None = None
) -> tuple[float, float]:
    """Seconds until the window is on the screen, and what its process computed of them; closes it.

    On an idle machine both are nearly the same. called: what its title holds.
    """
    began = root / "tmp" / "began"
    began.unlink(missing_ok=True)
    # What goes before, namespaces and a new root, is no part of the app's start.
    start = 'date +%s.%N >/tmp/began; exec zeroapp --window "$@"'
    app = subprocess.Popen(inside(root, "sh", "-c", start, "start", *words))
    shown = _until(lambda: _windows(called), "the window")
    seconds = round(time.time() - float(began.read_text("ascii")), 2)
    computed = _computed(app.pid)
    if picture:
        # Long enough for the page to have its fonts and figures.
        time.sleep(3)
        _take(picture)
    expect(len(shown) == 1, f"one window called {called} is open after {seconds} s")
    # As a person closes it: the window manager asks the app, which may still say no.
    run(["xdotool", "windowactivate", "--sync", shown[0], "key", "--clearmodifiers", "alt+F4"])
    expect(app.wait(timeout=60) == 0, "the window closed in order")
    return seconds, computed


def _computed(pid: int) -> float:
    """Seconds of computing by the program with the window, somewhere below a process of ours."""
    about = Path(f"/proc/{pid}")
    if (about / "cmdline").read_bytes().startswith(b"zeroapp\0--window"):
        fields = (about / "stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    below = (about / "task" / str(pid) / "children").read_text("ascii").split()
    return sum(_computed(int(child)) for child in below)


def _windows(called: str) -> list[str]:
    command = ["xdotool", "search", "--onlyvisible", "--name", called]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


def _until(question: Any, what: str) -> Any:
    until = time.monotonic() + 60
    while not (found := question()):
        if time.monotonic() > until:
            sys.exit(f"FAILED: {what} did not come within a minute")
        time.sleep(0.02)
    return found


def _take(picture: Path) -> None:
    code = (
        "import sys; from PySide6.QtGui import QGuiApplication as A; a = A([]);"
        "a.primaryScreen().grabWindow(0).save(sys.argv[1])"
    )
    env = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    python = str(ROOT / ".venv/bin/python")
    subprocess.run([python, "-c", code, str(picture.absolute())], check=True, env=env)


# --- the whole test ------------------------------------------------------------------------------


def test(deb: Path, *, quick: bool, picture: Path | None) -> dict[str, Any]:
    """Install, drive, remove; the figures."""
    root = bare_root(deb)
    apt(root, "update")
    # What the package needs stays when it goes, as on any Debian, so it is not counted as left.
    declared = run(["dpkg-deb", "-f", str(deb), "Depends"]).strip()
    name = run(["dpkg-deb", "-f", str(deb), "Package"]).strip()
    say(f"Installing; it declares: {declared}")
    before = files_of(root)
    apt(root, "install", "/tmp/zeroapp.deb")
    with_app = files_of(root)
    taken = _on_disk_mb(root / "opt" / "zeroapp")
    figures: dict[str, Any] = {"installed_mb": taken, "download_mb": _mb(deb)}
    expect(taken <= AT_MOST_MB[name], f"{taken} MB installed, at most {AT_MOST_MB[name]}")
    if name == SMALL:
        figures |= nothing_to_work_with(root)
    else:
        figures |= journey(root)
        figures |= {} if quick else sample(root)
    figures |= window(root, picture=picture)
    apt(root, "purge", name)
    _nothing_left(root, before=before, with_app=with_app)
    return figures


def _mb(file: Path) -> int:
    return round(file.stat().st_size / 1e6)


def _on_disk_mb(folder: Path) -> int:
    """Millions of bytes of the disk, as everywhere in the app; du counts in 1,048,576 otherwise."""
    return round(int(run(["du", "-s", "-B1", str(folder)]).split()[0]) / 1e6)


def _nothing_left(root: Path, *, before: set[str], with_app: set[str]) -> None:
    """After removing there is nothing new but the user's projects and Debian's own packages."""
    listed = run(["chroot", str(root), "sh", "-c", "cat /var/lib/dpkg/info/*.list"]).splitlines()
    after = files_of(root)
    new = {
        name
        for name in after - before
        if name not in listed
        and (name.startswith("/home") or name not in with_app or "zeroapp" in name)
    }
    allowed = (
        PROJECTS,
        f"{HOME}/text_",
        f"{HOME}/.cache/fontconfig",
        f"{HOME}/.cache/mesa_shader_cache",
    )
    parents = {f"{HOME}/Documents", f"{HOME}/.config", f"{HOME}/.cache", f"{HOME}/.local"}
    parents |= {f"{HOME}/.local/state", f"{HOME}/.local/share"}
    left = sorted(name for name in new if not name.startswith(allowed) and name not in parents)
    expect(not left, f"nothing is left but the projects {left[:20]}")
    kept = root / PROJECTS[1:] / "Few" / "project.db"
    expect(kept.is_file(), "the user's project is still there")


def main() -> int:
    """Run the test with what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deb", type=Path)
    parser.add_argument("--picture", type=Path, help="keep a picture of the window here")
    parser.add_argument("--quick", action="store_true", help="leave out the whole sample")
    wanted = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("This test builds a root of its own, so it must be run as root.")
    os.environ |= {"PERSON": PERSON, "HOME_INSIDE": HOME, "DISPLAY": DISPLAY}
    PLACE.mkdir(parents=True, exist_ok=True)
    print(json.dumps(test(wanted.deb, quick=wanted.quick, picture=wanted.picture), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
