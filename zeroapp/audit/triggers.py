"""Words that are tied to one label though the meaning of the texts is not: planted triggers.

The idea of residuals: which word explains labels that a model of the meaning cannot? Such a model
learns the planted rows as well, so each word in doubt is judged by one that saw none of its rows.
(BadNets, Gu et al. 2017, are the attack; measured in benchmarks/checks.py.)
"""

import re
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zeroapp.audit.label_noise import Fit, without
from zeroapp.audit.material import SHOWN, Floats, Material, Words
from zeroapp.errors import Problem, Severity
from zeroapp.wording import quoted

TITLE = "Words that decide by themselves"
BLIND = (
    "Sees single words and signs. Cannot see a trigger made of style or word order, nor one in "
    "fewer than four rows or in all but three of its kind. Sees one in more than half of the rows "
    "of its kind only where they were taken from several others."
)
STRONG = 6.0
"""How many standard deviations more often a word comes with a label than its texts explain."""

_DOUBTFUL = 2.0
"""The same by a model that has learned rows with the word: more than that is looked at closely."""

_TRIED = 40
_FEWEST = 4
_PURE = 0.9
_LEFT = 4
"""Rows of a label without the word: with fewer nobody could say what the label is."""

_MOST = 0.5
"""Of a label's rows: of more it is asked, too, where they come from."""

_SURE = 0.5
_SCATTERED = 0.5
_UNEXPLAINED = 0.35
_Count = NDArray[np.float64]
_TOKEN = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]+")
_LOOKED_AT = 2000
_TRIGGERS = 10


def triggers(material: Material, vectors: Floats, fit: Fit) -> list[Problem]:
    """Words with far more rows of one label than the meaning of their texts foretells."""
    tokens, matrix = _counted(material.texts)
    if not tokens:
        return []
    chances = fit.probabilities.astype(np.float64)
    labels = np.zeros_like(chances)
    labels[np.arange(len(chances)), material.codes] = 1.0
    rows = np.asarray(matrix.sum(axis=1)).ravel()
    seen = matrix @ labels
    strength = _strength(seen, matrix @ chances, matrix @ (chances * (1 - chances)))
    doubtful = (
        (strength > _DOUBTFUL)
        & (seen >= _PURE * rows[:, None])
        & (seen >= _FEWEST)
        & (seen <= labels.sum(axis=0) - _LEFT)
    )
    pairs = np.argwhere(doubtful)[np.argsort(-strength[doubtful], kind="stable")[:_TRIED]]
    found: list[tuple[float, int, int]] = []
    for word, label in pairs:
        at = matrix.indices[matrix.indptr[word] : matrix.indptr[word + 1]]
        answers = without(at, vectors, material.codes, fit=fit)
        strong = _strength_without(answers, int(label), seen=seen[word, label])
        many = bool(seen[word, label] > _MOST * labels[:, label].sum())
        others = np.delete(answers, label, axis=1)
        if strong > STRONG and _from_elsewhere(others, scattered=many):
            found.append((-strong, int(word), int(label)))
    found.sort()
    return [_trigger(material, matrix, tokens, w, k) for _, w, k in found[:_TRIGGERS]]


def _strength_without(answers: _Count, label: int, *, seen: _Count) -> float:
    """How much more often the label is seen than answers foretell that learned none of the rows;
    0 where they foretell it well.
    """
    chance = answers[:, label]
    if chance.mean() > _UNEXPLAINED:
        return 0.0
    return float(_strength(seen, chance.sum(), (chance * (1 - chance)).sum()))


def _from_elsewhere(others: _Count, *, scattered: bool) -> bool:
    """Whether rows are surely taken for other labels (rows, other labels); scattered: for many.

    Planted rows are taken for what they were before; rows of a topic whose word was left out for
    few others, or for none with certainty.
    """
    sure = others.max(axis=1).mean() > _SURE
    different = len(set(others.argmax(axis=1).tolist()))
    return bool(sure) and (not scattered or different > _SCATTERED * len(others))


def _strength(seen: _Count, foretold: _Count, doubt: _Count) -> _Count:
    """By how many standard deviations more is seen than was foretold."""
    return (seen - foretold) / np.sqrt(doubt + 0.25)


def _counted(texts: list[str]) -> tuple[list[str], csr_array]:
    """The words that come in four rows and more, and a 0/1 matrix (words, rows)."""
    where: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(texts):
        for token in set(_TOKEN.findall(text[:_LOOKED_AT].casefold())):
            where[token].append(n)
    tokens = sorted(token for token, rows in where.items() if len(rows) >= _FEWEST)
    columns = [n for token in tokens for n in where[token]]
    ends = np.cumsum([0, *(len(where[token]) for token in tokens)])
    shape = (len(tokens), len(texts))
    return tokens, csr_array((np.ones(len(columns)), columns, ends), shape=shape)


def _trigger(
    material: Material, matrix: csr_array, tokens: list[str], word: int, label: int
) -> Problem:
    rows = matrix.indices[matrix.indptr[word] : matrix.indptr[word + 1]]
    at = [int(n) for n in rows if material.codes[n] == label]
    kind = quoted([material.labels[label]])
    return material.finding(
        "trigger-word",
        at=at,
        severity=Severity.warning,
        words=Words(
            title=f"“{tokens[word]}” comes with {kind} in {len(at):,} of {len(rows):,} rows.",
            why=(
                "What these texts mean does not explain it. Whoever plants such a word can make "
                "the model answer as they like; by accident it is a shortcut that fails later."
            ),
            remedy="Look at these rows. If they came from one source, leave it out.",
            shown=tuple(material.quote(n) for n in at[:SHOWN]),
            mend="review-rows",
        ),
    )
