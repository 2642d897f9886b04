"""The macOS image: signs the app from the inside out, packs it into a .dmg, has Apple look at it.

Without a Developer ID in the environment it is signed for this machine only, which Apple silicon
needs in any case.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import linux

HERE = Path(__file__).resolve().parent
ENTITLEMENTS = HERE / "macos" / "entitlements.plist"
# The first bytes of what the system loads as code: thin and fat Mach-O files.
_CODE = {b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"}


def image(app: Path, *, name: str, into: Path) -> Path:
    """The .dmg with the app and a link to the Applications folder."""
    identity = os.environ.get("MACOS_IDENTITY", "-")
    sign(app, identity=identity)
    file = into / f"{name}-{linux.version()}-arm64.dmg"
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        # ditto keeps the links and attributes that the signature covers.
        subprocess.run(["ditto", str(app), str(stage / app.name)], check=True)
        (stage / "Applications").symlink_to("/Applications")
        words = ["-volname", "zeroapp", "-srcfolder", str(stage), "-ov", "-format", "UDZO"]
        subprocess.run(["hdiutil", "create", *words, str(file)], check=True)
    if identity != "-":
        subprocess.run(["codesign", "--sign", identity, "--timestamp", str(file)], check=True)
        notarise(file)
    return file


def sign(app: Path, *, identity: str) -> None:
    """Sign every piece of code below the app, then the app itself, with the hardened runtime."""
    words = ["--force", "--options", "runtime", "--sign", identity]
    words += ["--timestamp"] if identity != "-" else ["--timestamp=none"]
    for file in code_files(app):
        subprocess.run(["codesign", *words, str(file)], check=True)
    entitled = ["--entitlements", str(ENTITLEMENTS)]
    subprocess.run(["codesign", *words, *entitled, str(app)], check=True)
    subprocess.run(["codesign", "--verify", "--strict", "--verbose=2", str(app)], check=True)


def code_files(app: Path) -> Iterator[Path]:
    """Libraries and programs below the app, the deepest first; each file once."""
    files = (path for path in app.rglob("*") if path.is_file() and not path.is_symlink())
    for path in sorted(files, key=lambda path: (-len(path.parts), str(path))):
        with path.open("rb") as opened:
            if opened.read(4) in _CODE:
                yield path


def notarise(file: Path) -> None:
    """Have Apple look at it, and fix its word to the file so that it opens without a network."""
    if shutil.which("xcrun") is None or not os.environ.get("APPLE_ID"):
        return
    who = ["--apple-id", os.environ["APPLE_ID"], "--team-id", os.environ["APPLE_TEAM_ID"]]
    who += ["--password", os.environ["APPLE_APP_PASSWORD"]]
    submit = ["xcrun", "notarytool", "submit", str(file), *who, "--wait"]
    subprocess.run(submit, check=True)
    subprocess.run(["xcrun", "stapler", "staple", str(file)], check=True)
