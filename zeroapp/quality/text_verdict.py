"""Builds the report on a model that writes, and says the verdict in plain words. No models."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from zeroapp.dataset import Example
from zeroapp.quality.passages import Corpus, repetition, words_of
from zeroapp.report import (
    Copied,
    Interval,
    SideBySide,
    TextReport,
    TextScore,
    TextSelection,
)

Floats = NDArray[np.floating]

_RESAMPLES = 2000
_SHORT = 6
"""Words of a true answer up to which it can be hit exactly."""

_MANY_COPIED = 12
_FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What both models wrote to the same test prompts."""

    rows: tuple[Example, ...]
    base: tuple[str, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextJudgement:
    """What a report is made from. tokens, base_losses, losses: of each test answer, one order.

    learned: the answers that were trained on. seconds: how long the run took.
    """

    run_id: str
    task: str
    base: str
    data_version: str
    tokens: NDArray[np.integer]
    base_losses: Floats
    losses: Floats
    written: Written
    learned: Sequence[str]
    selection: TextSelection
    train_rows: int
    validation_rows: int
    seconds: float


def build_text_report(judgement: TextJudgement) -> TextReport:
    """The whole report. Raises ValueError when there are no test answers or lengths differ."""
    n = len(judgement.tokens)
    if n == 0 or {n} != {len(judgement.losses), len(judgement.base_losses)}:
        text = f"a verdict needs test answers, the same everywhere: {n}"
        raise ValueError(text)
    loss = _loss_score(judgement)
    scores = (loss, _perplexity(loss), *_written_scores(judgement.written))
    copied = _copied(judgement)
    taught = judgement.selection.in_use == "fine-tuned"
    return TextReport(
        run_id=judgement.run_id,
        task=judgement.task,
        base=judgement.base,
        data_version=judgement.data_version,
        verdict=_verdict(scores, copied=copied, taught=taught),
        ok=loss.better,
        n=n,
        tokens=int(judgement.tokens.sum()),
        scores=scores,
        written=len(judgement.written.rows),
        copied=copied,
        pairs=_pairs(judgement.written),
        selection=judgement.selection,
        limits=_limits(n, judgement.written),
        train_rows=judgement.train_rows,
        validation_rows=judgement.validation_rows,
        seconds=judgement.seconds,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _loss_score(judgement: TextJudgement) -> TextScore:
    """Nats a token, with the paired difference resampled over answers."""
    tokens, ours, base = judgement.tokens, judgement.losses, judgement.base_losses
    total = max(1, int(tokens.sum()))

    def difference(rows: NDArray[np.integer]) -> Floats:
        gained = (ours - base)[rows].sum(axis=1)
        return np.asarray(gained / np.maximum(1, tokens[rows].sum(axis=1)))

    interval = _bootstrap(difference, n=len(tokens))
    return TextScore(
        key="loss",
        value=float(ours.sum() / total),
        base=float(base.sum() / total),
        interval=interval,
        n=len(tokens),
        better=interval.high < 0,
    )


def _perplexity(loss: TextScore) -> TextScore:
    """The same in the field's own unit; its interval is that of the loss, carried over."""
    ours, base = math.exp(min(50.0, loss.value)), math.exp(min(50.0, loss.base))
    ends = [base * (math.exp(end) - 1) for end in (loss.interval.low, loss.interval.high)]
    return TextScore(
        key="perplexity",
        value=ours,
        base=base,
        interval=Interval(low=ends[0], high=ends[1], method="bootstrap"),
        n=loss.n,
        better=loss.better,
    )


def _written_scores(written: Written) -> tuple[TextScore, ...]:
    if not written.rows:
        return ()
    truths = [row.label or "" for row in written.rows]
    found = [
        _mean_score("chrf", truths, written=written, rate=chrf, higher_is_better=True),
        _mean_score("repetition", truths, written=written, rate=_repeats, higher_is_better=False),
    ]
    if np.median([len(words_of(truth)) for truth in truths]) <= _SHORT:
        found.insert(
            1, _mean_score("exact", truths, written=written, rate=_exact, higher_is_better=True)
        )
    return tuple(found)


def chrf(said: str, truth: str) -> float:
    """Likeness in runs of up to six letters, 0 to 100 (Popovic 2015), as sacrebleu counts it."""
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF().sentence_score(said, [truth]).score)


def _exact(said: str, truth: str) -> float:
    return float(words_of(said) == words_of(truth))


def _repeats(said: str, _truth: str) -> float:
    return repetition(said)


def _mean_score(
    key: str,
    truths: Sequence[str],
    *,
    written: Written,
    rate: Callable[[str, str], float],
    higher_is_better: bool,
) -> TextScore:
    ours, base = (
        np.array([rate(said, truth) for said, truth in zip(texts, truths, strict=True)])
        for texts in (written.ours, written.base)
    )
    interval = _bootstrap(lambda rows: (ours - base)[rows].mean(axis=1), n=len(truths))
    return TextScore(
        key=key,
        value=float(ours.mean()),
        base=float(base.mean()),
        interval=interval,
        n=len(truths),
        better=interval.low > 0 if higher_is_better else interval.high < 0,
    )


def _bootstrap(of: Callable[[NDArray[np.integer]], Floats], *, n: int) -> Interval:
    """95 % of a number made from n examples, which are drawn again with replacement, seeded."""
    draws = np.random.default_rng(0).integers(0, n, size=(_RESAMPLES, n))
    low, high = np.quantile(of(draws), [0.025, 0.975])
    return Interval(low=float(low), high=float(high), method="bootstrap")


def _copied(judgement: TextJudgement) -> Copied | None:
    """None where nothing was written."""
    if not judgement.written.rows:
        return None
    corpus = Corpus(judgement.learned)
    ours = corpus.shared(judgement.written.ours)
    control = corpus.shared(row.label or "" for row in judgement.written.rows)
    return Copied(
        words=ours.words,
        passage=ours.passage,
        control_words=control.words,
        share=ours.share,
        control_share=control.share,
    )


def _pairs(written: Written) -> tuple[SideBySide, ...]:
    return tuple(
        SideBySide(row_id=row.row_id, prompt=row.text, truth=row.label or "", base=base, ours=ours)
        for row, base, ours in zip(written.rows, written.base, written.ours, strict=True)
    )


def _verdict(scores: Sequence[TextScore], *, copied: Copied | None, taught: bool) -> str:
    """A few sentences; a failure to beat the base is said before anything nice."""
    loss = scores[0]
    if not taught:
        return (
            "Teaching made nothing clearly better, so the model writes as the base does. More of "
            "your own texts may help."
        )
    less = 1 - math.exp(loss.value - loss.base)
    if not loss.better:
        return (
            "Your texts surprise it no less than before, or so little that it can be chance: do "
            "not rely on it yet. More of your own texts may help."
        )
    start = (
        f"Your own words surprise it {100 * less:.0f} % less than before, on {loss.n:,} texts it "
        "had never seen."
    )
    return " ".join([start, *_warnings(scores, copied=copied)])


def _warnings(scores: Sequence[TextScore], *, copied: Copied | None) -> Iterator[str]:
    """What a model that took on the sound of the texts does wrong, where that is clear."""
    if copied and copied.words >= max(_MANY_COPIED, 2 * copied.control_words):
        yield (
            f"It also repeats whole passages it learned ({copied.words} words in a row): "
            "look before you publish what it writes."
        )
    for score in scores:
        if score.key == "repetition" and score.interval.low > 0:
            yield (
                f"But it runs in circles more than the base: {100 * score.value:.0f} % of what it "
                f"wrote it had just said, of the base's texts {100 * score.base:.0f} %. It was "
                "asked for the likeliest word each time; let it write more freely when you use it."
            )


def _limits(n: int, written: Written) -> tuple[str, ...]:
    few = (
        (f"With {n} texts to test on, the numbers may come out quite differently on others.",)
        if n < _FEW
        else ()
    )
    return (
        *few,
        (
            "Less surprise means it has the sound and the habits of your texts. It does not mean "
            "that what it writes is true: read it before you use it."
        ),
        (
            f"Copying was looked for in {len(written.rows)} texts it wrote; that it copied "
            "nothing there does not prove that it never will."
        ),
        (
            "Likeness to the true answer (chrF) counts letters, not sense; a good answer in other "
            "words scores low."
        ),
    )
