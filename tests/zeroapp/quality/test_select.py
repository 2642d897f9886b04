"""Fine-tuning is kept only where it is proven better, and the reason is said."""

import numpy as np

from zeroapp.quality.select import select

N = 200
TRUTH = np.arange(N) % 3


def answering(right, *, sure=0.8):
    """Probabilities of a model that is right where `right` says so, with `sure` on its answer."""
    answers = np.where(right, TRUTH, (TRUTH + 1) % 3)
    shares = np.full((N, 3), (1 - sure) / 2)
    shares[np.arange(N), answers] = sure
    return shares


def first(count):
    return np.arange(N) < count


def test_without_a_fine_tuned_model_the_quick_one_is_in_use():
    chosen = select(TRUTH, probe=answering(first(180)), tuned=None)
    assert (chosen.in_use, chosen.n, chosen.probe_right) == ("probe", N, 180)
    assert chosen.fine_tuned_right is None
    assert chosen.p_value is None


def test_right_more_often_by_more_than_chance_is_kept():
    chosen = select(TRUTH, probe=answering(first(170)), tuned=answering(first(185)))
    assert chosen.in_use == "fine-tuned"
    # 15 rows won, none lost: 1 / 2^15
    assert chosen.p_value == 2**-15
    assert "185 of 200 against 170" in chosen.why


def test_a_few_more_right_may_be_chance():
    # 7 won and 2 lost: p = .09 one-sided, and the losses are as large as the gains.
    tuned = first(187) & ~(np.arange(N) < 2)
    chosen = select(TRUTH, probe=answering(first(180)), tuned=answering(tuned))
    assert chosen.in_use == "probe"
    assert chosen.fine_tuned_right == 185
    assert "can be chance" in chosen.why


def test_as_often_right_with_smaller_losses_is_kept():
    quick, tuned = answering(first(190), sure=0.6), answering(first(190), sure=0.7)
    chosen = select(TRUTH, probe=quick, tuned=tuned)
    assert chosen.in_use == "fine-tuned"
    assert "more weight on the right answers" in chosen.why
    assert chosen.p_value < 0.025


def test_smaller_losses_do_not_excuse_fewer_right_answers():
    quick, tuned = answering(first(190), sure=0.5), answering(first(189), sure=0.7)
    chosen = select(TRUTH, probe=quick, tuned=tuned)
    assert chosen.in_use == "probe"
    assert "less often" in chosen.why


def test_the_same_model_twice_changes_nothing():
    same = answering(first(150))
    assert select(TRUTH, probe=same, tuned=same).in_use == "probe"
