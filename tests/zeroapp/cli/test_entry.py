import json
import subprocess
import sys

import pytest

from zeroapp.cli import entry, main
from zeroapp.cli.console import Console
from zeroapp.cli.words import duration, size
from zeroapp.errors import Failure
from zeroapp.project import Project
from zeroapp.status import Point, RunStatus, State
from zeroapp.tasks import default


@pytest.fixture(autouse=True)
def excepthook(monkeypatch):
    """main() sets it for the process; a test gives it back."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", task=default().key) as made:
        yield made


WRONG = [
    ((), ["new"], "bad-usage"),
    ((), ["nosuchverb"], "bad-usage"),
    ((), ["new", "DIR", "--task", "nosuchtask"], "unknown-task"),
    ((), ["import", "DIR", "x.csv"], "no-project"),
    ((), ["check", "DIR"], "no-project"),
    ((), ["plan", "DIR"], "no-project"),
    ((), ["train", "DIR"], "no-project"),
    ((), ["train", "DIR", "--zero", "7"], "bad-usage"),
    (("new",), ["new", "DIR"], "project-exists"),
    (("new",), ["evaluate", "DIR"], "no-model"),
    (("new",), ["evaluate", "DIR", "--run", "x"], "no-run"),
    (("new",), ["export", "DIR", "--to", "onnx"], "no-model"),
    (("new",), ["export", "DIR", "--to", "gif"], "unknown-format"),
    (("new",), ["predict", "DIR", "x.csv"], "no-model"),
    (("new",), ["train", "DIR", "--set", "epoch=3"], "unknown-plan-field"),
    (("new",), ["plan", "DIR", "--plan", "/nowhere.json"], "no-file"),
]


@pytest.mark.parametrize(("before", "words", "code"), WRONG, ids=str)
def test_wrong_usage_is_told_in_words_and_in_json(tmp_path, capsys, before, words, code):
    words = [str(tmp_path / "p") if word == "DIR" else word for word in words]
    if before:
        assert main(["new", str(tmp_path / "p"), "--quiet"]) == 0
    capsys.readouterr()
    assert main([*words, "--json"]) == 2
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert error["code"] == code
    assert set(error) == {"code", "title", "hint"}

    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert error["title"] in told.err
    assert error["hint"] in told.err
    assert "Traceback" not in told.err


def test_new_makes_a_project(tmp_path, capsys):
    assert main(["new", str(tmp_path / "p"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"project": str(tmp_path / "p"), "task": default().key}
    with Project.open(tmp_path / "p") as project:
        assert project.task == default().key


def test_without_a_verb_the_window_opens_as_another_process(monkeypatch):
    started = []

    def run(command, **_options):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(entry.subprocess, "run", run)
    assert main([]) == 0
    assert started[0][-2:] == ["-m", "ui"]
    assert "PySide6" not in sys.modules or "ui" not in vars(entry)


VERBS = (
    *("demo", "new", "import", "check", "plan", "train"),
    *("evaluate", "export", "predict", "probe"),
)


def test_help_is_help(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    for verb in VERBS:
        assert f"    {verb} " in shown


def test_the_unforeseen_goes_to_the_log_and_not_to_the_user(zeroapp_home, capsys):
    error = RuntimeError("gizmo 42")
    entry._unforeseen(RuntimeError, error, error.__traceback__)
    told = capsys.readouterr()
    assert "gizmo" not in told.err + told.out
    log = zeroapp_home / "logs" / "zeroapp.log"
    assert str(log) in told.err
    assert "gizmo 42" in log.read_text()


def test_an_error_in_json_names_the_problems_too(capsys):
    Console(json=True).error(Failure(code="c", title="t", hint="h"), problems=[])
    assert json.loads(capsys.readouterr().out) == {
        "error": {"code": "c", "title": "t", "hint": "h"}
    }


HALF = RunStatus(
    state=State.running,
    phase="training",
    phase_title="Training",
    done=50,
    total=100,
    unit="steps",
    seconds_left=200.0,
    losses=(Point(50, 0.25),),
)


def test_progress_where_nobody_can_overwrite_is_a_line_now_and_then(capsys):
    console = Console()
    for _ in range(100):
        console.progress(HALF)
    assert capsys.readouterr().err == "Training ...\n"


def test_progress_on_a_terminal_is_one_line_that_changes(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    console = Console()
    console.progress(HALF)
    console.progress(HALF)
    console.remark("hello")
    shown = capsys.readouterr().err
    assert shown.count("50 %") == 1
    assert "█" * 12 + "░" * 12 in shown
    assert "about 3 minutes left" in shown
    assert "loss 0.250" in shown
    assert shown.endswith("\r\x1b[2Khello\n")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "less than a minute"),
        (60, "about a minute"),
        (200, "about 3 minutes"),
        (5400, "about 1.5 hours"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_sizes():
    assert [size(10), size(350e6), size(1.44e9)] == ["1 MB", "350 MB", "1.4 GB"]


def test_a_reader_that_has_read_enough_is_no_error(tmp_path):
    command = [sys.executable, "-m", "zeroapp", "new", str(tmp_path / "p"), "--json"]
    made = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    made.stdout.close()  # long before the answer is there

    _, errors = made.communicate(timeout=60)

    assert (made.returncode, errors) == (0, b"")
    assert Project.open(tmp_path / "p").count() == 0
