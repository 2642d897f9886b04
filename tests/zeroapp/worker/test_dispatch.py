"""What each job leads to, without torch: importing and checking for real, the rest by its error."""

import os
import subprocess
import sys

import pytest
from msgspec.structs import replace

from zeroapp import protocol as p
from zeroapp.errors import AppError
from zeroapp.plan import TrainPlan
from zeroapp.project import Project
from zeroapp.runs.process import environment
from zeroapp.tasks import default
from zeroapp.work import Silent
from zeroapp.worker.dispatch import perform
from zeroapp.worker.seat import Seat

PLAN = TrainPlan(task="text_classification", base="b", data_version="v", labels=("a", "b"))


class Heard(Silent):
    """Keeps what was said."""

    def __init__(self):
        self.events = []

    def say(self, event):
        self.events.append(event)


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", task=default().key) as made:
        yield made


@pytest.fixture
def seat(project):
    folder = project.new_run("test").path
    return Seat(folder=str(folder), rank=0, ranks=1, store=str(folder / "store"))


def test_importing_and_checking_say_their_results(project, seat, tmp_path):
    rows = "".join(f"message number {n} of many,kind {n % 2}\n" for n in range(40))
    (tmp_path / "data.csv").write_text("message,kind\n" + rows)
    heard = Heard()
    job = p.ImportData(project=str(project.folder), paths=(str(tmp_path / "data.csv"),))
    perform(job, seat, heard)
    assert heard.events[-1].rows_stored == 40
    perform(p.Check(project=str(project.folder)), seat, heard)
    assert isinstance(heard.events[-1], p.Checked)
    assert heard.events[-1].profile.usable == 40
    assert project.profile() == heard.events[-1].profile


def test_looking_deeper_says_each_check_as_it_is_done(project, seat, tmp_path):
    """Five rows are too few for what compares meanings, so that no model is loaded."""
    (tmp_path / "data.csv").write_text("message,kind\n" + "write to a@b.de,x\n" * 5)
    perform(
        p.ImportData(project=str(project.folder), paths=(str(tmp_path / "data.csv"),)),
        seat,
        Silent(),
    )
    heard = Heard()
    perform(p.Inspect(project=str(project.folder)), seat, heard)
    looks = {e.look.name: e.look for e in heard.events if isinstance(e, p.Inspected)}
    assert sorted(looks) == sorted(look.name for look in project.store.looks())
    assert looks["origins"].problems  # nobody has said where the file comes from
    assert looks["wrong-labels"].skipped == "There are fewer than 20 examples."


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (p.ImportData(project="P", paths=("/no/such/file.csv",)), "file-missing"),
        (p.MakePlan(project="P"), "not-checked"),
        (p.Train(project="P", plan=replace(PLAN, base="minilm-l6")), "data-changed"),
        (p.Evaluate(project="P", run_id="none"), "no-run"),
        (p.Export(project="P", run_id="none", format="onnx", out=""), "no-run"),
        (p.Predict(model="P", file="x.csv", out="y.csv"), "no-model"),
        (p.TryOut(project="P", run_id="none"), "no-run"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_job_finds_its_room(project, seat, tmp_path, job, code):
    where = "model" if isinstance(job, p.Predict) else "project"
    job = replace(job, **{where: str(project.folder)})
    with pytest.raises(AppError) as caught:
        perform(job, seat, Silent())
    assert caught.value.code == code


@pytest.mark.skipif(os.name != "posix", reason="niceness is Unix's word for it")
@pytest.mark.parametrize("before", [0, 17])
def test_training_steps_back_for_everything_else_and_never_comes_forward(before):
    # An ordinary user who starts it at 17 may not even ask for less.
    code = (
        f"import os; os.nice({before} - os.nice(0) if {before} > os.nice(0) else 0);"
        "from zeroapp.worker import dispatch as d; d._step_back(); print(os.nice(0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, check=True, text=True
    )
    assert int(done.stdout) >= max(before, 5)  # more where the test runs lower
