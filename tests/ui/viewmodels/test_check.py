"""Check: it starts by itself, orders what it found, and stops only for what must be mended."""

import pytest

from support.desk import table
from support.screens import check_at_work, check_clean, check_deeper, check_problems
from zeroapp import protocol as p
from zeroapp.data.editing import bin_rows
from zeroapp.errors import Problem, Severity
from zeroapp.inspection import Look
from zeroapp.wizard import Step


@pytest.fixture
def model(desk):
    return desk.model(Step.check)


def checks(desk) -> int:
    return sum(isinstance(job, p.Check) for job in desk.launcher.jobs)


def test_it_looks_by_itself_and_only_once(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    assert checks(desk) == 1
    desk.session.go(Step.examples)
    desk.session.go(Step.check)
    assert checks(desk) == 1


def test_other_columns_are_looked_at_again(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    desk.session.go(Step.examples)
    desk.model(Step.examples).set_role("message", "label")
    assert not desk.session.draft.checked
    desk.session.go(Step.check)
    assert checks(desk) == 2


def test_clean_data_says_so_and_opens_the_way(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    assert model.clean
    assert model.title == "Your examples look good"
    assert model.can_go_on
    assert {fact.name: fact.value for fact in model.facts} == {
        "Examples": "180",
        "Kinds": "3",
        "Usual length": "7 word pieces",
        "Language": "English",
    }
    assert [(bar.title, bar.words) for bar in model.labels] == [
        ("card", "60"),
        ("login", "60"),
        ("refund", "60"),
    ]


def test_while_it_looks_again_it_does_not_say_what_it_found_before(desk, model, tmp_path):
    check_at_work(desk, tmp_path)
    assert model.doing is not None
    assert not model.clean
    assert model.title == "A look at your examples"


def test_what_must_be_mended_comes_first_and_closes_the_way(desk, model, tmp_path):
    check_problems(desk, tmp_path)
    assert [item.severity for item in model.problems] == [Severity.blocking, Severity.warning]
    assert [item.word for item in model.known] == ["Good to know"]
    assert model.title == "1 thing to mend first"
    assert not model.can_go_on
    assert model.why_not == "One problem must be mended first."
    assert not model.clean
    assert model.problems[1].where == "questions.csv · line 17 · column “kind” · 12 rows"


def test_warnings_alone_leave_the_way_open(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    project = desk.session.project
    found = project.problems()
    desk.session.project.store_check(project.profile(), [*found, _warning()])
    model.entered()
    desk.session.refresh()
    assert model.title == "Good enough to train"
    assert model.can_go_on


def _warning():
    from support.screens import PROBLEMS

    return next(one for one in PROBLEMS if one.severity is Severity.warning)


def test_progress_and_stop(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    watcher = desk.session.watcher("check")
    handle = watcher.handle
    handle.say(
        p.Started(job="Check", pid=1, attempt=2),
        p.PhaseEntered(phase="measuring", title="Measuring the texts"),
        p.Progressed(done=1, total=4, unit="rows", seconds_left=3.0),
    )
    watcher.watch(handle)
    assert (model.doing.title, model.doing.total) == ("Measuring the texts", 4)
    assert not model.can_go_on
    model.stop()
    assert handle.told == ["stop"]
    assert model.doing is None


@pytest.mark.parametrize("vanished", [True, False])
def test_a_look_that_failed_can_be_made_again(desk, model, tmp_path, vanished):
    from support import stories

    desk.start.add_files([table(tmp_path)])
    desk.session.go(Step.check)
    desk.model(Step.examples).set_role("kind", "")
    watcher = desk.session.watcher("check")
    handle = watcher.handle
    handle.say(p.Started(job="Check", pid=1, attempt=2))
    watcher.watch(handle)
    if vanished:
        handle.vanish()
    else:
        handle.say(p.Failed(failure=stories.out_of_disk()))
    watcher.read()
    assert model.failure.code == ("check-interrupted" if vanished else "disk-full")
    desk.model(Step.examples).set_role("kind", "label")
    model.check_again()
    assert model.failure is None
    assert model.can_go_on


def deeper(desk, model, tmp_path):
    check_deeper(desk, tmp_path)
    return {item.title[:8]: item for item in (*model.problems, *model.known, *model.decided)}


def test_deeper_checks_begin_after_the_first_look_and_arrive_one_by_one(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    assert sum(isinstance(job, p.Inspect) for job in desk.launcher.jobs) == 1
    assert model.deeper.looks == ()
    (tmp_path / "more").mkdir()
    deeper(desk, model, tmp_path / "more")
    assert [look.title for look in model.deeper.looks if look.found] == [
        "Where the rows come from",
        "Personal data and secrets",
    ]
    assert model.deeper.doing.title == "Looking for: words that decide by themselves"
    assert model.can_go_on  # nobody has to wait for them


def test_a_finding_can_be_decided_about_and_taken_back(desk, model, tmp_path):
    item = deeper(desk, model, tmp_path)["14 rows "]
    model.decide(item.key, "accepted")
    assert model.problems == ()
    (mine,) = [one for one in model.decided if one.key == item.key]
    assert mine.decided == "You left it so"
    model.decide(item.key, "open")
    assert [one.key for one in model.problems] == [item.key]


def test_mending_hides_personal_data_and_looks_again(desk, model, tmp_path):
    item = deeper(desk, model, tmp_path)["14 rows "]
    before = checks(desk)
    model.mend(item.key)
    assert desk.session.project.store.masks()
    assert checks(desk) == before + 1


def test_where_a_file_comes_from_is_kept(desk, model, tmp_path):
    item = deeper(desk, model, tmp_path)["Nobody h"]
    assert model.asks_origin(item.key)
    model.state_origin(item.key, "our mailbox", "own")
    (origin,) = desk.session.project.store.origins().values()
    assert (origin.source, origin.licence) == ("our mailbox", "own")


def finding(desk, model, *, mend, rows=()):
    """The key of a finding of this kind that a deeper check kept."""
    problem = Problem(
        code="some-rows", severity=Severity.warning, title="Rows.", why="", remedy="",
        count=len(rows), rows=rows, mend=mend,
    )  # fmt: skip
    store = desk.session.project.store
    look = Look(name="odd", title="Odd ones out", blind="", problems=(problem,))
    store.keep_look(look, revision=store.revision())
    model.entered()
    return next(item for item in model.problems if item.title == "Rows.")


@pytest.mark.parametrize(
    ("mend", "button"), [("relabel", "Fix these rows"), ("review-rows", "Look at these rows")]
)
def test_findings_about_rows_open_a_window_and_are_looked_at_again_when_rows_changed(
    desk, model, tmp_path, mend, button
):
    check_clean(desk, tmp_path)
    item = finding(desk, model, mend=mend, rows=(5, 2))
    assert (item.mend, model.opens(item.key)) == (button, mend)
    assert model.rows_of(item.key) == (5, 2)
    before, revision = checks(desk), desk.session.project.store.revision()
    model.mended(revision)
    assert checks(desk) == before
    bin_rows(desk.session.project.store, [5])
    model.mended(revision)
    assert checks(desk) == before + 1


def test_rare_kinds_are_given_more_weight_with_one_button_and_it_is_taken_back(
    desk, model, tmp_path
):
    check_clean(desk, tmp_path)
    item = finding(desk, model, mend="weigh-rare", rows=(5, 2))
    assert item.mend == "Give rare kinds more weight"
    before = checks(desk)
    model.mend(item.key)
    assert desk.session.project.options().overrides == {"weigh_rare": True}
    (item,) = model.problems
    assert item.mend == "Let all rows count the same again"
    assert item.remedy.startswith("Rare kinds have more weight in your plan now.")
    assert checks(desk) == before  # the rows are as they were
    model.mend(item.key)
    assert desk.session.project.options().overrides == {"weigh_rare": False}
    assert model.problems[0].mend == "Give rare kinds more weight"


def test_yes_in_the_form_of_the_plan_is_known_here(desk, model, tmp_path):
    check_clean(desk, tmp_path)
    desk.model(Step.plan).change("weigh_rare", "true")
    item = finding(desk, model, mend="weigh-rare")
    assert item.mend == "Let all rows count the same again"
