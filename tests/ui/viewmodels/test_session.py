"""The session follows what a project did before and tells the pages what is new."""

from ui.viewmodels.session import _KIND_OF, KINDS
from zeroapp import protocol as p
from zeroapp.errors import ResourceError
from zeroapp.wizard import Step


def test_every_kind_of_job_has_a_watcher_and_a_name(world):
    headless = {"WriteRecipe", "Inspect"}  # verbs of the command line so far
    assert {job.__name__ for job in p.Job.__args__} - set(_KIND_OF) <= headless
    assert set(KINDS) == set(_KIND_OF.values())
    for job in (p.Check(project="x"), p.Probe(), p.MakePlan(project="x")):
        world.open()
        assert world.session.launch(job) is not None


def test_a_job_without_a_project_is_not_started(world):
    assert world.session.launch(p.Check(project="")) is None
    assert world.launcher.jobs == []


def test_a_probe_needs_no_project(world):
    world.session.launch(p.Probe())
    assert world.session.watcher("probe").busy


def test_a_job_that_cannot_be_started_is_told(world, qtbot, monkeypatch):
    world.open()

    def refuse(_job, _folder):
        raise ResourceError("disk-full", title="The disk is full.", hint="Free some space.")

    monkeypatch.setattr(world.launcher, "launch", refuse)
    with qtbot.waitSignal(world.session.failed) as heard:
        assert world.session.launch(p.Check(project="x")) is None
    assert heard.args[0].code == "disk-full"


def test_opening_lands_on_the_training_that_goes_on(world):
    world.project.new_run("train")
    world.open()
    assert world.session.step is Step.train
    assert world.session.draft.training


def test_opening_lands_on_the_verdict_of_a_finished_training(world):
    from support import stories

    folder = world.project.add_report(stories.report())
    world.open()
    assert world.session.step is Step.quality
    assert world.session.watcher("train").handle.folder == folder
    assert not world.session.draft.training


def test_closing_a_project_forgets_its_runs(world):
    world.project.new_run("train")
    world.open()
    world.session.open(None)
    assert world.project.closed
    assert world.session.watcher("train").handle is None
    assert world.session.draft.rows == 0


def test_a_locked_step_is_not_shown(world):
    world.open()
    world.session.step = Step.check
    assert not world.session.go(Step.use)
    assert world.session.step is Step.check
    assert world.session.forward()
    assert world.session.step is Step.plan
    world.session.backward()
    assert world.session.step is Step.check


def test_a_stop_reaches_only_what_is_at_work(world):
    world.open()
    world.session.stop("tryout")
    world.session.launch(p.TryOut(project="x", run_id="r"))
    world.session.stop("tryout")
    assert world.launcher.last.told == ["stop"]
    world.tell("tryout", p.Finished(outcome="stopped"))
    world.session.stop("tryout")
    assert world.launcher.last.told == ["stop"]


def test_training_alive_asks_the_process(world):
    world.open()
    assert not world.session.training_alive()
    world.project.new_run("train")
    world.session.open(world.project)
    assert world.session.training_alive()
    world.vanish("train")
    assert not world.session.training_alive()
