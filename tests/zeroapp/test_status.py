"""What a run's log adds up to."""

import pytest

from zeroapp import protocol as p
from zeroapp.errors import Failure
from zeroapp.status import Outcome, RunStatus, State, fold, fold_all


def started(attempt=1):
    return p.Started(at=float(attempt), job="Train", pid=1, attempt=attempt)


def step(number, loss=1.0):
    return p.StepLogged(
        step=number,
        total=10,
        epoch=0.1,
        loss=loss,
        learning_rate=1e-5,
        grad_norm=1.0,
        rows_per_second=1.0,
        tokens_per_second=1.0,
        seconds_left=5.0,
    )


def scored(model, number, right=1):
    return p.Scored(
        model=model, step=number, n=2, right=right, accuracy=0.5, macro_f1=0.5, log_loss=0.7
    )


SAVED = p.CheckpointSaved(step=2, seconds=0.1, bytes=1)
LOST = p.Failed(failure=Failure(code="x", title="t", hint="h"))


@pytest.mark.parametrize(
    ("events", "state", "outcome"),
    [
        ([], State.waiting, None),
        ([started()], State.running, None),
        ([started(), p.Paused(step=1)], State.paused, None),
        ([started(), p.Paused(step=1), p.Continued(step=1)], State.running, None),
        ([started(), p.Finished(outcome="completed")], State.ended, Outcome.completed),
        ([started(), p.Finished(outcome="stopped")], State.ended, Outcome.stopped),
        ([started(), LOST], State.ended, Outcome.failed),
        ([started(), LOST, started(2)], State.running, None),
    ],
)
def test_state_and_outcome(events, state, outcome):
    status = fold_all(events)
    assert (status.state, status.outcome) == (state, outcome)


def test_going_on_takes_back_what_was_logged_beyond_the_save():
    before = [started(), step(1), step(2), SAVED, step(3), scored("fine-tuned", 3)]
    status = fold_all([*before, started(2), p.Resumed(step=2), step(3, loss=0.5)])
    assert [(point.step, point.value) for point in status.losses] == [(1, 1), (2, 1), (3, 0.5)]
    assert status.scores == ()
    assert (status.attempt, status.saved_step) == (2, 2)


def test_going_on_without_a_save_starts_the_curve_anew():
    before = [started(), scored("probe", 0), step(1), step(2)]
    status = fold_all([*before, started(2), p.Resumed(step=0), step(1)])
    assert [point.step for point in status.losses] == [1]
    assert [score.model for score in status.scores] == ["probe"]


def test_what_is_found_again_is_kept_once():
    status = fold_all([scored("probe", 0, right=1), scored("probe", 0, right=2)])
    assert [score.right for score in status.scores] == [2]


def test_an_attempt_that_goes_on_forgets_the_old_failure_but_not_the_results():
    judged_before = p.Imported(rows_stored=3, rows_set_aside=0, files=1)
    status = fold_all([started(), judged_before, LOST, started(2)])
    assert (status.failure, status.problems) == (None, ())
    assert status.imported == judged_before
    assert status.started_at == 1.0


def test_folding_in_pieces_is_folding_at_once():
    events = [started(), step(1), SAVED, step(2), p.Finished(outcome="completed")]
    pieces = RunStatus()
    for event in events:
        pieces = fold(pieces, event)
    assert pieces == fold_all(events) == fold_all(events[3:], fold_all(events[:3]))
