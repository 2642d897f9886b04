"""Values that say how good a model is and what was exported. Only values; quality/ makes them.

A report is of one of two kinds, by what its task answers: `Report` (labels) or `TextReport`.
"""

from typing import Any

import msgspec


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A 95 % interval. method: "wilson" or "bootstrap"."""

    low: float
    high: float
    method: str


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One metric on n rows, with its interval. key: "accuracy" or "macro_f1"."""

    key: str
    value: float
    interval: Interval
    n: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """This model against another on the same rows (exact McNemar test, two-sided).

    against: "untrained", "majority" or "probe". only_ours: rows only this model got right.
    """

    against: str
    title: str
    right: int
    n: int
    only_ours: int
    only_theirs: int
    p_value: float
    better: bool


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """counts[i][j]: rows whose true label is labels[i] and whose answer is labels[j]."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one label fares. n: test rows that truly carry it."""

    label: str
    n: int
    right: int
    precision: float
    recall: float
    f1: float


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A test row that was answered wrongly; confidence in the wrong answer, 0 to 1."""

    row_id: int
    text: str
    truth: str
    answer: str
    confidence: float


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the two models is in use and why; decided on validation rows only.

    in_use: "probe" (frozen encoder, linear probe) or "fine-tuned".
    """

    in_use: str
    why: str
    n: int
    probe_right: int
    fine_tuned_right: int | None = None
    p_value: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, tag="labels"):
    """The report on a model that answers with labels, on rows that played no part in making it.

    verdict: one sentence a person can repeat. ok: the model beats "untrained" and "majority".
    limits: what this report cannot see, as sentences.
    """

    run_id: str
    task: str
    base: str
    data_version: str
    verdict: str
    ok: bool
    n: int
    right: int
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    confusion: Confusion
    per_label: tuple[LabelScore, ...]
    worst: tuple[Mistake, ...]
    selection: Selection
    limits: tuple[str, ...]
    train_rows: int
    validation_rows: int
    seconds: float
    created_at: str


class TextScore(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of texts, of this model and of the untrained base on the same n examples.

    interval: of the paired difference, ours less the base's (bootstrap over examples). key:
    "perplexity" and "loss" (nats a token) are better when lower, "chrf" (0 to 100), "exact" and
    "repetition" (shares; the less repetition the better).
    """

    key: str
    value: float
    base: float
    interval: Interval
    n: int
    better: bool


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The longest passage of training text, in words, found in what the model wrote.

    control_words: the longest in the true answers of the same examples, which nobody copied: what
    chance and set phrases make. share: of its six-word runs, those that stand in training text;
    control_share likewise.
    """

    words: int
    passage: str
    control_words: int
    share: float
    control_share: float


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """What the untrained base and this model wrote to a test prompt, and what stood there."""

    row_id: int
    prompt: str
    truth: str
    base: str
    ours: str


class TextSelection(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the taught model is in use, or the base as it was; decided on validation answers.

    in_use: "base" or "fine-tuned". losses: nats a token.
    """

    in_use: str
    why: str
    n: int
    base_loss: float
    fine_tuned_loss: float | None = None


class TextReport(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """The report on a model that answers with texts, on rows that played no part in making it.

    n: test examples; tokens: of their answers. ok: what it is held against surprises it less than
    the untrained base, beyond chance. written: examples that both models answered for `pairs` and
    the scores of what they wrote.
    """

    run_id: str
    task: str
    base: str
    data_version: str
    verdict: str
    ok: bool
    n: int
    tokens: int
    scores: tuple[TextScore, ...]
    written: int
    copied: Copied | None
    pairs: tuple[SideBySide, ...]
    selection: TextSelection
    limits: tuple[str, ...]
    train_rows: int
    validation_rows: int
    seconds: float
    created_at: str


AnyReport = Report | TextReport

_REPORT: msgspec.json.Decoder[AnyReport] = msgspec.json.Decoder(AnyReport)


def decode_report(data: bytes) -> AnyReport:
    """A report.json; those of before there were two kinds speak of labels.

    Raises msgspec.ValidationError when it is none, msgspec.DecodeError when it is no JSON.
    """
    try:
        return _REPORT.decode(data)
    except msgspec.ValidationError:
        raw: Any = msgspec.json.decode(data)
        if not isinstance(raw, dict) or "type" in raw:
            raise
        return msgspec.convert(raw | {"type": "labels"}, type=Report)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a model. scores: the best few labels with their probability, best first.

    Of a model that writes, label is what it has written so far, base what the untrained base has,
    whole tells that both are done, and confidence says nothing. heat: where that was asked, how
    much less sure it is when a part of the picture is covered, row by row from the top left.
    """

    text: str
    label: str
    confidence: float = 0.0
    scores: tuple[tuple[str, float], ...] = ()
    base: str | None = None
    whole: bool = True
    heat: tuple[tuple[float, ...], ...] = ()


class ExportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished export, checked in a fresh process.

    agreement: share of `compared` held-out rows answered as the app answers them.
    latency_ms: median time for one text; accuracy: on those rows with known labels. same_start:
    of texts, the share of an answer's words before the first that is another, on average.
    same_next: of texts, the share of places where the likeliest next word piece is the same while
    the text is held as the app wrote it.
    """

    format: str
    path: str
    bytes: int
    compared: int
    agreement: float
    accuracy: float
    latency_ms: float
    files: tuple[str, ...]
    created_at: str
    same_start: float | None = None
    same_next: float | None = None
