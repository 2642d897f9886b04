import os
import subprocess
import sys
from pathlib import Path

import pytest

from zeroapp import protocol as p
from zeroapp.errors import ResourceError, UsageError
from zeroapp.programs import rank_command, worker_command
from zeroapp.run_folder import RunFolder
from zeroapp.runs import launch as launch_module
from zeroapp.runs.control import Want, read_want, write_want
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.launch import go_on, launch
from zeroapp.runs.process import UNOBSERVED, environment


def test_the_same_python_runs_the_worker(monkeypatch):
    assert worker_command("F") == [sys.executable, "-P", "-m", "zeroapp.worker", "F"]
    assert rank_command() == [sys.executable, "-P", "-m", "zeroapp.worker.rank"]


def test_a_frozen_app_is_its_own_worker(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_command("F") == [sys.executable, "--worker", "F"]
    assert rank_command() == [sys.executable, "--rank"]


def test_the_worker_finds_this_very_package(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/theirs")
    first, last = environment()["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "zeroapp" / "__init__.py").exists()
    assert last == "/theirs"


def test_libraries_leave_no_trace_for_their_makers(monkeypatch, tmp_path):
    """onnxruntime makes a device id and a queue of events while it is loaded, unless told."""
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    home = tmp_path / "home"
    home.mkdir()
    # Under CI, or with another place for caches, it would be silent anyway.
    kept = {name: environment()[name] for name in ("PATH", "PYTHONPATH", *UNOBSERVED)}
    command = [sys.executable, "-c", "import onnxruntime"]
    subprocess.run(command, check=True, cwd=tmp_path, env={**kept, "HOME": str(home)})
    assert [path for path in tmp_path.rglob("*") if path != home] == []


def test_a_folder_without_a_run_cannot_be_gone_on_with(tmp_path):
    with pytest.raises(UsageError) as caught:
        go_on(RunFolder(tmp_path))
    assert caught.value.code == "no-run"


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError) as caught:
        launch(p.Probe(), RunFolder(tmp_path / "file" / "run"))
    assert caught.value.hint


def test_wants_are_kept_and_nonsense_means_go_on(tmp_path):
    folder = RunFolder(tmp_path)
    assert read_want(folder) is Want.run
    for want in Want:
        write_want(folder, want)
        assert read_want(folder) is want
    folder.control.write_bytes(b'{"want":"dance"}')
    assert read_want(folder) is Want.run
    assert [path.name for path in tmp_path.iterdir()] == ["control.json"]


def test_questions_are_numbered(tmp_path):
    handle = RunHandle(RunFolder(tmp_path))
    assert [handle.ask(text) for text in ("a", "b\nb", "ü")] == [1, 2, 3]
    assert handle.folder.inbox.read_text("utf-8").count("\n") == 3


def test_an_unreadable_line_does_not_hide_the_next(tmp_path):
    folder = RunFolder(tmp_path)
    good = p.encode(p.Noted(level="info", text="good"))
    folder.events.write_bytes(b"\0\0\0\n{nonsense\n" + good + b"\n")
    texts = [event.text for event in RunHandle(folder).poll()]
    assert len(texts) == 3
    assert texts[-1] == "good"


def test_the_worker_is_told_the_whole_path(tmp_path, monkeypatch):
    told = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        launch_module, "start_detached", lambda command, **_rest: told.append(command) or 2**22 + 1
    )
    launch_module.launch(p.Probe(), RunFolder(Path("run")), command=["worker"])
    assert told == [["worker", str(tmp_path / "run")]]
