"""Three kinds of engines behind one interface, and the environment a foreign Python is given."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import zeroapp
from zeroapp import paths
from zeroapp.errors import AppError
from zeroapp.packs.engine import (
    CHOICE,
    READY,
    Bundled,
    Kind,
    Managed,
    System,
    choose,
    chosen,
    clean,
    wanted,
)
from zeroapp.runs.process import UNOBSERVED

ASTRAY = {
    "LD_LIBRARY_PATH": "/opt/zeroapp/_internal",
    "PYTHONHOME": "/elsewhere",
    "PYTHONPATH": "/elsewhere",
    "QT_PLUGIN_PATH": "/elsewhere",
    "_PYI_APPLICATION_HOME_DIR": "/opt/zeroapp",
    "VIRTUAL_ENV": "/elsewhere",
    "CONDA_PREFIX": "/elsewhere",
    "DYLD_LIBRARY_PATH": "/elsewhere",
}


def managed(folder: Path) -> Managed:
    """Looks like one that was made to its end."""
    made = Managed(folder)
    made.python.parent.mkdir(parents=True)
    made.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    made.python.chmod(0o755)
    (folder / READY).write_text("{}")
    return made


@pytest.fixture(params=["bundled", "managed", "system"])
def engine(request, tmp_path):
    kinds = {
        "bundled": Bundled,
        "managed": lambda: managed(tmp_path / "engine"),
        "system": lambda: System(Path(sys.executable)),
    }
    return kinds[request.param]()


def test_every_engine_starts_a_worker(engine):
    # No run is in the folder that is named, and the worker says so in its own way.
    command = [*engine.command("/nowhere/at/all")]
    done = subprocess.run(command, env=engine.environment(), capture_output=True, text=True)
    assert engine.whole()
    assert done.returncode != 0
    assert "No module named" not in done.stderr


def test_every_engine_can_be_chosen_and_is_found_again(engine, zeroapp_home):
    choose(engine)
    assert chosen() == engine
    assert wanted() == engine


def test_a_foreign_python_gets_our_sources_and_nothing_that_leads_astray():
    kept = {"HTTPS_PROXY": "http://proxy:3128", "HF_TOKEN": "t", "LANG": "de_DE.UTF-8"}
    env = clean({**ASTRAY, **kept})
    ours = str(Path(zeroapp.__file__).resolve().parent.parent)
    assert env["PYTHONPATH"] == ours
    assert kept.items() <= env.items()
    assert env["PYTHONNOUSERSITE"] == "1"
    assert UNOBSERVED.items() <= env.items()
    assert not set(ASTRAY) - {"PYTHONPATH"} & set(env)


def test_the_installed_app_lends_its_models_too(monkeypatch):
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/zeroapp/_internal", raising=False)
    assert clean({})["PYTHONPATH"].split(os.pathsep)[1] == "/opt/zeroapp/_internal/models"


def test_an_engine_that_is_gone_gives_way_to_our_own(zeroapp_home, tmp_path):
    gone = managed(tmp_path / "engine")
    choose(gone)
    gone.python.unlink()
    assert chosen() == Bundled()
    assert wanted().kind is Kind.managed  # so that the window can say what is the matter


def test_a_home_that_cannot_be_written_keeps_what_was_chosen(zeroapp_home, monkeypatch, tmp_path):
    def read_only(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("zeroapp.packs.engine.write_whole", read_only)
    with pytest.raises(AppError) as told:
        choose(System(tmp_path / "python"))
    assert told.value.code == "settings-not-saved"
    assert str(paths.settings_dir()) in told.value.hint
    assert wanted() == Bundled()


def test_a_half_made_engine_is_not_whole(tmp_path):
    made = managed(tmp_path / "engine")
    (made.folder / READY).unlink()
    assert not made.whole()


def test_a_damaged_choice_means_our_own(zeroapp_home):
    paths.settings_dir().mkdir(parents=True, exist_ok=True)
    (paths.settings_dir() / CHOICE).write_text("{")
    assert chosen() == Bundled()
