"""The verdict is one a person can repeat, and never says more than was seen."""

import numpy as np
import pytest

from zeroapp.dataset import Example
from zeroapp.quality.verdict import Judgement, build_report
from zeroapp.quality.words import listed, of_hundred
from zeroapp.report import Selection

LABELS = ("billing", "delivery", "other")


def judged(*, n, right, untrained=None, majority=None, labels=LABELS, **changes):
    """A report where our model is right on the first `right` rows, the rivals on as many as said.

    The rivals are wrong first, so that their rows and ours overlap as little as possible.
    """
    truth = np.arange(n) % len(labels)
    answers = np.where(np.arange(n) < right, truth, (truth + 1) % len(labels))
    shares = np.full((n, len(labels)), 0.2 / (len(labels) - 1))
    shares[np.arange(n), answers] = 0.8
    rivals = {
        key: np.where(np.arange(n) < count, truth, (truth + 1) % len(labels))
        for key, count in (("untrained", untrained), ("majority", majority))
        if count is not None
    }
    settings = {
        "run_id": "r",
        "task": "t",
        "base": "b",
        "data_version": "v",
        "labels": labels,
        "rows": [Example(row_id=i, text=f"text {i}", label=labels[truth[i]]) for i in range(n)],
        "truth": truth,
        "ours": shares,
        "rivals": rivals,
        "selection": Selection(in_use="probe", why="Because.", n=10, probe_right=9),
        "train_rows": 700,
        "validation_rows": 150,
        "seconds": 12.0,
    }
    return build_report(Judgement(**(settings | changes)))


def test_a_good_model_is_praised_with_its_rival_beside_it():
    report = judged(n=548, right=530, untrained=170, majority=180)
    assert report.ok
    assert report.verdict == (
        "Right on 530 of 548 messages it had never seen (97 of 100); "
        "the untrained model was right on 31 of 100."
    )


def test_a_hundred_rows_are_their_own_rate():
    report = judged(n=100, right=91, untrained=31, majority=40)
    assert report.verdict == (
        "Right on 91 of 100 messages it had never seen; the untrained model was right on 31 of 100."
    )


def test_no_better_than_the_most_common_kind_is_said_plainly():
    report = judged(n=200, right=100, untrained=40, majority=110)
    assert not report.ok
    # The majority rival is named by what it always answers.
    assert "no better than always answering “billing” (55 of 100)" in report.verdict
    assert "do not rely on it yet" in report.verdict


def test_a_lead_that_may_be_chance_is_said_plainly():
    report = judged(n=20, right=13, untrained=10, majority=8)
    # 13 against 10 of 20: three rows won, none lost, p = .25.
    assert not report.ok
    assert "can be chance" in report.verdict
    assert "the untrained model (50 of 100)" in report.verdict


def test_both_rivals_must_be_there_to_be_beaten():
    assert not judged(n=100, right=95, majority=40).ok


def test_comparisons_count_the_rows_won_and_lost():
    report = judged(n=100, right=91, untrained=31, majority=40)
    untrained = report.comparisons[0]
    assert (untrained.against, untrained.title) == ("untrained", "the untrained model")
    assert (untrained.only_ours, untrained.only_theirs) == (60, 0)
    # Two times one in 2^60.
    assert untrained.p_value == pytest.approx(2**-59)
    assert untrained.better


def test_the_quick_model_is_no_rival_of_itself():
    same = {"untrained": np.zeros(100, int), "probe": np.arange(100) % 3}
    fine = Selection(in_use="fine-tuned", why="Because.", n=10, probe_right=8)
    quick = judged(n=100, right=91, rivals=same)
    assert [c.against for c in quick.comparisons] == ["untrained"]
    tuned = judged(n=100, right=91, rivals=same, selection=fine)
    assert [c.against for c in tuned.comparisons] == ["untrained", "probe"]


def test_scores_carry_their_intervals():
    report = judged(n=100, right=91, untrained=31, majority=40)
    accuracy, f1 = report.scores
    assert (accuracy.key, accuracy.n) == ("accuracy", 100)
    assert accuracy.value == 0.91
    # Wilson for 91 of 100.
    assert accuracy.interval.low == pytest.approx(0.838, abs=5e-4)
    assert accuracy.interval.high == pytest.approx(0.952, abs=5e-4)
    assert f1.interval.low < f1.value < f1.interval.high


def test_the_worst_mistakes_are_named():
    report = judged(n=100, right=91, untrained=31, majority=40)
    assert len(report.worst) == 9
    assert {mistake.confidence for mistake in report.worst} == {0.8}
    assert report.worst[0].truth != report.worst[0].answer
    assert report.n - report.right == 9


def test_kinds_with_few_test_rows_are_named_as_a_guess():
    labels = (*LABELS, "rare")
    n = 60
    truth = np.arange(n) % 3
    truth[:4] = 3
    shares = np.eye(4)[truth]
    rivals = {"untrained": np.zeros(n, int), "majority": np.zeros(n, int)}
    report = judged(n=n, right=n, labels=labels, truth=truth, ours=shares, rivals=rivals)
    assert any("“rare” (4)" in limit and "guess" in limit for limit in report.limits)
    unseen = judged(n=30, right=30, untrained=3, majority=3, labels=LABELS)
    assert not any("nothing is known" in limit for limit in unseen.limits)
    missing = judged(
        n=n, right=n, labels=(*labels, "never"), truth=truth, ours=np.eye(5)[truth], rivals=rivals
    )
    assert any("“never”" in limit and "nothing is known" in limit for limit in missing.limits)


def test_a_wide_interval_is_a_limit_and_a_narrow_one_is_not():
    # 27 of 30: Wilson says .74 to .97.
    wide = judged(n=30, right=27, untrained=3, majority=3)
    assert any("from 74 to 97 of 100" in limit for limit in wide.limits)
    narrow = judged(n=1000, right=900, untrained=300, majority=300)
    assert not any("may be anywhere" in limit for limit in narrow.limits)


def test_no_test_rows_no_verdict():
    empty = {"truth": np.zeros(0, int), "ours": np.zeros((0, 3)), "rows": [], "rivals": {}}
    with pytest.raises(ValueError, match="test rows"):
        judged(n=3, right=3, **empty)
    with pytest.raises(ValueError, match="test rows"):
        judged(n=3, right=3, rivals={"untrained": np.zeros(2, int)})


@pytest.mark.parametrize(
    ("right", "n", "said"),
    [
        (0, 300, "0 of 100"),
        (1, 300, "fewer than 1 of 100"),
        (530, 548, "97 of 100"),
        (299, 300, "more than 99 of 100"),
        (300, 300, "100 of 100"),
    ],
)
def test_a_rate_promises_neither_all_nor_none_unless_it_is_so(right, n, said):
    assert of_hundred(right, n=n) == said


def test_long_lists_are_cut():
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
