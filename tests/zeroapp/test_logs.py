import logging

import pytest

from zeroapp import logs


@pytest.fixture(autouse=True)
def handlers():
    """Gives the logger back as it was."""
    root = logging.getLogger("zeroapp")
    before = (list(root.handlers), root.level)
    yield
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def test_the_log_goes_to_a_file_of_this_app(zeroapp_home):
    path = logs.to_file()
    logs.get("here").warning("a word")
    assert path == zeroapp_home / "logs" / "zeroapp.log"
    assert "WARNING zeroapp.here: a word" in path.read_text()


def test_the_file_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(logs, "_BYTES", 1000)
    path = logs.to_file()
    for _ in range(200):
        logs.get("here").info("x" * 50)
    sizes = [file.stat().st_size for file in path.parent.iterdir()]
    assert len(sizes) == 4  # the log and three old ones
    assert max(sizes) <= 1000


def test_a_worker_logs_to_stderr(capsys):
    logs.to_stderr()
    logs.get("worker").info("a word")
    assert "zeroapp.worker: a word" in capsys.readouterr().err
