"""The small download: a window that says what it lacks, offers it, and does what it can without."""

import pytest

from support.desk import table
from ui import words
from ui.home import Home
from ui.pages.engine import EngineCard
from zeroapp import protocol as p
from zeroapp.packs import offer
from zeroapp.packs.engine import Kind, Managed, choose
from zeroapp.wizard import Step


@pytest.fixture
def small(desk, monkeypatch):
    """A desk whose app came without an engine, on a 64-bit Linux without a card."""
    monkeypatch.setattr(offer, "is_small", lambda: True)
    monkeypatch.setattr(offer.sys, "platform", "linux")
    monkeypatch.setattr(offer.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(offer, "cards", tuple)
    desk.launcher.engine = False
    return desk


@pytest.fixture
def home(small, qapp):
    made = Home(qapp, small.window, small.app.models)
    small.window.show()
    small.app.models.computer.look()
    made.offer_engine()
    return made


def card(desk) -> EngineCard:
    [found] = desk.app.screens.start.findChildren(EngineCard)
    return found


@pytest.fixture
def project(small, home, tmp_path):
    """A project with a file in it, open; the engine with which it was read is gone again."""
    small.launcher.engine = True
    small.start.add_files([table(tmp_path)])
    small.launcher.engine = False
    return small.session.project


def test_the_start_page_says_what_is_missing_what_it_takes_and_where_it_goes(small, home):
    assert card(small).isVisible()
    model = home.engine
    assert "missing" in model.title
    for said in ("fetched once", "You can stop at any time", "goes on where it was"):
        assert said in model.text
    takes = offer.get("cpu")
    for said in (words.size(takes.download), words.size(takes.disk), "free in"):
        assert said in model.facts
    assert card(small).make.text() == "&Get the engine"


def test_nothing_is_started_by_itself_and_no_failure_is_shown(small, home):
    assert small.launcher.jobs == []
    assert not small.window.error.isVisible()
    assert "needs the engine" in small.app.models.computer.detail


def test_one_press_makes_the_pack_of_the_processor_and_stop_is_there(small, home, qtbot):
    card(small).make.click()
    [job] = small.launcher.jobs
    assert isinstance(job, p.MakeEngine)
    assert job.pack == "cpu"
    assert not card(small).make.isVisible()
    home.engine.stop()
    qtbot.waitUntil(lambda: not home.engine.busy, timeout=10_000)


def test_a_dropped_file_leaves_no_project_behind_and_offers_the_engine(small, home, tmp_path):
    small.start.add_files([table(tmp_path)])
    error = small.window.error
    assert small.session.project is None
    assert small.app.models.preferences.value.recent == ()
    assert error.isVisible()
    assert error.mend.isVisible()
    error.mend.click()
    assert home.dialog.isVisible()
    assert home.dialog.engine.make.isVisibleTo(home.dialog)
    home.dialog.close()


def test_a_project_shows_its_rows_and_checking_waits_for_the_engine(small, project):
    small.session.go(Step.check)
    check = small.model(Step.check)
    assert check.doing is None
    assert small.window.error.mend.isVisible()
    small.session.go(Step.examples)
    assert small.model(Step.examples).rows == 60


def test_files_added_to_a_project_are_refused_and_nothing_spins(small, project, tmp_path):
    small.session.go(Step.examples)
    examples = small.model(Step.examples)
    examples.add_files([table(tmp_path, "more.csv")])
    assert examples.doing is None
    assert examples.rows == 60
    assert "engine" in small.window.error._failure.title


def test_once_it_is_there_the_offer_goes_and_what_waited_begins(
    small, home, project, tmp_path, monkeypatch
):
    small.session.go(Step.check)
    monkeypatch.setattr(Managed, "whole", lambda _self: True)
    choose(Managed(tmp_path / "engines" / "engine-cpu"))
    small.launcher.engine = True
    home.engine.look()
    assert home.engine._found.kind is Kind.managed
    assert not card(small).isVisibleTo(small.app.screens.start)
    assert small.model(Step.check).checked
    assert not small.window.error.isVisible()


def test_the_app_with_everything_inside_shows_no_such_card(desk, qapp):
    Home(qapp, desk.window, desk.app.models).offer_engine()
    assert desk.app.screens.start.findChildren(EngineCard) == []
