import shutil
import stat

import pytest

from support.processes import eventually, none_left, of_this_test
from zeroapp.worker import awake


def test_without_such_a_program_work_goes_on(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with awake.kept_awake("test"):
        assert of_this_test() == []


def test_where_the_program_may_not_be_run_work_goes_on_too(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _name: str(tmp_path / "gone"))
    with awake.kept_awake("test"):
        assert of_this_test() == []


@pytest.fixture
def inhibitor(tmp_path, monkeypatch):
    """A stand-in that holds as the real one does: as long as its command runs."""
    program = tmp_path / "systemd-inhibit"
    program.write_text('#!/bin/sh\nfor last; do :; done\necho "$@" > "$0.told"\nexec "$last"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    return program


def test_the_lock_is_held_while_working_and_given_back(inhibitor):
    told = inhibitor.with_name("systemd-inhibit.told")
    with awake.kept_awake("Training a model"):
        assert eventually(told.exists, within=5)
        assert eventually(lambda: len(of_this_test()) == 1, within=5)
    assert "--what=idle:sleep" in told.read_text()
    assert "Training a model" in told.read_text()
    assert none_left()
