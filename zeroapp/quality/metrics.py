"""Counts and scores of answers against the truth. Knows arrays and label numbers, no models."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zeroapp.dataset import Example
from zeroapp.report import Confusion, LabelScore, Mistake

Labels = NDArray[np.intp]
"""Label numbers, shape (n,)."""
Probabilities = NDArray[np.floating]
"""Probabilities, shape (n, K), rows summing to 1."""
Counts = NDArray[np.int64]
"""Row counts by true label and answer, shape (K, K)."""

# A model that gives the right label probability 0 would otherwise decide a whole comparison.
_LEAST_PROBABILITY = 1e-7


def confusion_counts(truth: Labels, *, answers: Labels, labels: int) -> Counts:
    """counts[i, j]: rows whose true label is i and whose answer is j, of `labels` labels."""
    cells = np.bincount(truth * labels + answers, minlength=labels * labels)
    return cells.reshape(labels, labels).astype(np.int64)


def macro_f1(counts: NDArray[np.integer]) -> float:
    """Mean F1 over the labels that occur in truth or answers; 0 when there are no rows."""
    right = np.diagonal(counts)
    return float(mean_f1(right, given=counts.sum(axis=1), answered=counts.sum(axis=0)))


def mean_f1(
    right: NDArray[np.integer], *, given: NDArray[np.integer], answered: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Macro-F1 from counts by label in the last axis; leading axes are kept.

    right: rows answered rightly; given: rows that truly carry the label; answered: rows that
    got it as an answer. A label that is neither given nor answered does not count.
    """
    touched = given + answered
    f1 = np.divide(2.0 * right, touched, out=np.zeros(touched.shape), where=touched > 0)
    occurring = np.maximum((touched > 0).sum(axis=-1), 1)
    return np.asarray(f1.sum(axis=-1) / occurring)


def row_losses(truth: Labels, *, probabilities: Probabilities) -> NDArray[np.float64]:
    """Log loss of each row in nats, shape (n,); bounded, so that no single row decides all."""
    given = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return np.asarray(-np.log(np.maximum(given, _LEAST_PROBABILITY)))


def log_loss(truth: Labels, *, probabilities: Probabilities) -> float:
    """Mean log loss in nats; 0 when there are no rows."""
    return float(row_losses(truth, probabilities=probabilities).mean()) if len(truth) else 0.0


def confusion(counts: NDArray[np.integer], *, labels: Sequence[str]) -> Confusion:
    """The counts as a value, all labels in order."""
    rows = tuple(tuple(int(cell) for cell in row) for row in counts)
    return Confusion(labels=tuple(labels), counts=rows)


def label_scores(counts: NDArray[np.integer], *, labels: Sequence[str]) -> tuple[LabelScore, ...]:
    """Precision, recall and F1 of every label, in label order; 0 where nothing was counted."""
    given, answered, right = counts.sum(axis=1), counts.sum(axis=0), np.diagonal(counts)
    return tuple(
        _label_score(label, n=int(n), answered=int(asked), right=int(hit))
        for label, n, asked, hit in zip(labels, given, answered, right, strict=True)
    )


def _label_score(label: str, *, n: int, answered: int, right: int) -> LabelScore:
    return LabelScore(
        label=label,
        n=n,
        right=right,
        precision=right / answered if answered else 0.0,
        recall=right / n if n else 0.0,
        f1=2 * right / (n + answered) if n + answered else 0.0,
    )


def worst_mistakes(
    truth: Labels,
    *,
    probabilities: Probabilities,
    rows: Sequence[Example],
    labels: Sequence[str],
    limit: int = 50,
) -> tuple[Mistake, ...]:
    """Wrongly answered rows, the most confident first, at most `limit` of them."""
    answers = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != truth)
    order = wrong[np.argsort(-confidence[wrong], kind="stable")][:limit]
    return tuple(
        Mistake(
            row_id=rows[i].row_id,
            text=rows[i].text,
            truth=labels[truth[i]],
            answer=labels[answers[i]],
            confidence=float(confidence[i]),
        )
        for i in order
    )
