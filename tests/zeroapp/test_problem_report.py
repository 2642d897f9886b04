"""A report holds what the makers need and nothing of the person's."""

import errno
import os
import traceback
import zipfile

import pytest

from zeroapp import logs, paths, problem_report
from zeroapp.errors import AppError, Failure
from zeroapp.project import Project

SECRET = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123"
TEXT = "My card 4921 was swallowed by the machine in Ghent"
PERSON = "jörg-müller"


def trace() -> str:
    try:
        int(TEXT + SECRET)
    except ValueError:
        return traceback.format_exc()


@pytest.fixture
def report(zeroapp_home, tmp_path):
    """A report of a computer where everything that can leak has been planted."""
    with Project.create(tmp_path / PERSON / TEXT, task="text_classification") as project:
        run = project.new_run("train")
        run.events.write_text(
            '{"type":"StepLogged","step":3,"loss":0.5}\n'
            f'{{"type":"Answered","text":"{TEXT}"}}\n'
            f'{{"type":"Failed","failure":{{"code":"disk-full","title":"{TEXT}","hint":""}}}}\n'
        )
        run.log.write_text(f"Loading {TEXT}\n{trace()}token={SECRET}\n")
        logs.to_file()
        logs.get("test").error("%s %s\n%s", TEXT, SECRET, trace())
        failure = Failure(code="unexpected", title=TEXT, hint=PERSON, detail=trace())
        return problem_report.gather(failure=failure, project=project.folder)


def test_nothing_of_the_person_is_in_it(report):
    whole = "\n".join(entry.name + entry.text for entry in report)
    for planted in (TEXT, SECRET, PERSON, "4921", "Ghent"):
        assert planted not in whole


def test_what_the_makers_need_is_in_it(report):
    told = {entry.name: entry.text for entry in report}
    assert "ValueError (message left out)" in told["run/worker.log"]
    assert "test_problem_report" not in told["run/worker.log"]  # not a file of ours
    assert "in trace" in told["run/worker.log"]
    assert '"code": "unexpected"' in told["error.json"]
    assert '"loss": 0.5' in told["run/events.json"]
    assert '"code": "disk-full"' in told["run/events.json"]
    assert '"memory_gb"' in told["about.json"]
    assert any(name.startswith("logs/") for name in told)


def test_frames_of_our_own_code_keep_their_place():
    lines = [
        '  File "/opt/zeroapp/_internal/source/zeroapp/runs/launch.py", line 7, in go_on',
        '  File "C:\\Users\\jo\\App\\_internal\\torch\\nn\\module.py", line 9, in forward',
        '  File "/home/jo/secret/plans.py", line 1, in <module>',
        '  File "/home/jo/Documents/zeroapp/Divorce/exports/onnx/answer.py", line 3, in predict',
    ]
    assert list(problem_report.traces("\n".join(lines))) == [
        "  zeroapp/runs/launch.py:7 in go_on",
        "  torch/nn/module.py:9 in forward",
        "  (a file elsewhere):1 in <module>",
        "  (a file elsewhere):3 in predict",
    ]


def test_what_is_saved_is_what_was_shown(report, tmp_path):
    place = tmp_path / "report.zip"
    problem_report.save(place, report)
    with zipfile.ZipFile(place) as opened:
        assert {name: opened.read(name).decode() for name in opened.namelist()} == {
            entry.name: entry.text for entry in report
        }


def test_a_place_that_cannot_be_written_is_told(report, tmp_path):
    with pytest.raises(AppError) as told:
        problem_report.save(tmp_path / "no" / "such" / "folder.zip", report)
    assert told.value.code == "report-not-saved"


def test_a_disk_that_fills_up_meanwhile_leaves_no_half_report(report, tmp_path, monkeypatch):
    def full(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError) as told:
        problem_report.save(tmp_path / "report.zip", report)
    assert told.value.code == "report-not-saved"
    assert list(tmp_path.glob("report*")) == []


def test_a_computer_without_logs_has_a_report_too(zeroapp_home):
    assert not paths.log_dir().exists()
    assert [entry.name for entry in problem_report.gather()] == ["about.json"]
