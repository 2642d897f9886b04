"""What a quality report says, in words and in what widgets draw. Pure: report in, values out."""

from ui import words
from ui.confusion import OTHERS, Folded, worst_pairs
from ui.shown import Bar, Fact, VerdictData
from zeroapp.report import Comparison, Mistake, Report, Score

IN_USE = {"probe": "The quick model", "fine-tuned": "The taught model"}


def verdict(report: Report) -> VerdictData:
    """The card one could frame."""
    right, of = words.of_hundred(report.right, report.n)
    accuracy = _score(report, "accuracy")
    return VerdictData(
        right=right,
        of=of,
        headline=f"Right on {right} of {of}",
        sentence=report.verdict,
        judgement="Better than untrained" if report.ok else "Not reliable yet",
        good=report.ok,
        interval=_interval(accuracy) if accuracy else "",
        interval_meaning=_interval_meaning(accuracy) if accuracy else "",
        bars=bars(report),
        bars_title=f"Compared on the same {words.plural(report.n, 'example')}",
        bars_meaning="Every model here answered the same examples. None of them was used for "
        "teaching or for choosing between models.",
    )


def _score(report: Report, key: str) -> Score | None:
    return next((score for score in report.scores if score.key == key), None)


def _interval(score: Score) -> str:
    low, high = _hundredths(score)
    if low == high:
        return f"On new examples like these, expect about {low} of 100 right."
    return f"On new examples like these, expect {low} to {high} of 100 right."


def _hundredths(score: Score) -> tuple[int, int]:
    low, _ = words.of_hundred(round(1000 * score.interval.low), 1000)
    high, _ = words.of_hundred(round(1000 * score.interval.high), 1000)
    return low, high


def _interval_meaning(score: Score) -> str:
    return (
        f"It was tested on {words.plural(score.n, 'example')}. With other examples the share would "
        "come out a little differently; 19 times out of 20 it lies in this range "
        f"(95% interval, {score.interval.method}). More test examples make it narrower. It holds "
        "for examples like yours, not for quite different ones."
    )


def bars(report: Report) -> tuple[Bar, ...]:
    """This model first, then what it was compared with, best first."""
    accuracy = _score(report, "accuracy")
    right, of = words.of_hundred(report.right, report.n)
    ours = Bar(
        title="Your model",
        share=report.right / max(report.n, 1),
        words=f"{right} of {of}",
        leading=True,
        interval=(accuracy.interval.low, accuracy.interval.high) if accuracy else None,
        meaning=f"Right on {words.count(report.right)} of {words.count(report.n)} examples kept "
        "for this test. The bracket shows where it may lie on new examples.",
    )
    others = [c for c in report.comparisons if not _itself(c, report)]
    others.sort(key=lambda c: -c.right)
    return (ours, *(_bar(c) for c in others))


def _itself(comparison: Comparison, report: Report) -> bool:
    """The quick model is no rival of itself."""
    return comparison.against == "probe" and report.selection.in_use == "probe"


def _bar(comparison: Comparison) -> Bar:
    right, of = words.of_hundred(comparison.right, comparison.n)
    chance = "too clear to be chance" if comparison.p_value < 0.05 else "that can be chance"  # noqa: PLR2004
    return Bar(
        title=comparison.title[:1].upper() + comparison.title[1:],
        share=comparison.right / max(comparison.n, 1),
        words=f"{right} of {of}",
        meaning=f"Where the two differ, your model alone was right on "
        f"{words.count(comparison.only_ours)} and this one alone on "
        f"{words.count(comparison.only_theirs)}: {chance} (exact McNemar test, "
        f"p = {comparison.p_value:.2g}).",
    )


def in_use(report: Report) -> str:
    """Which of the two models answers."""
    key = report.selection.in_use
    return f"{IN_USE.get(key, key)} is in use"


def facts(report: Report) -> tuple[Fact, ...]:
    """How it was made and tested, in four numbers."""
    macro = _score(report, "macro_f1")
    return (
        Fact(
            name="Learned from",
            value=words.plural(report.train_rows, "example"),
            meaning="These were read again and again while teaching.",
        ),
        Fact(
            name="Chosen with",
            value=words.plural(report.validation_rows, "example"),
            meaning="Kept aside while teaching, to choose the better of the two models.",
        ),
        Fact(
            name="Tested on",
            value=words.plural(report.n, "example"),
            meaning="Never seen before this test. Copies of an example are on one side only.",
        ),
        Fact(
            name="Each kind counted alike",
            value=words.percent(macro.value) if macro else "",
            meaning=_macro_meaning(macro) if macro else "",
        ),
    )


def _macro_meaning(score: Score) -> str:
    low, high = words.percent(score.interval.low), words.percent(score.interval.high)
    return (
        "The mean over all kinds, each counting the same, however rare it is (macro-F1). When it "
        "is much lower than the share of right answers, rare kinds fare badly. "
        f"95% interval {low} to {high} ({score.interval.method})."
    )


def pairs(report: Report) -> tuple[str, ...]:
    """The commonest mistakes as sentences."""
    return tuple(
        f"“{truth}” was taken for “{answer}” {words.plural(times, 'time')}."
        for truth, answer, times in worst_pairs(report.confusion, limit=3)
    )


def per_kind(report: Report) -> tuple[tuple[str, ...], ...]:
    """A row a kind, the worst first: name, tested on, right on, found, trusted."""
    ranked = sorted(report.per_label, key=lambda score: (score.f1, -score.n))
    return tuple(
        (
            score.label,
            words.count(score.n),
            words.count(score.right),
            words.percent(score.recall) if score.n else "–",
            words.percent(score.precision),
            f"{score.f1:.2f}",
        )
        for score in ranked
    )


PER_KIND_HEADS = ("Kind", "Tested on", "Right", "Found", "Trust", "F1")
PER_KIND_MEANING = (
    "Found: of the examples that truly are of this kind, how many got this answer (recall). "
    "Trust: of the answers that named this kind, how many were right (precision). "
    "F1: both in one number."
)


def mistakes(report: Report, table: Folded, chosen: tuple[str, str] | None) -> tuple[Mistake, ...]:
    """The worst mistakes, or those behind one cell of the folded table."""
    if chosen is None:
        return report.worst[:12]
    truth, answer = chosen
    return tuple(
        mistake
        for mistake in report.worst
        if _within(mistake.truth, truth, table) and _within(mistake.answer, answer, table)
    )[:12]


def _within(label: str, wanted: str, table: Folded) -> bool:
    if wanted == OTHERS and table.others:
        return label not in table.labels
    return label == wanted


def mistakes_title(chosen: tuple[str, str] | None) -> str:
    """What the list of mistakes is of."""
    if chosen is None:
        return "Its worst mistakes"
    truth, answer = chosen
    if truth == answer:
        return f"“{truth}”, answered rightly"
    return f"“{truth}” taken for “{answer}”"


def no_mistakes(report: Report, chosen: tuple[str, str] | None) -> str:
    """What stands there when the list is empty."""
    if not report.worst:
        return "It made none on the examples it was tested on."
    if chosen is not None and chosen[0] == chosen[1]:
        return "Right answers are not kept as examples. Choose a cell beside the diagonal."
    return f"None of its {len(report.worst)} worst mistakes is of this sort."


def technical(report: Report) -> tuple[tuple[str, str], ...]:
    """The rest of the report, by its technical names."""
    chosen = report.selection
    rows = [
        ("run", report.run_id),
        ("base model", report.base),
        ("data version", report.data_version),
        ("test rows", words.count(report.n)),
    ]
    rows += [
        (
            score.key,
            (
                f"{score.value:.4f} [{score.interval.low:.4f}, {score.interval.high:.4f}] "
                f"{score.interval.method}, n = {score.n}"
            ),
        )
        for score in report.scores
    ]
    rows += [
        (f"McNemar against {c.against}", f"{c.only_ours} : {c.only_theirs}, p = {c.p_value:.3g}")
        for c in report.comparisons
    ]
    tuned = "–" if chosen.fine_tuned_right is None else str(chosen.fine_tuned_right)
    rows += [
        ("in use", chosen.in_use),
        ("right on validation", f"probe {chosen.probe_right}, fine-tuned {tuned} of {chosen.n}"),
        ("seconds", f"{report.seconds:.0f}"),
        ("made at", report.created_at),
    ]
    return tuple(rows)
