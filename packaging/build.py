"""Builds the installers: `python3 packaging/build.py linux` (windows, macos on those systems).

`--small` makes the window alone, which fetches the rest when it is first opened.
Everything comes from `.venv` (made by bootstrap.py) and requirements/packaging.txt; what is made
lies in dist/, with its checksums. The same sources give the same bytes in any folder: times come
from SOURCE_DATE_EPOCH, or else from the last commit.
"""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
TOOLS = BUILD / "tools"
ICONS = BUILD / "icons"
APP = BUILD / "frozen" / "zeroapp"
SMALL = BUILD / "small" / "zeroapp"
REQUIREMENTS = ROOT / "requirements" / "packaging.txt"
SYSTEMS = ("linux", "windows", "macos")
USAGE = f"usage: python3 packaging/build.py {{{'|'.join(SYSTEMS)}}} [--small] [--frozen]"


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def run(command: list[str], *, env: dict[str, str] | None = None) -> None:
    """Run a step; its failure ends the build."""
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **(env or {})})


def epoch() -> int:
    """The time that everything built now bears."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def ready_tools() -> None:
    """PyInstaller in a folder of its own, so that `.venv` stays what the app is made of."""
    stamp, wanted = TOOLS / "ready", REQUIREMENTS.read_text("utf-8")
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    shutil.rmtree(TOOLS, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(TOOLS)]
    run([*pip, "-r", str(REQUIREMENTS)])
    stamp.write_text(wanted, "utf-8")


def freeze(app: Path) -> None:
    """The app's folder: our sources, every library and the starter models; or the small one."""
    ready_tools()
    env = {
        "PYTHONPATH": str(TOOLS),
        "PYTHONHASHSEED": "1",  # else the order of some archives changes from build to build
        "SOURCE_DATE_EPOCH": str(epoch()),
        "QT_QPA_PLATFORM": "offscreen",
        "ZEROAPP_SMALL": "1" if app == SMALL else "",
    }
    run([sys.executable, str(HERE / "icons.py"), str(ICONS)], env=env)
    words = ["-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(app.parent), "--workpath", str(BUILD / f"work-{app.parent.name}")]
    run([sys.executable, *words, *folders, str(HERE / "zeroapp.spec")], env=env)


def name_release(inside: Path) -> None:
    """Tell the app whom to ask for newer versions, and whose signature to believe."""
    address = os.environ.get("ZEROAPP_RELEASE_ADDRESS", "")
    key = os.environ.get("ZEROAPP_RELEASE_KEY", "")
    if address and key:
        file = inside / "source" / "resources" / "release.json"
        file.write_text(json.dumps({"address": address, "key": key}) + "\n", "utf-8")


def compile_sources(inside: Path) -> None:
    """Byte code beside our sources: nobody may write into an installed app, so it comes along.

    Unchecked: the files' times, which an installer may change, play no part.
    """
    compileall.compile_dir(
        inside / "source",
        quiet=1,
        stripdir=str(inside),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def forget_programs(inside: Path) -> None:
    """Libraries list their programs, which stay out, with sums: those tell where `.venv` was."""
    for record in sorted(inside.glob("*.dist-info/RECORD")):
        lines = record.read_text("utf-8").splitlines(keepends=True)
        record.write_text("".join(x for x in lines if not x.startswith("../")), "utf-8")


def bundle_folder(app: Path) -> Path:
    """Where PyInstaller puts what the program loads."""
    if sys.platform == "darwin":
        return app.with_name("zeroapp.app") / "Contents" / "Resources"
    return app / "_internal"


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; links count nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)


def checksum(file: Path) -> str:
    """The sha256 of a file, as `sha256sum` writes it."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_sums() -> None:
    """SHA256SUMS of all that lies in dist/, and on the screen."""
    files = sorted(DIST.glob("zeroapp*"))
    lines = [f"{checksum(file)}  {file.name}" for file in files]
    (DIST / "SHA256SUMS").write_text("\n".join(lines) + "\n", "utf-8")
    for file, line in zip(files, lines, strict=True):
        say(f"{file.stat().st_size / 1e6:8.0f} MB  {line}")


def build(system: str, *, app: Path, frozen: bool) -> None:
    """Everything for one system; frozen: the app's folder is there from an earlier build."""
    if not frozen:
        freeze(app)
        name_release(bundle_folder(app))
        compile_sources(bundle_folder(app))
        forget_programs(bundle_folder(app))
    DIST.mkdir(exist_ok=True)
    sys.path.insert(0, str(HERE))
    import linux

    name = linux.SMALL if app == SMALL else linux.NAME
    if system == "linux":
        linux.packages(app, name=name, into=DIST, epoch=epoch())
    elif system == "windows":
        import windows

        windows.installer(app, name=name, into=DIST)
    else:
        import macos

        macos.image(app.with_name("zeroapp.app"), name=name, into=DIST)


def python_of_venv() -> Path:
    """The interpreter that has all the app is made of."""
    return ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(words: list[str]) -> int:
    """Build what the words name; goes on in `.venv` when started with another Python."""
    system, *options = words or [""]
    if system not in SYSTEMS or set(options) - {"--frozen", "--small"}:
        say(USAGE)
        return 2
    python = python_of_venv()
    if not python.is_file():
        say("First set everything up: python3 bootstrap.py setup")
        return 2
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        return subprocess.call([str(python), str(Path(__file__).resolve()), *words])
    app = SMALL if "--small" in options else APP
    build(system, app=app, frozen="--frozen" in options)
    write_sums()
    say(f"The app takes {size_of(app) / 1e6:.0f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
