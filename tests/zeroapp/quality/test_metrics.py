"""Counts and scores, held against scikit-learn and against cases one can do by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from zeroapp.dataset import Example
from zeroapp.quality.metrics import (
    confusion,
    confusion_counts,
    label_scores,
    log_loss,
    macro_f1,
    worst_mistakes,
)

LABELS = 4
answered_rows = st.lists(
    st.tuples(st.integers(0, LABELS - 1), st.integers(0, LABELS - 1)), min_size=1, max_size=60
)


def counted(rows):
    truth, answers = (np.array(column) for column in zip(*rows, strict=True))
    return truth, answers, confusion_counts(truth, answers=answers, labels=LABELS)


@settings(deadline=None)  # other work may share the processor
@given(answered_rows)
def test_counts_are_those_of_scikit_learn(rows):
    truth, answers, counts = counted(rows)
    expected = reference.confusion_matrix(truth, answers, labels=range(LABELS))
    assert (counts == expected).all()
    value = confusion(counts, labels="abcd")
    assert sum(map(sum, value.counts)) == len(rows)


@settings(deadline=None)  # other work may share the processor
@given(answered_rows)
def test_macro_f1_is_that_of_scikit_learn(rows):
    truth, answers, counts = counted(rows)
    expected = reference.f1_score(truth, answers, average="macro", zero_division=0)
    assert macro_f1(counts) == pytest.approx(expected)


@settings(deadline=None)  # other work may share the processor
@given(answered_rows)
def test_label_scores_are_those_of_scikit_learn(rows):
    truth, answers, counts = counted(rows)
    expected = reference.precision_recall_fscore_support(
        truth, answers, labels=range(LABELS), zero_division=0
    )
    scores = label_scores(counts, labels="abcd")
    assert [s.label for s in scores] == list("abcd")
    for ours, theirs in zip(("precision", "recall", "f1", "n"), expected, strict=True):
        assert [getattr(s, ours) for s in scores] == pytest.approx(list(theirs))


def test_log_loss_is_that_of_scikit_learn_and_bounded():
    truth = np.array([0, 1, 2])
    shares = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    assert log_loss(truth, probabilities=shares) == pytest.approx(reference.log_loss(truth, shares))
    sure_and_wrong = log_loss(np.array([0]), probabilities=np.array([[0.0, 1.0]]))
    # -ln(1e-7), the least probability that counts
    assert sure_and_wrong == pytest.approx(16.118, abs=0.001)


def test_the_most_confident_mistake_comes_first():
    truth = np.array([0, 1, 0, 1])
    shares = np.array([[0.4, 0.6], [0.1, 0.9], [0.05, 0.95], [0.8, 0.2]])
    rows = [Example(row_id=10 + i, text=f"t{i}", label="ab"[truth[i]]) for i in range(4)]
    worst = worst_mistakes(truth, probabilities=shares, rows=rows, labels="ab")
    assert [m.row_id for m in worst] == [12, 13, 10]
    assert (worst[0].text, worst[0].truth, worst[0].answer) == ("t2", "a", "b")
    assert worst[0].confidence == pytest.approx(0.95)
    short = worst_mistakes(truth, probabilities=shares, rows=rows, labels="ab", limit=1)
    assert short == worst[:1]
