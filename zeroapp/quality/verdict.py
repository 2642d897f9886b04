"""Builds the quality report and says the verdict in plain words. Knows arrays, no models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from zeroapp.dataset import Example
from zeroapp.quality.intervals import macro_f1_interval
from zeroapp.quality.limits import limits_of
from zeroapp.quality.metrics import (
    Counts,
    Labels,
    Probabilities,
    confusion,
    confusion_counts,
    label_scores,
    macro_f1,
    worst_mistakes,
)
from zeroapp.quality.paired import Right, discordant, mcnemar
from zeroapp.quality.shares import wilson
from zeroapp.quality.words import of_hundred, quoted
from zeroapp.report import Comparison, Report, Score, Selection

_LEVEL = 0.05
_MUST_BEAT = ("untrained", "majority")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a report is made from; all arrays speak of the same test rows, in one order.

    labels: K names; rows: n examples; truth: label numbers (n,); ours: probabilities (n, K);
    rivals: answers of other models as label numbers (n,), by "untrained", "majority", "probe".
    noun: what one row is called in sentences, plural. seconds: how long the run took.
    """

    run_id: str
    task: str
    base: str
    data_version: str
    labels: tuple[str, ...]
    rows: Sequence[Example]
    truth: Labels
    ours: Probabilities
    rivals: Mapping[str, Labels]
    selection: Selection
    train_rows: int
    validation_rows: int
    seconds: float
    noun: str = "messages"


def build_report(judgement: Judgement) -> Report:
    """The whole report. Raises ValueError when there are no test rows or lengths differ."""
    _checked(judgement)
    answers = judgement.ours.argmax(axis=1)
    right = np.asarray(answers == judgement.truth)
    counts = confusion_counts(judgement.truth, answers=answers, labels=len(judgement.labels))
    comparisons = _comparisons(judgement, right=right)
    ok = _beats_all(comparisons)
    return Report(
        run_id=judgement.run_id,
        task=judgement.task,
        base=judgement.base,
        data_version=judgement.data_version,
        verdict=_verdict(int(right.sum()), comparisons=comparisons, noun=judgement.noun),
        ok=ok,
        n=len(right),
        right=int(right.sum()),
        scores=_scores(counts),
        comparisons=comparisons,
        confusion=confusion(counts, labels=judgement.labels),
        per_label=label_scores(counts, labels=judgement.labels),
        worst=worst_mistakes(
            judgement.truth,
            probabilities=judgement.ours,
            rows=judgement.rows,
            labels=judgement.labels,
        ),
        selection=judgement.selection,
        limits=limits_of(counts, labels=judgement.labels, noun=judgement.noun),
        train_rows=judgement.train_rows,
        validation_rows=judgement.validation_rows,
        seconds=judgement.seconds,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _checked(judgement: Judgement) -> None:
    n = len(judgement.truth)
    lengths = {len(judgement.rows), len(judgement.ours), *map(len, judgement.rivals.values())}
    if n == 0 or lengths != {n}:
        text = f"a verdict needs test rows, the same everywhere: {n} and {sorted(lengths)}"
        raise ValueError(text)


def _scores(counts: Counts) -> tuple[Score, ...]:
    n, right = int(counts.sum()), int(np.trace(counts))
    return (
        Score(key="accuracy", value=right / n, interval=wilson(right, n=n), n=n),
        Score(key="macro_f1", value=macro_f1(counts), interval=macro_f1_interval(counts), n=n),
    )


def _comparisons(judgement: Judgement, *, right: Right) -> tuple[Comparison, ...]:
    return tuple(
        _comparison(
            against,
            title=_title(against, answers=answers, labels=judgement.labels),
            ours=right,
            theirs=np.asarray(answers == judgement.truth),
        )
        for against, answers in judgement.rivals.items()
        # A model is no rival of itself.
        if against != judgement.selection.in_use
    )


def _comparison(against: str, *, title: str, ours: Right, theirs: Right) -> Comparison:
    only_ours, only_theirs = discordant(ours, theirs=theirs)
    p_value = mcnemar(only_ours, only_theirs=only_theirs)
    return Comparison(
        against=against,
        title=title,
        right=int(theirs.sum()),
        n=len(theirs),
        only_ours=only_ours,
        only_theirs=only_theirs,
        p_value=p_value,
        better=only_ours > only_theirs and p_value < _LEVEL,
    )


def _title(against: str, *, answers: Labels, labels: Sequence[str]) -> str:
    if against == "majority":
        return f"always answering {quoted(labels[int(answers[0])])}"
    return {"untrained": "the untrained model", "probe": "the quick model"}.get(against, against)


def _beats_all(comparisons: Sequence[Comparison]) -> bool:
    beaten = {c.against for c in comparisons if c.better}
    return beaten.issuperset(_MUST_BEAT)


def _verdict(right: int, *, comparisons: Sequence[Comparison], noun: str) -> str:
    """One or two sentences; the model's failure to beat a rival is said before anything nice."""
    n = comparisons[0].n if comparisons else right
    rate = "" if n == 100 else f" ({of_hundred(right, n=n)})"  # noqa: PLR2004 - it is its own rate
    start = f"Right on {right:,} of {n:,} {noun} it had never seen{rate}"
    rivals = {c.against: c for c in comparisons}
    missed = [rivals[key] for key in _MUST_BEAT if key in rivals and not rivals[key].better]
    if missed:
        return f"{start}. {_missed(right, rival=max(missed, key=lambda c: c.right))}"
    untrained = rivals.get("untrained")
    if untrained is None:
        return f"{start}."
    return f"{start}; the untrained model was right on {of_hundred(untrained.right, n=n)}."


def _missed(right: int, *, rival: Comparison) -> str:
    rate = of_hundred(rival.right, n=rival.n)
    if rival.right >= right:
        return (
            f"That is no better than {rival.title} ({rate}), so do not rely on it yet: "
            "more examples of each kind may help."
        )
    return (
        f"That is more than {rival.title} ({rate}), but with so few to test on it can be "
        "chance: add examples before you rely on it."
    )
