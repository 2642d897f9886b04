"""The buttons of the plan page that try a plan, pressed in a real window before real workers."""

import pytest

from support import tiny_model
from support.look import _plain_look, look
from support.processes import none_left
from support.rows import examples
from ui.app import Runs, assemble
from ui.background import Inline
from zeroapp import protocol as p
from zeroapp.data.importing import import_paths
from zeroapp.engine import device
from zeroapp.plan import PlanOptions
from zeroapp.project import Project
from zeroapp.tasks import default
from zeroapp.wizard import Step
from zeroapp.work import Silent
from zeroapp.worker.dispatch import perform
from zeroapp.worker.seat import Seat

__all__ = ["_plain_look", "look"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PATIENCE = 240_000


@pytest.fixture
def folder(tmp_path):
    """A checked project of a few rows, with a base of a few kilobytes and one round."""
    device.probe(Silent(), measure=False)  # a plan would measure the computer first
    base = tiny_model.make(tmp_path / "base")
    rows = [f"{row.text} {row.row_id},{row.label}\n" for row in examples(60)]
    table = tmp_path / "rows.csv"
    table.write_text("message,kind\n" + "".join(rows), "utf-8")
    wishes = {"epochs": 1, "batch_size": 4, "max_length": 16}
    with Project.create(tmp_path / "project", task=default().key) as made:
        import_paths(made, [table], Silent())
        made.set_options(PlanOptions(base=str(base), overrides=wishes))
        seat = Seat(folder=str(made.new_run("check").path), rank=0, ranks=1, store="")
        perform(p.Check(project=str(made.folder)), seat, Silent())
    return tmp_path / "project"


@pytest.fixture
def app(qapp, look, folder, qtbot):
    """The window as `zeroapp` opens it, at the plan of that project."""
    made = assemble(qapp, launcher=Runs(), door=Inline())
    made.models.session.open(Project.open(folder))
    made.window.show()
    assert made.models.session.go(Step.plan)
    qtbot.waitUntil(lambda: plan_of(made).trials.can_try, timeout=PATIENCE)
    yield made
    plan_of(made).trials.stop()
    made.models.session.open(None)
    made.window.close()


def plan_of(app):
    return app.screens.models[Step.plan]


def test_a_rehearsal_tells_what_real_steps_took(app, qtbot):
    stages, trials = app.screens.pages[Step.plan].stages, plan_of(app).trials
    stages.rehearse.click()
    qtbot.waitUntil(lambda: trials.rehearsal is not None and not trials.busy, timeout=PATIENCE)

    told = {fact.name: fact.value for fact in trials.rehearsal.facts}
    assert trials.failure is None
    done, _, total = told["Steps tried"].partition(" of ")
    assert 1 <= int(done) <= int(total)
    assert "MB" in told["Memory"]
    assert len(trials.rehearsal.rows) >= 3
    assert app.screens.pages[Step.plan].trials.shown.isVisibleTo(app.window)
    assert plan_of(app).can_go_on
    assert none_left()


def test_the_chart_of_stages_shows_that_sharing_makes_each_process_smaller(app, qtbot):
    stages, trials = app.screens.pages[Step.plan].stages, plan_of(app).trials
    stages.compare.click()
    qtbot.waitUntil(lambda: not trials.can_try, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not trials.busy, timeout=PATIENCE)

    assert trials.failure is None
    kept, peak, step, _exchanging = trials.stages
    assert [len(group.bars) for group in trials.stages] == [4, 4, 4, 4]
    shares = [bar.share for bar in kept.bars]
    assert shares[0] == 1.0  # nothing is shared
    assert max(shares[1:]) < 0.8
    assert all("does not fit" not in bar.words for bar in (*peak.bars, *step.bars))
    assert trials.stages_note.startswith("Measured here with 2 processes.")
    assert none_left()
