"""The engine: which Python the worker runs in. Three kinds behind one interface."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

import zeroapp
from zeroapp import paths, settings
from zeroapp.packs import offer
from zeroapp.programs import worker_command
from zeroapp.runs.process import UNOBSERVED, environment
from zeroapp.writing import write_whole

CHOICE = "engine.json"
"""In the settings folder: the engine that was chosen. No file: this app's own."""
READY = "engine.json"
"""In a managed environment: written last, so that only a whole one has it."""

# What would lead another Python to our libraries, or ours to another's.
_LEADS_ASTRAY = re.compile(
    r"^(LD_LIBRARY_PATH(_ORIG)?|LD_PRELOAD|DYLD_.*|PYTHON.*|QT_.*|QML.*|_PYI_.*|_MEIPASS2"
    r"|VIRTUAL_ENV.*|CONDA_.*|UV_.*|PIP_.*|TCL_LIBRARY|TK_LIBRARY)$"
)


class Kind(StrEnum):
    """bundled: this app's own. managed: made by this app. system: one the person keeps."""

    bundled = "bundled"
    managed = "managed"
    system = "system"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the settings folder. place: the environment, or the Python of a system one."""

    kind: Kind
    place: str


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in an environment that was made to its end. libraries: see `Pack.libraries`."""

    pack: str = ""
    made_with: str = ""
    trial: str = ""
    libraries: str = ""


class Engine(Protocol):
    """How a worker is started: the command and all its environment."""

    @property
    def kind(self) -> Kind:
        """Which of the three."""

    def command(self, *arguments: str) -> list[str]:
        """The command of a worker."""

    def environment(self) -> dict[str, str]:
        """Everything that process shall find in its environment."""

    def whole(self) -> bool:
        """Whether it can be started at all."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """This app's own Python and libraries. The small download has none that could do the work."""

    @property
    def kind(self) -> Kind:
        """Bundled."""
        return Kind.bundled

    def command(self, *arguments: str) -> list[str]:
        """This program, or this Python."""
        return worker_command(*arguments)

    def environment(self) -> dict[str, str]:
        """Ours."""
        return environment()

    def whole(self) -> bool:
        """Whether they came along."""
        return not offer.is_small()


@dataclass(frozen=True, slots=True)
class System:
    """A Python the person keeps, with torch and the other libraries in it."""

    python: Path

    @property
    def kind(self) -> Kind:
        """System."""
        return Kind.system

    def command(self, *arguments: str) -> list[str]:
        """Its Python with our worker."""
        return [str(self.python), "-P", "-m", "zeroapp.worker", *arguments]

    def environment(self) -> dict[str, str]:
        """Ours without what leads astray, and with our sources and models."""
        return clean(os.environ)

    def whole(self) -> bool:
        """Whether the Python is there."""
        return self.python.is_file()


@dataclass(frozen=True, slots=True)
class Managed:
    """An environment that this app made in a folder of the person's choice."""

    folder: Path

    @property
    def kind(self) -> Kind:
        """Managed."""
        return Kind.managed

    @property
    def ready(self) -> Ready | None:
        """What it is, once it was made to its end."""
        try:
            return msgspec.json.decode((self.folder / READY).read_bytes(), type=Ready)
        except (OSError, msgspec.MsgspecError):
            return None

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def command(self, *arguments: str) -> list[str]:
        """Its Python with our worker."""
        return System(self.python).command(*arguments)

    def environment(self) -> dict[str, str]:
        """As for every foreign Python."""
        return clean(os.environ)

    def whole(self) -> bool:
        """Whether it was made to its end, is still there, and has what this version works with.

        The app may have been brought up to date since: its worker would miss new libraries.
        """
        ready = self.ready
        if ready is None:
            return False
        known = {pack.key: pack.libraries for pack in offer.for_this_computer()}
        fits = ready.libraries in {"", known.get(ready.pack)}
        return fits and self.python.exists()


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a Python that is not ours: our sources and models, none of our libraries.

    Proxy settings, the token and all else a person set stay.
    """
    kept = {name: value for name, value in environ.items() if not _LEADS_ASTRAY.match(name)}
    ours = [str(Path(zeroapp.__file__).resolve().parent.parent), *_models_folder()]
    return {
        **kept,
        **UNOBSERVED,
        "PYTHONPATH": os.pathsep.join(ours),
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _models_folder() -> list[str]:
    """Where the starters of the installed app lie; from source they are in our own libraries."""
    bundle = getattr(sys, "_MEIPASS", None)
    return [str(Path(bundle) / "models")] if bundle else []


def chosen() -> Engine:
    """The engine to use: the chosen one while it is whole, else this app's own, if it has one."""
    engine = wanted()
    return engine if engine.whole() else Bundled()


def wanted() -> Engine:
    """The engine that was chosen, whole or not."""
    try:
        found = (paths.settings_dir() / CHOICE).read_bytes()
        choice = msgspec.json.decode(found, type=Choice)
    except (OSError, msgspec.MsgspecError):
        return Bundled()
    match choice.kind:
        case Kind.managed:
            return Managed(Path(choice.place))
        case Kind.system:
            return System(Path(choice.place))
        case _:
            return Bundled()


def choose(engine: Engine) -> None:
    """Use this engine from the next job on; raises ResourceError "settings-not-saved"."""
    file = paths.settings_dir() / CHOICE
    choice: Choice | None = None
    if isinstance(engine, Managed):
        choice = Choice(kind=Kind.managed, place=str(engine.folder))
    elif isinstance(engine, System):
        choice = Choice(kind=Kind.system, place=str(engine.python))
    title = "Which engine to use could not be noted down, so it stays as it was."
    with settings.noting(file, title=title):
        if choice is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, msgspec.json.encode(choice))
