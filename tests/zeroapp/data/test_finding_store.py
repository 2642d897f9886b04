"""Suspected labels and decisions survive; what was found of older data is not given out."""

import pytest

from zeroapp.data.store import Store
from zeroapp.errors import Place, Problem, Severity
from zeroapp.inspection import Look, Suspect, Verdict


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "project.db", settings={})
    yield made
    made.close()


def problem(count: int = 3) -> Problem:
    return Problem(
        code="personal-data",
        severity=Severity.warning,
        title="x",
        remedy="y",
        count=count,
        place=Place(column="text", line=4),
    )


def test_suspects_come_back_the_surest_first_and_are_replaced(store):
    rows = [
        Suspect(row_id=row, given="a", suggested="b", confidence=sure)
        for row, sure in ((1, 0.7), (2, 0.9))
    ]
    store._write("PRAGMA foreign_keys=OFF", ())
    store.keep_suspects(rows)
    assert [s.row_id for s in store.suspects()] == [2, 1]
    store.keep_suspects(rows[:1])
    assert store.suspects() == (rows[0],)


def test_a_look_at_older_rows_is_not_given_out(store):
    look = Look(name="odd", title="Odd ones", blind="Nothing.")
    store.keep_look(look, revision=store.revision())
    assert store.looks() == (look,)
    store.changed()
    assert store.looks() == ()


def test_a_decision_can_be_taken_back_and_holds_for_no_more_rows_than_it_was_made_for(store):
    assert store.verdict_on(problem()) is Verdict.open
    store.decide(problem(), verdict=Verdict.dismissed)
    assert store.verdict_on(problem()) is Verdict.dismissed
    assert store.verdict_on(problem(count=2)) is Verdict.dismissed
    assert store.verdict_on(problem(count=4)) is Verdict.open
    store.decide(problem(), verdict=Verdict.open)
    assert store.verdict_on(problem()) is Verdict.open
    assert len(store.decisions()) == 2
