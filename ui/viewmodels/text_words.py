"""What a report on texts says, in words and in what widgets draw. Pure: report in, values out."""

import math

from ui import words
from ui.shown import Bar, Fact, VerdictData
from zeroapp.report import TextReport, TextScore

_NAMES = {
    "loss": "Loss a word piece",
    "perplexity": "Perplexity",
    "chrf": "Likeness to the true text",
    "exact": "Exactly right",
    "repetition": "Repeats itself",
}
IN_USE = {"base": "The base is in use, as it came", "fine-tuned": "The taught model is in use"}


def verdict(report: TextReport) -> VerdictData:
    """The card one could frame: a dot for each hundredth of the surprise that is gone."""
    loss = score(report, "loss")
    less = max(0, round(100 * _gone(loss.value - loss.base)))
    ends = sorted(round(100 * _gone(end)) for end in (loss.interval.low, loss.interval.high))
    return VerdictData(
        right=less,
        of=100,
        headline=f"{less} % less surprised by your texts",
        sentence=report.verdict,
        judgement="Writes more like you" if report.ok else "Not reliable yet",
        good=report.ok,
        interval=f"On new texts like these, expect {ends[0]} to {ends[1]} % less.",
        interval_meaning=(
            f"Measured on {words.plural(report.n, 'text')} it had never seen, against the base on "
            "the same ones. With other texts the share would come out a little differently; 19 "
            "times out of 20 it lies in this range (95% interval, bootstrap over texts)."
        ),
        bars=(
            _bar("Your model", math.exp(loss.value - loss.base), leading=True),
            _bar("The untrained base", 1.0, leading=False),
        ),
        bars_title=f"Surprise at the same {words.plural(report.n, 'text')}",
        bars_meaning="How unexpected the next word piece is, on average, in texts of yours that "
        "played no part in teaching (perplexity; the base counts as 100 %). Less is better.",
    )


def _gone(change: float) -> float:
    return 1 - math.exp(change)


def _bar(title: str, share: float, *, leading: bool) -> Bar:
    share = min(1.0, share)
    return Bar(title=title, share=share, words=words.percent(share), leading=leading)


def score(report: TextReport, key: str) -> TextScore:
    """The score of that name; every report has a loss."""
    return next(one for one in report.scores if one.key == key)


def facts(report: TextReport) -> tuple[Fact, ...]:
    """How it was made and tested, in four numbers."""
    copied = report.copied
    return (
        Fact(
            name="Learned from",
            value=words.plural(report.train_rows, "text"),
            meaning="These were read again and again while teaching.",
        ),
        Fact(
            name="Chosen with",
            value=words.plural(report.validation_rows, "text"),
            meaning="Kept aside while teaching, to keep the best state and to see when it begins "
            "to know your texts by heart.",
        ),
        Fact(
            name="Tested on",
            value=words.plural(report.n, "text"),
            meaning="Never seen before this test.",
        ),
        Fact(
            name="Longest copied passage",
            value=words.plural(copied.words, "word") if copied and copied.words else "None",
            meaning=_copied_meaning(report),
        ),
    )


def _copied_meaning(report: TextReport) -> str:
    copied = report.copied
    if copied is None:
        return ""
    passage = f" “{copied.passage}”" if copied.passage else ""
    return (
        f"The longest run of words from your texts in the {report.written} answers it wrote."
        f"{passage} For comparison: in texts of yours that nobody copied, the longest run they "
        f"share with the others is {words.plural(copied.control_words, 'word')}."
    )


def technical(report: TextReport) -> tuple[tuple[str, str], ...]:
    """The rest of the report, by its technical names."""
    chosen = report.selection
    rows = [
        ("run", report.run_id),
        ("base model", report.base),
        ("data version", report.data_version),
        ("test texts", f"{words.count(report.n)}, {words.count(report.tokens)} tokens"),
    ]
    rows += [
        (
            _NAMES.get(one.key, one.key),
            (
                f"{one.value:.4f}, base {one.base:.4f}, difference [{one.interval.low:+.4f}, "
                f"{one.interval.high:+.4f}] {one.interval.method}, n = {one.n}"
            ),
        )
        for one in report.scores
    ]
    tuned = "–" if chosen.fine_tuned_loss is None else f"{chosen.fine_tuned_loss:.4f}"
    rows += [
        ("in use", chosen.in_use),
        ("loss on validation", f"base {chosen.base_loss:.4f}, fine-tuned {tuned}"),
        ("seconds", f"{report.seconds:.0f}"),
        ("made at", report.created_at),
    ]
    return tuple(rows)
