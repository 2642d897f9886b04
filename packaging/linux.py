"""The Linux packages: a .deb with everything declared, and a tar.gz for all other distributions."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DATA = HERE / "desktop"
ICONS = ROOT / "build" / "icons"
STAGE = ROOT / "build" / "deb"
TAR = ROOT / "build" / "tar"

NAME, SMALL = "zeroapp", "zeroapp-small"
"""The packages: with everything inside, and the window that fetches the rest. One at a time."""

# Newer Debian and Ubuntu renamed it, with the same library inside.
_RENAMED = {"libglib2.0-0": "libglib2.0-0 | libglib2.0-0t64"}
# What the libraries inside need besides Qt's list: found with a bare Debian 12 (smoke_test.py).
_ALWAYS = (
    "libc6 (>= 2.34)",
    "libstdc++6",
    "libgcc-s1",
    "zlib1g",
    "libfreetype6",
    "libbrotli1",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcb-shape0",
    "libxcb-render0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
)
# What debuggers read makes up these: a tenth of the app. Not all libraries: those that a tool has
# rewritten when their wheel was made may not load any more after strip.
_WITH_SYMBOLS = (
    "_internal/libpython3*.so*",
    "_internal/tokenizers/*.so",
    "_internal/torch/lib/libtorch_cpu.so",
    "_internal/torch/lib/libtorch_python.so",
    "_internal/xllamacpp/*.so",
)
_ABOUT = {
    NAME: " Everything is inside: it works without a network.\n",
    SMALL: " This is the small download: the window alone. What does the work is fetched\n"
    " once, when you ask for it, as it fits this computer.\n",
}
_RECOMMENDED = ("gnome-keyring | kwalletmanager | keepassxc", "xdg-utils", "fonts-noto-color-emoji")


def version() -> str:
    """The app's version, from its one place."""
    text = (ROOT / "zeroapp" / "__init__.py").read_text("utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    assert found, "zeroapp/__init__.py names no version"
    return found[1]


def architecture() -> str:
    """Debian's name of this machine."""
    return {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def dependencies() -> list[str]:
    """The packages the .deb declares: Qt's, as bootstrap.py asks for them, and the usual ones."""
    lines = (ROOT / "requirements" / "system.txt").read_text("utf-8").splitlines()
    qt = [line.split()[1] for line in lines if line and not line.startswith("#")]
    return list(dict.fromkeys([*_ALWAYS, *(_RENAMED.get(name, name) for name in qt)]))


def control(installed_bytes: int, *, name: str = NAME) -> str:
    """The control file of the .deb."""
    other = SMALL if name == NAME else NAME
    return f"""Package: {name}
Version: {version()}
Architecture: {architecture()}
Maintainer: The zeroapp makers <hello@zeroapp.org>
Installed-Size: {installed_bytes // 1024}
Depends: {", ".join(dependencies())}
Recommends: {", ".join(_RECOMMENDED)}
Conflicts: {other}
Replaces: {other}
Section: science
Priority: optional
Homepage: https://zeroapp.org
Description: teach a model your own work, on your own computer
 Drop a table of examples in and see what is wrong with it. Train a language
 model on whatever this computer has, get an honest verdict, and take the model
 along in one click. Nothing leaves the computer unless you send it.
 .
{_ABOUT[name]} .
 Removing this package leaves your projects where they are.
"""


def stage(app: Path, root: Path) -> None:
    """The tree of the .deb below `root`: hard links to the app's folder, so it costs no space."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(app, root / "opt" / "zeroapp", symlinks=True, copy_function=os.link)
    share = root / "usr" / "share"
    placed = {
        "zeroapp.desktop": "applications/zeroapp.desktop",
        "zeroapp-mime.xml": "mime/packages/zeroapp.xml",
        "zeroapp.metainfo.xml": "metainfo/org.zeroapp.zeroapp.metainfo.xml",
        "copyright": "doc/zeroapp/copyright",
    }
    for name, place in placed.items():
        _put(DATA / name, share / place)
    for drawn in sorted(ICONS.glob("zeroapp-*.png")):
        side = drawn.stem.rpartition("-")[2]
        _put(drawn, share / f"icons/hicolor/{side}x{side}/apps/zeroapp.png")
    _put(HERE / "zeroapp.svg", share / "icons/hicolor/scalable/apps/zeroapp.svg")
    link = root / "usr" / "bin" / "zeroapp"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/zeroapp/zeroapp")


def _put(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)


def strip_symbols(app: Path) -> None:
    """Take out what only debuggers read, where there is much of it."""
    files = sorted(str(file) for rule in _WITH_SYMBOLS for file in app.glob(rule))
    if files:
        subprocess.run(["strip", "--strip-unneeded", *files], check=True)


def settle(root: Path, *, epoch: int) -> None:
    """Everyone may read, programs may be run, whatever the builder's umask was; one time for all.

    Else a library would bear the time at which it came onto the machine that builds.
    """
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runnable else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def packages(app: Path, *, name: str = NAME, into: Path, epoch: int) -> list[Path]:
    """Build both from the app's folder; the files."""
    strip_symbols(app)
    settle(app, epoch=epoch)
    return [
        deb(app, name=name, into=into, epoch=epoch),
        archive(app, name=name, into=into, epoch=epoch),
    ]


def deb(app: Path, *, name: str, into: Path, epoch: int) -> Path:
    """The .deb."""
    stage(app, STAGE)
    size = sum(p.stat().st_size for p in STAGE.rglob("*") if p.is_file() and not p.is_symlink())
    about = STAGE / "DEBIAN"
    about.mkdir()
    (about / "control").write_text(control(size, name=name), "utf-8")
    shutil.copy(DATA / "postrm", about / "postrm")
    settle(STAGE, epoch=epoch)
    file = into / f"{name}_{version()}_{architecture()}.deb"
    # One thread: with more, where a block ends would depend on the machine.
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "DPKG_DEB_THREADS_MAX": "1"}
    # The small one is downloaded often and unpacked in a second either way.
    pressed = ["-Zxz", "-z9"] if name == SMALL else ["-Zzstd", "-z6"]
    command = ["dpkg-deb", "--root-owner-group", *pressed, "--build", str(STAGE), str(file)]
    subprocess.run(command, check=True, env=env, stdout=sys.stderr)
    return file


def archive(app: Path, *, name: str, into: Path, epoch: int) -> Path:
    """The tar.gz: the folder, and a script that puts it among a person's own programs."""
    top = f"{name}-{version()}"
    stage = TAR / top
    shutil.rmtree(TAR, ignore_errors=True)
    shutil.copytree(app, stage / "app", symlinks=True, copy_function=os.link)
    for one in ("install.sh", "zeroapp.desktop", "zeroapp-mime.xml", "copyright"):
        _put(DATA / one, stage / one)
    _put(HERE / "zeroapp.svg", stage / "zeroapp.svg")
    (stage / "install.sh").chmod(0o755)
    file = into / f"{top}-linux-{os.uname().machine}.tar.gz"
    same = ["--sort=name", f"--mtime=@{epoch}", "--owner=0", "--group=0", "--numeric-owner"]
    command = ["tar", *same, "--format=gnu", "-C", str(TAR), "-cf", "-", top]
    with file.open("wb") as out, subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        subprocess.run(["gzip", "-n", "-6"], stdin=tar.stdout, stdout=out, check=True)
    if tar.returncode:
        raise SystemExit("The tar.gz could not be written.")
    return file
