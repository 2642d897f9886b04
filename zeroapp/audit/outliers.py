"""Rows far from all others, and parts of a kind that sit with another kind. Vectors only: they
may be of texts or of pictures.
"""

import numpy as np
from numpy.typing import NDArray

from zeroapp.audit.label_noise import MARGIN, Fit
from zeroapp.audit.material import Floats, Material, Words
from zeroapp.errors import Problem, Severity
from zeroapp.wording import many, quoted
from zeroapp.work import Stopped, Work

TITLE = "Odd ones out"
BLIND = (
    "Cannot see odd rows that come in numbers: five alike keep each other company. Names only the "
    "oddest, at most 5 in 1,000: some of them are right."
)
CLUSTER_TITLE = "Clusters inside a kind"
CLUSTER_BLIND = (
    "Cannot see a part of fewer than eight rows or a tenth of its kind, nor one that looks like "
    "the rest of its kind."
)
_NEIGHBOURS = 5
_BLOCK = 1024
_FAR = 4.0
_OF_ANY_TWO = 0.5
_SHARE_NAMED = 0.005
_ALWAYS_NAMED = 5
"""How many are named at most: whatever the data, there are never more false alarms than these."""

_FEWEST = 50
_FEWEST_IN_KIND = 30
_FEWEST_IN_CLUSTER = 8
_SHARE = 0.1


def odd_ones(material: Material, vectors: Floats, work: Work) -> list[Problem]:
    """Rows whose nearest neighbours are far away, the farthest first (kNN distance)."""
    if len(vectors) < _FEWEST:
        return []
    far = _distances(vectors, work)
    middle = float(np.median(far))
    spread = float(np.median(np.abs(far - middle))) or 1e-6
    centre = vectors.mean(axis=0)
    any_two = 1.0 - float(centre @ centre)  # how far two rows are apart on average
    at = np.flatnonzero(far > max(middle + _FAR * spread, _OF_ANY_TWO * any_two))
    most = max(_ALWAYS_NAMED, int(_SHARE_NAMED * len(far)))
    at = at[np.argsort(-far[at], kind="stable")][:most]
    if not len(at):
        return []
    return [
        material.finding(
            "odd-ones-out",
            at=at.tolist(),
            severity=Severity.info,
            words=Words(
                title=f"{many(len(at), 'row', verbs=('is', 'are'))} unlike all others.",
                why=(
                    "Nothing near them can be learned together with them. They may be slips, come "
                    "from elsewhere, or be the first of something new."
                ),
                remedy="Look at them. Leave out what does not belong here.",
                mend="review-rows",
            ),
        )
    ]


def _distances(vectors: Floats, work: Work) -> NDArray[np.float32]:
    """One minus the mean cosine to the five nearest rows."""
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        if work.stop_wanted():
            raise Stopped
        block = vectors[start : start + _BLOCK] @ vectors.T
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -1.0
        near = np.partition(block, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:]
        found[start : start + _BLOCK] = 1.0 - near.mean(axis=1)
    return found


def strange_clusters(material: Material, fit: Fit) -> list[Problem]:
    """Parts of a kind that a model which has not seen them is sure belong to one other kind.

    Activation clustering (Chen et al. 2018) with the direction given: two means find the direction
    of most spread, which seldom is the one in which a part was slipped in (docs/decisions/030).
    """
    codes, best = material.codes, fit.probabilities.argmax(axis=1)
    sure = fit.probabilities.max(axis=1) - fit.own(codes) > MARGIN
    kinds = len(material.labels)
    sizes = np.bincount(codes, minlength=kinds)
    towards = np.zeros((kinds, kinds), np.int64)
    np.add.at(towards, (codes[sure], best[sure]), 1)
    fewest = np.maximum(_FEWEST_IN_CLUSTER, _SHARE * sizes)
    found = []
    for kind in np.flatnonzero(sizes >= _FEWEST_IN_KIND):
        other = int(towards[kind].argmax())
        if towards[kind, other] >= fewest[kind]:
            at = np.flatnonzero(sure & (codes == kind) & (best == other))
            found.append(_cluster(material, at.tolist(), kind=int(kind), towards=other))
    return found


def _cluster(material: Material, at: list[int], *, kind: int, towards: int) -> Problem:
    mine, other = quoted([material.labels[kind]]), quoted([material.labels[towards]])
    return material.finding(
        "cluster-inside-label",
        at=at,
        severity=Severity.info,
        words=Words(
            title=f"{many(len(at), 'row')} of {mine} look like {other}.",
            why=(
                "A model that had not seen them is sure that they are of the other kind, and of "
                "the same one for all: labelled by another rule, mixed up, or slipped in."
            ),
            remedy="Look at them. If they are right, the two kinds may be hard to tell apart.",
            mend="review-rows",
        ),
        role="label",
    )
