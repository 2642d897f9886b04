"""Work is given to the engine that was chosen; where there is none it is refused in words."""

import pytest

from zeroapp import protocol as p
from zeroapp.errors import AppError
from zeroapp.packs import launching, offer
from zeroapp.run_folder import RunFolder
from zeroapp.runs import launch as runs


@pytest.fixture
def small(monkeypatch, zeroapp_home):
    """As in the app that came without libraries; no pack was made yet."""
    monkeypatch.setattr(offer, "is_small", lambda: True)


def refused(folder: RunFolder) -> AppError:
    with pytest.raises(AppError) as told:
        launching.launch(p.Check(project="/nowhere"), folder)
    return told.value


def test_without_an_engine_work_is_refused_and_leaves_no_empty_run(small, tmp_path):
    made = tmp_path / "runs" / "one"
    made.mkdir(parents=True)
    error = refused(RunFolder(made))
    assert error.code == "no-engine"
    assert "Nothing was changed" in error.title
    assert "engine make" in error.hint
    assert not made.exists()
    assert not launching.has_engine()


def test_a_run_that_is_there_is_left_alone_when_it_cannot_go_on(small, tmp_path):
    (tmp_path / "job.json").write_text("{}")
    with pytest.raises(AppError) as told:
        launching.go_on(RunFolder(tmp_path))
    assert told.value.code == "no-engine"
    assert (tmp_path / "job.json").exists()


def test_an_engine_is_made_by_the_window_alone(small, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(runs, "launch", lambda job, folder, **how: started.append((job, how)))
    launching.launch(p.MakeEngine(pack="cpu", folder=str(tmp_path)), RunFolder(tmp_path / "run"))
    [(job, how)] = started
    assert job.pack == "cpu"
    assert "zeroapp.worker" in how["command"]


def test_the_app_with_everything_inside_has_an_engine(zeroapp_home):
    assert launching.has_engine()
