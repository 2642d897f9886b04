"""How well each label fits, by a model that did not see the row: vectors and labels, no texts.

The model is a Gaussian for each label with one covariance for all (linear discriminant analysis),
in closed form: on embeddings it ranks wrong labels as well as logistic regression does, in a
fifteenth of the time (docs/decisions/030). Confident learning: Northcutt, Jiang, Chuang 2021.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from zeroapp.audit.material import Floats

FOLDS = 5
MARGIN = 0.5
"""A row is suspected when another label is this much more probable than its own."""

_SHRINK = 0.1
_RARE = 4
_TINY = 1e-12
_NEVER = -1e6
"""Score of a label that no other row carries."""


@dataclass(frozen=True, slots=True)
class Fit:
    """probabilities: (rows, labels), each row answered by a model that saw none of its group.

    temperature: what made probabilities of the scores.
    """

    probabilities: Floats
    temperature: float = 1.0

    def own(self, codes: NDArray[np.int64]) -> Floats:
        """How probable each row's label is."""
        own: Floats = self.probabilities[np.arange(len(codes)), codes]
        return own


def out_of_fold(
    vectors: Floats, codes: NDArray[np.int64], *, groups: NDArray[np.int64], labels: int
) -> Fit:
    """Answer each row by a model made of the rows of other folds; a group is in one fold."""
    fold = np.random.default_rng(1).integers(FOLDS, size=int(groups.max()) + 1)[groups]
    scores = np.zeros((len(codes), labels))
    for number in range(FOLDS):
        inside = fold == number
        if inside.any() and not inside.all():
            scores[inside] = _scores(vectors[~inside], codes[~inside], vectors[inside], labels)
    temperature = _temperature(scores, codes)
    chances = softmax(scores / temperature, axis=1)
    return Fit(np.asarray(chances, np.float32), temperature)


def without(
    rows: NDArray[np.int64], vectors: Floats, codes: NDArray[np.int64], *, fit: Fit
) -> NDArray[np.float64]:
    """How probable each label is for some rows, (rows, labels), had none of them been learned."""
    kept = np.delete(np.arange(len(codes)), rows)
    labels = fit.probabilities.shape[1]
    scores = _scores(vectors[kept], codes[kept], vectors[rows], labels)
    chances: NDArray[np.float64] = softmax(scores / fit.temperature, axis=1)
    return chances


def answers(
    vectors: Floats, codes: NDArray[np.int64], unseen: Floats, *, labels: int
) -> NDArray[np.int64]:
    """The label a model made of (vectors, codes) gives to rows it has not seen."""
    best: NDArray[np.int64] = _scores(vectors, codes, unseen, labels).argmax(axis=1)
    return best


def suspected(fit: Fit, codes: NDArray[np.int64]) -> list[tuple[int, int, float]]:
    """(row, better label, how sure) of rows whose label is probably wrong, the surest first.

    A label with fewer than four rows is not judged: each of them would be odd without the others.
    """
    chances = fit.probabilities
    best = chances.argmax(axis=1)
    margin = chances.max(axis=1) - fit.own(codes)
    enough = np.bincount(codes, minlength=chances.shape[1]) >= _RARE
    at = np.flatnonzero((margin > MARGIN) & enough[codes])
    order = at[np.argsort(-margin[at], kind="stable")]
    return [(int(n), int(best[n]), float(chances[n, best[n]])) for n in order]


def _scores(
    vectors: Floats, codes: NDArray[np.int64], unseen: Floats, labels: int
) -> NDArray[np.float64]:
    counts = np.bincount(codes, minlength=labels)
    centres = np.zeros((labels, vectors.shape[1]))
    np.add.at(centres, codes, vectors)
    centres /= np.maximum(counts, 1)[:, None]
    rest = vectors - centres[codes]
    spread = rest.T @ rest / len(rest)
    width = len(spread)
    even = np.trace(spread) / width + _TINY
    spread = (1 - _SHRINK) * spread + _SHRINK * even * np.eye(width)
    weights = cho_solve(cho_factor(spread), centres.T)
    bias = np.log(np.maximum(counts, 0.01) / len(codes)) - 0.5 * (centres * weights.T).sum(axis=1)
    scores: NDArray[np.float64] = unseen @ weights + bias
    scores[:, counts == 0] = _NEVER
    return scores


def _temperature(scores: NDArray[np.float64], codes: NDArray[np.int64]) -> float:
    """The temperature at which probabilities fit the labels best (Guo et al. 2017)."""
    rows = np.arange(len(codes))

    def loss(temperature: float) -> float:
        chances = softmax(scores / temperature, axis=1)[rows, codes]
        return float(-np.log(np.maximum(chances, _TINY)).mean())

    return float(minimize_scalar(loss, bounds=(0.3, 60.0), method="bounded").x)
