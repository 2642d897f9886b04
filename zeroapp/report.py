"""Values that say how good a model is and what was exported. Only values; quality/ makes them."""

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


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The quality report of one run, on test rows that played no part in making the model.

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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a model. scores: the best few labels with their probability, best first."""

    text: str
    label: str
    confidence: float
    scores: tuple[tuple[str, float], ...] = ()


class ExportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A finished export, checked in a fresh process.

    agreement: share of `compared` held-out rows answered as the app answers them.
    latency_ms: median time for one text; accuracy: on those rows with known labels.
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
