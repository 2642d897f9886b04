"""Rows far from all others, and small clusters inside a kind that sit with another kind. Vectors
only: they may be of texts or of pictures.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from zeroapp.audit.material import Floats, Material, Words
from zeroapp.errors import Problem, Severity
from zeroapp.wording import many, quoted
from zeroapp.work import Stopped, Work

TITLE = "Odd ones out"
BLIND = "Cannot see odd rows that come in numbers: five alike keep each other company."
CLUSTER_TITLE = "Clusters inside a kind"
CLUSTER_BLIND = (
    "Cannot see a cluster of fewer than eight rows, nor one that looks like the rest of its kind."
)
_NEIGHBOURS = 5
_BLOCK = 1024
_FAR = 6.0
_FEWEST = 50
_FEWEST_IN_KIND = 30
_FEWEST_IN_CLUSTER = 8
_SMALL = 0.35
_NEARER = 0.05


def odd_ones(material: Material, vectors: Floats, work: Work) -> list[Problem]:
    """Rows whose nearest neighbours are far away, the farthest first (kNN distance)."""
    if len(vectors) < _FEWEST:
        return []
    far = _distances(vectors, work)
    middle = float(np.median(far))
    spread = float(np.median(np.abs(far - middle))) or 1e-6
    at = np.flatnonzero(far > max(middle + _FAR * spread, 0.5))
    at = at[np.argsort(-far[at], kind="stable")]
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


def strange_clusters(material: Material, vectors: Floats) -> list[Problem]:
    """Small clusters inside a kind that are nearer to another kind (Chen et al. 2018)."""
    codes = material.codes
    centres = np.stack([vectors[codes == k].mean(axis=0) for k in range(len(material.labels))])
    found = []
    for kind in range(len(material.labels)):
        rows = np.flatnonzero(codes == kind)
        if len(rows) < _FEWEST_IN_KIND:
            continue
        part = _smaller(vectors[rows])
        cluster = rows[part]
        if not _FEWEST_IN_CLUSTER <= len(cluster) <= _SMALL * len(rows):
            continue
        rest = vectors[rows[~part]].mean(axis=0)
        middle = vectors[cluster].mean(axis=0)
        others = np.delete(np.arange(len(centres)), kind)
        towards = others[int((centres[others] @ middle).argmax())]
        if float(centres[towards] @ middle - rest @ middle) > _NEARER:
            found.append(_cluster(material, cluster.tolist(), kind=kind, towards=int(towards)))
    return found


def _smaller(vectors: Floats) -> NDArray[np.bool_]:
    """The smaller of two clusters, in the ten directions of most spread."""
    middle = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(middle.T @ middle)
    seen = middle @ directions[:, -10:]
    _, side = kmeans2(seen, 2, iter=20, minit="++", rng=np.random.default_rng(0))
    small: NDArray[np.bool_] = side == int((side == 1).sum() < (side == 0).sum())
    return small


def _cluster(material: Material, at: list[int], *, kind: int, towards: int) -> Problem:
    mine, other = quoted([material.labels[kind]]), quoted([material.labels[towards]])
    return material.finding(
        "cluster-inside-label",
        at=at,
        severity=Severity.info,
        words=Words(
            title=f"{many(len(at), 'row')} of {mine} look like {other}.",
            why=(
                "They form a cluster of their own inside their kind and are nearer to the other: "
                "labelled by another rule, mixed up, or slipped in."
            ),
            remedy="Look at them. If they are right, the two kinds may be hard to tell apart.",
            mend="review-rows",
        ),
        role="label",
    )
