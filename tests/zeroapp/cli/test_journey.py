"""What `train` goes on with, with fake workers in place of training."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from support.fake_worker import FakeLauncher
from support.processes import eventually, none_left
from support.script import AwaitStop, Fail, Say, Steps
from zeroapp import protocol as p
from zeroapp.cli import journey
from zeroapp.cli.console import Console
from zeroapp.data.importing import import_paths, read_again
from zeroapp.dataset import DatasetProfile
from zeroapp.errors import DataError, Problem, Severity, UsageError
from zeroapp.plan import PlanOptions, TrainPlan
from zeroapp.project import Project
from zeroapp.status import Outcome
from zeroapp.tasks import default
from zeroapp.work import Silent

CONSOLE = Console(quiet=True)
PROFILE = DatasetProfile(version="v1", rows=0, usable=0, set_aside=0, columns=(), roles={})
PLAN = TrainPlan(task="t", base="b", data_version="v1", labels=("x", "y"))


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", task=default().key) as made:
        made.store_check(PROFILE, ())
        yield made
    assert none_left()


@pytest.fixture
def fake(monkeypatch):
    """Every run that the command line starts or goes on with plays this."""
    launcher = FakeLauncher((Steps(total=20),))
    monkeypatch.setattr(journey, "go_on", launcher.go_on)
    return launcher


def trained(project, *plays, plan=PLAN):
    """A training run, followed to its end."""
    handle = FakeLauncher(*plays).launch(
        p.Train(project=str(project.folder), plan=plan), project.new_run("train")
    )
    if plays[0][-1] == AwaitStop():
        assert eventually(lambda: handle.status.attempt == 1, within=20)
    else:
        handle.wait(20)
    return handle


def stopped(project, *, plan=PLAN):
    handle = trained(project, (AwaitStop(),), (Steps(total=20),), plan=plan)
    handle.stop()
    assert handle.wait(20).outcome is Outcome.stopped
    return handle


def test_a_file_is_read_once_more_in_another_encoding(project, tmp_path, monkeypatch):
    path = tmp_path / "old.csv"
    path.write_bytes("message,kind\nŁ one,a\nplain two,b\n".encode("cp852"))
    import_paths(project, [path], Silent(), encoding="cp1250")
    read_again(project, 1, without=("encoding",), work=Silent())
    asked = []
    done = SimpleNamespace(imported=p.Imported(rows_stored=2, rows_set_aside=0, files=1))
    monkeypatch.setattr(journey, "do", lambda job, *_: asked.append(job) or done)
    journey.read_again(project, "old.csv", (), CONSOLE, encoding="cp852")
    (job,) = asked
    assert (job.encoding, job.without) == ("cp852", ())  # what was taken back is wanted again
    with pytest.raises(UsageError, match="no file called"):
        journey.read_again(project, "other.csv", (), CONSOLE, encoding="cp852")


def test_what_no_plan_came_of_is_not_kept(project, monkeypatch):
    """A base that is refused would stand in the way of the next check."""
    refused = DataError("model-unsafe", title="It is not safe.", hint="Take another.")

    def refuse(*_):
        raise refused

    monkeypatch.setattr(journey, "do", refuse)
    with pytest.raises(DataError):
        journey.plan(project, PlanOptions(base="odd"), CONSOLE)
    assert project.options() == PlanOptions()


def unfinished(project, options=None):
    return journey.unfinished(project, options or PlanOptions(), CONSOLE)


def test_a_stopped_run_is_gone_on_with(project, fake):
    before = stopped(project)
    handle = unfinished(project)
    assert handle.folder == before.folder
    status = handle.wait(20)
    assert (status.outcome, status.attempt) == (Outcome.completed, 2)


def test_a_run_that_works_is_joined(project, fake):
    before = trained(project, (AwaitStop(),))
    handle = unfinished(project)
    assert handle.folder == before.folder
    assert handle.status.attempt == 1
    handle.stop()
    handle.wait(20)


def test_a_vanished_run_is_gone_on_with(project, fake):
    before = trained(project, (AwaitStop(),), (Steps(total=20),))
    before.kill()
    assert unfinished(project).wait(20).outcome is Outcome.completed


def test_a_run_that_met_a_full_disk_is_gone_on_with(project, fake):
    trained(project, (Fail(code="disk-full"),), (Steps(total=20),))
    assert unfinished(project).wait(20).outcome is Outcome.completed


@pytest.mark.parametrize("play", [(Fail(code="nan"),), (Steps(total=2),)], ids=["failed", "done"])
def test_a_run_that_came_to_its_end_is_not(project, fake, play):
    stopped(project) if play == (Steps(total=2),) else None
    trained(project, play)
    assert unfinished(project) is None


def test_other_wishes_start_anew(project, fake):
    stopped(project)
    assert unfinished(project, PlanOptions(overrides={"epochs": 50})) is None


def test_wishes_that_the_plan_meets_go_on(project, fake):
    stopped(project)
    handle = unfinished(project, PlanOptions(ranks=1, overrides={"epochs": PLAN.epochs}))
    assert handle.wait(20).outcome is Outcome.completed


def test_other_data_starts_anew(project, fake):
    stopped(project, plan=replace(PLAN, data_version="v0"))
    assert unfinished(project) is None


def test_data_with_problems_is_refused_with_all_of_them(project):
    blocking = Problem(code="a", severity=Severity.blocking, title="A.", remedy="Do.")
    warning = Problem(code="b", severity=Severity.warning, title="B.", remedy="Do.")
    project.store_check(PROFILE, (warning, blocking))
    with pytest.raises(DataError) as caught:
        journey.ready(project, CONSOLE)
    assert caught.value.exit_code == 3
    assert [problem.code for problem in caught.value.problems] == ["b", "a"]


def test_a_warning_does_not_stop_anyone(project):
    project.store_check(PROFILE, (Problem(code="b", severity="warning", title="B.", remedy="D."),))
    assert journey.ready(project, CONSOLE) == "v1"


def test_a_result_that_never_came_is_an_error(project, monkeypatch):
    launcher = FakeLauncher((Say(event=p.Noted(level="info", text="x")),))
    monkeypatch.setattr("zeroapp.cli.follow.launch", launcher.launch)
    with pytest.raises(Exception, match="without a result"):
        journey.check(project, CONSOLE)
