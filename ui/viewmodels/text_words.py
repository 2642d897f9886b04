"""What a report on texts says, in words and in what widgets draw. Pure: report in, values out."""

import math

from ui import words
from ui.shown import Bar, BarGroup, Fact, VerdictData
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
    """The card one could frame: surprise before and after, with what the difference may be."""
    loss = score(report, "loss")
    less = round(100 * _gone(loss.value - loss.base))
    ends = sorted(round(100 * _gone(end)) for end in (loss.interval.low, loss.interval.high))
    return VerdictData(
        right=0,
        of=0,
        headline=_headline(less),
        sentence=report.verdict,
        judgement="Writes more like you" if report.ok else "Not reliable yet",
        good=report.ok,
        interval=f"On new texts like these, expect {_span(*ends)}.",
        interval_meaning=(
            f"Measured on {words.plural(report.n, 'text')} it had never seen, against the base on "
            "the same ones. With other texts the share would come out a little differently; 19 "
            "times out of 20 it lies in this range (95% interval, bootstrap over texts)."
        ),
        bars=(
            Bar(
                title="Your model",
                share=min(1.0, math.exp(loss.value - loss.base)),
                words=f"{less} % less" if less > 0 else f"{-less} % more" if less else "the same",
                leading=True,
                interval=(
                    min(1.0, math.exp(loss.interval.low)),
                    min(1.0, math.exp(loss.interval.high)),
                ),
            ),
            Bar(title="The untrained base", share=1.0, words="as before"),
        ),
        bars_title=f"Surprise at the same {words.plural(report.n, 'text')}",
        bars_meaning="How unexpected the next word piece is, on average, in texts of yours that "
        "played no part in teaching (perplexity), against the base. Shorter is better.",
    )


def _gone(change: float) -> float:
    return 1 - math.exp(change)


def _headline(less: int) -> str:
    if less == 0:
        return "Your texts surprise it as before"
    return f"{abs(less)} % {'less' if less > 0 else 'more'} surprised by your texts"


def _span(low: int, high: int) -> str:
    """From low to high per cent less, where below zero is more."""
    if low >= 0:
        return f"{low} to {high} % less"
    if high <= 0:
        return f"{-high} to {-low} % more"
    return f"between {-low} % more and {high} % less"


def groups(report: TextReport) -> tuple[BarGroup, ...]:
    """How what both models wrote compares, measure by measure; none where nothing was written."""
    known = {one.key: one for one in report.scores}
    written = [_group(known[key], report.written) for key in _MEASURES if key in known]
    return (*written, *_copying(report))


_MEASURES = {
    "chrf": (
        "Likeness to what you wrote",
        (
            "How many runs of up to six letters the answer shares with the true one (chrF, 0 to "
            "100). More is better, but it counts letters, not sense: a good answer in other words "
            "scores low."
        ),
        100.0,
    ),
    "exact": (
        "Exactly what you wrote",
        (
            "How many answers are the true one word for word, capitals and signs aside. More is "
            "better."
        ),
        1.0,
    ),
    "repetition": (
        "Saying the same again",
        (
            "How much of an answer it had said already in the same answer. Less is better; a model "
            "that runs in circles says the same over and over."
        ),
        1.0,
    ),
}
"""Title, meaning and the whole of each measure of written answers."""


def _group(one: TextScore, written: int) -> BarGroup:
    title, meaning, whole = _MEASURES[one.key]
    change = one.interval
    sure = f"{_signed(change.low, whole)} to {_signed(change.high, whole)}"
    return BarGroup(
        title=title,
        meaning=f"{meaning} Measured on the answers of both models to the same {written} prompts. "
        f"The difference is {sure} with 95 % confidence (bootstrap over answers); the bracket "
        "shows it.",
        bars=(
            Bar(
                title="Your model",
                share=one.value / whole,
                words=_amount(one.value, whole),
                leading=True,
                interval=(
                    max(0.0, (one.base + change.low) / whole),
                    max(0.0, (one.base + change.high) / whole),
                ),
            ),
            Bar(
                title="The untrained base",
                share=one.base / whole,
                words=_amount(one.base, whole),
            ),
        ),
    )


def _amount(value: float, whole: float) -> str:
    return words.percent(value) if whole == 1.0 else f"{value:.0f}"


def _signed(value: float, whole: float) -> str:
    return f"{100 * value:+.0f} %" if whole == 1.0 else f"{value:+.1f}"


def _copying(report: TextReport) -> tuple[BarGroup, ...]:
    copied = report.copied
    if copied is None:
        return ()
    most = max(copied.words, copied.control_words, 1)
    rows = (
        ("Your model", copied.words),
        ("Your own texts among each other", copied.control_words),
    )
    return (
        BarGroup(
            title="Longest passage taken from your texts",
            meaning=_copied_meaning(report),
            bars=tuple(
                Bar(
                    title=title,
                    share=count / most,
                    words=words.plural(count, "word") if count else "None",
                    leading=number == 0,
                )
                for number, (title, count) in enumerate(rows)
            ),
        ),
    )


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
