"""Paired tests, held against tables and against exact enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeroapp.quality.paired import discordant, mcnemar, mcnemar_greater, sign_flip_greater


def test_only_rows_where_they_differ_count():
    ours = np.array([True, True, False, False, True])
    theirs = np.array([True, False, True, False, False])
    assert discordant(ours, theirs=theirs) == (2, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "p_value"),
    [
        # Two times the tail of coin tosses, by hand: 2 * (1 + 9 + 36) / 2^9 for 2 of 9 ...
        (7, 2, 0.1796875),
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 5, 1.0),
        # ... and 2 / 2^6 for none of 6.
        (6, 0, 0.03125),
        (0, 6, 0.03125),
    ],
)
def test_exact_mcnemar(ours, theirs, p_value):
    assert mcnemar(ours, only_theirs=theirs) == pytest.approx(p_value)


def test_one_sided_mcnemar_knows_the_direction():
    assert mcnemar_greater(6, only_theirs=0) == pytest.approx(1 / 64)
    assert mcnemar_greater(0, only_theirs=6) == 1.0
    assert mcnemar_greater(0, only_theirs=0) == 1.0


@settings(deadline=None)  # other work may share the processor
@given(st.integers(0, 200), st.integers(0, 200))
def test_it_does_not_matter_who_is_asked(ours, theirs):
    assert mcnemar(ours, only_theirs=theirs) == pytest.approx(mcnemar(theirs, only_theirs=ours))
    assert 0 < mcnemar(ours, only_theirs=theirs) <= 1


def test_sign_flips_agree_with_all_of_them():
    gains = np.array([0.9, 0.4, -0.1, 0.3, 0.2, -0.3, 0.6, 0.1, 0.5, -0.2])
    flips = np.array(list(product((1, -1), repeat=len(gains))))
    exact = (flips @ gains >= gains.sum() - 1e-9).mean()
    # 9,999 draws: the standard error at p = .02 is .0014.
    assert sign_flip_greater(gains) == pytest.approx(exact, abs=0.005)


def test_no_gain_is_no_evidence():
    assert sign_flip_greater(np.zeros(50)) == 1.0
    assert sign_flip_greater(np.full(50, -0.1)) == pytest.approx(1.0)


def test_a_gain_on_every_row_is_evidence():
    # The smallest p-value that 9,999 draws allow.
    assert sign_flip_greater(np.full(50, 0.1)) == pytest.approx(1e-4)


def test_the_level_is_kept_where_nothing_is_gained():
    rng = np.random.default_rng(1)
    found = [sign_flip_greater(rng.standard_t(3, 40), seed=i) < 0.05 for i in range(200)]
    # 5 % expected; 4 % more is beyond two standard errors of 200 trials.
    assert np.mean(found) < 0.09
