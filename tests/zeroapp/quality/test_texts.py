"""Judging what a model wrote: choice, copying, repetition, verdict."""

import numpy as np
import pytest

from zeroapp.dataset import Example
from zeroapp.quality.passages import Corpus, repetition
from zeroapp.quality.text_choice import choose
from zeroapp.quality.text_verdict import TextJudgement, Written, build_text_report
from zeroapp.report import TextSelection

LEARNED = "It was the best of times, it was the worst of times, it was the age of wisdom."


def test_a_copied_passage_is_found_whatever_its_commas():
    found = Corpus(["Something else.", LEARNED]).shared(
        ["He said it was the worst of times it was the age and left."]
    )
    assert (found.words, found.passage) == (10, "it was the worst of times it was the age")
    assert 0 < found.share < 1


def test_no_passage_reaches_over_two_texts():
    assert (
        Corpus(["one two three", "four five six"]).shared(["one two three four five six"]).words
        == 0
    )


def test_repetition_is_the_share_of_runs_that_came_before():
    assert repetition("a b c d e f g h") == 0
    assert repetition("so it goes on " * 10) > 0.8
    assert repetition("short") == 0


@pytest.mark.parametrize(("gain", "kept"), [(0.5, "fine-tuned"), (0.0, "base"), (-0.5, "base")])
def test_the_taught_model_is_kept_only_when_it_is_better_beyond_chance(gain, kept):
    tokens = np.full(40, 10)
    base = np.full(40, 30.0)
    noise = np.random.default_rng(0).normal(0, 0.01, 40)
    assert choose(tokens, base=base, tuned=base - 10 * gain + noise).in_use == kept


def judged(*, gain: float, learned=("nothing",), ours="mine own words here") -> str:
    rows = tuple(Example(row_id=n, text=f"ask {n}", label=f"true answer {n}") for n in range(8))
    tokens = np.full(30, 10)
    base = np.full(30, 30.0) + np.random.default_rng(1).normal(0, 1, 30)
    return build_text_report(
        TextJudgement(
            run_id="r",
            task="t",
            base="b",
            data_version="v",
            tokens=tokens,
            base_losses=base,
            losses=base - gain + np.random.default_rng(2).normal(0, 0.1, 30),
            written=Written(rows=rows, base=("x",) * 8, ours=(ours,) * 8),
            learned=learned,
            selection=TextSelection(in_use="fine-tuned", why="w", n=9, base_loss=3.0),
            train_rows=100,
            validation_rows=20,
            seconds=1.0,
        )
    )


def test_the_verdict_says_how_much_surprise_is_gone():
    report = judged(gain=-10 * np.log(0.69))
    assert report.ok
    assert report.verdict.startswith("Your own words surprise it 31 % less than before, on 30")
    loss = report.scores[0]
    assert loss.interval.low <= loss.value - loss.base <= loss.interval.high < 0
    # no answer of the truth is longer than three words, so it can be hit exactly
    assert [score.key for score in report.scores] == [
        "loss",
        "perplexity",
        "chrf",
        "exact",
        "repetition",
    ]


def test_no_gain_is_no_good_news():
    report = judged(gain=0.0)
    assert not report.ok
    assert "do not rely on it yet" in report.verdict


def test_a_model_that_recites_is_told_of():
    passage = " ".join(f"word{n}" for n in range(20))
    report = judged(gain=5.0, learned=(passage,), ours=passage)
    assert report.copied.words == 20
    assert report.copied.control_words == 0
    assert "repeats whole passages" in report.verdict


def test_a_model_that_runs_in_circles_is_told_of():
    report = judged(gain=5.0, ours="and so it goes " * 20)
    assert "runs in circles more than the base: 95 %" in report.verdict
    assert "circles" not in judged(gain=5.0).verdict
