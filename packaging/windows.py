"""The Windows installer: NSIS makes one file of the app's folder, on Windows and on Linux.

`python3 packaging/windows.py FOLDER OUT` makes a set-up of any folder, which is how it is tried.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import linux

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "windows" / "zeroapp.nsi"
ICON = HERE.parent / "build" / "icons" / "zeroapp.ico"
# What Windows takes of a path unless a program says otherwise, as the set-up and Python do.
CLASSIC_PATH = 260
DEEPEST_PLACE = r"C:\Users\a user with a very long name\AppData\Local\Programs\zeroapp"


def installer(app: Path, *, name: str, into: Path) -> Path:
    """The set-up of the app's folder, signed when a certificate is at hand.

    The small app's has another name alone: each puts itself in the other's place.
    """
    if deep := too_deep(app):
        raise SystemExit("Too deep for Windows' classic paths: " + ", ".join(deep[:5]))
    for program in ("zeroapp.exe", "zeroapp-cli.exe"):
        sign(app / program)
    setup = into / f"{name}-{linux.version()}-setup.exe"
    make(app, setup)
    sign(setup)
    return setup


def command(stage: Path, setup: Path) -> list[str]:
    """How makensis is called. On Windows it finds no file behind a forward slash."""
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
    values = {
        "VERSION": linux.version(),
        "STAGE": str(stage.resolve()),
        "OUT": str(setup.resolve()),
        "ICON": str(ICON),
        "KB": str(size // 1024),
    }
    return [makensis(), "-V2", "-WX", *(f"-D{k}={v}" for k, v in values.items()), str(SCRIPT)]


def make(stage: Path, setup: Path) -> None:
    """Run makensis; a warning is an error."""
    subprocess.run(command(stage, setup), check=True, stdout=sys.stderr)


def makensis() -> str:
    """The program; Windows keeps it outside the path."""
    usual = Path(os.environ.get("PROGRAMFILES(X86)", ""), "NSIS", "makensis.exe")
    return shutil.which("makensis") or str(usual)


def sign(file: Path) -> None:
    """Sign with the certificate that the workflow laid down; without one nothing is done."""
    certificate = os.environ.get("WINDOWS_CERTIFICATE_FILE")
    if not certificate:
        return
    password = os.environ["WINDOWS_CERTIFICATE_PASSWORD"]
    words = ["sign", "/fd", "sha256", "/tr", "http://timestamp.digicert.com", "/td", "sha256"]
    subprocess.run(["signtool", *words, "/f", certificate, "/p", password, str(file)], check=True)


def too_deep(app: Path) -> list[str]:
    """Files whose whole path would not fit Windows' classic limit in a long user's folder."""
    room = CLASSIC_PATH - 1 - len(DEEPEST_PLACE) - 1
    names = (path.relative_to(app).as_posix() for path in app.rglob("*") if path.is_file())
    return sorted(name for name in names if len(name) > room)


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
