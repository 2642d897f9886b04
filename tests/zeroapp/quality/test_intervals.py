"""Intervals keep their promise: known values, edges, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zeroapp.quality.intervals import macro_f1_interval
from zeroapp.quality.metrics import macro_f1
from zeroapp.quality.shares import wilson


@settings(deadline=None)  # other work may share the processor
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(case):
    right, n = case
    ours = wilson(right, n=n)
    theirs = stats.binomtest(right, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= right / n <= ours.high <= 1


def test_wilson_as_newcombe_printed_it():
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263 and 15 of 148.
    assert wilson(81, n=263).low == pytest.approx(0.2553, abs=5e-5)
    assert wilson(81, n=263).high == pytest.approx(0.3662, abs=5e-5)
    assert wilson(15, n=148).low == pytest.approx(0.0624, abs=5e-5)
    assert wilson(15, n=148).high == pytest.approx(0.1605, abs=5e-5)


def test_no_rows_leave_everything_open():
    assert (wilson(0, n=0).low, wilson(0, n=0).high) == (0, 1)
    nothing = macro_f1_interval(np.zeros((3, 3), dtype=int))
    assert (nothing.low, nothing.high) == (0, 1)


def test_all_right_is_not_certain():
    # Of 20 rows all right, the true share may well be 84 of 100 (Wilson: n / (n + z^2)).
    interval = macro_f1_interval(np.diag([10, 10]))
    assert interval.low == pytest.approx(20 / (20 + 1.96**2), abs=1e-3)
    assert interval.high == 1


def test_the_same_seed_gives_the_same_interval():
    counts = np.array([[40, 3], [5, 52]])
    assert macro_f1_interval(counts, seed=3) == macro_f1_interval(counts, seed=3)
    assert macro_f1_interval(counts, seed=3) != macro_f1_interval(counts, seed=4)


@settings(deadline=None)  # other work may share the processor
@given(st.lists(st.integers(0, 30), min_size=9, max_size=9).filter(any))
def test_the_score_lies_within_its_interval(cells):
    counts = np.array(cells).reshape(3, 3)
    interval = macro_f1_interval(counts, draws=200)
    assert 0 <= interval.low <= macro_f1(counts) <= interval.high <= 1


@pytest.mark.parametrize(("n", "share"), [(30, 0.97), (100, 0.97), (200, 0.85)])
def test_it_holds_the_truth_as_often_as_it_says(n, share):
    """Two kinds, equally often and equally hard: the true macro-F1 is the share right.

    A plain bootstrap holds it 60 times in 100 at n = 30 and 97 % right.
    """
    rng = np.random.default_rng(0)
    held = 0
    trials = 300
    for _ in range(trials):
        truth = rng.integers(0, 2, n)
        answers = np.where(rng.random(n) < share, truth, 1 - truth)
        counts = np.bincount(2 * truth + answers, minlength=4).reshape(2, 2)
        interval = macro_f1_interval(counts, draws=300)
        held += interval.low <= share <= interval.high
    # 95 % promised; 3 % is more than two standard errors of 300 trials.
    assert held / trials >= 0.92


def test_a_big_confusion_costs_cells_not_rows():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 150, 5000)
    answers = np.where(rng.random(5000) < 0.9, truth, rng.integers(0, 150, 5000))
    counts = np.bincount(150 * truth + answers, minlength=150 * 150).reshape(150, 150)
    interval = macro_f1_interval(counts)
    # 5,000 rows at about .90: a standard error of .0042, so an interval of about .017.
    assert 0.012 < interval.high - interval.low < 0.025
