"""What rare kinds cost: how many of their rows a model misses, what more weight would change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, binomtest

from zeroapp.audit.label_noise import Fit
from zeroapp.audit.material import SHOWN, Material, Words
from zeroapp.dataset import LabelCount
from zeroapp.errors import Problem, Severity
from zeroapp.label_checks import FEW_ROWS, UNEVEN, WEIGH, wanted
from zeroapp.plan import rarity_weights
from zeroapp.wording import many

TITLE = "Rare kinds"
BLIND = (
    "Goes by a quick model; the one that is trained will miss fewer, but of the same kinds. Cannot "
    "see whether real life is as uneven as the rows, nor kinds with fewer than four rows."
)

_FEWEST = 2
_LEVEL = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind that is missed more often than the others. low, high: 95 % interval of its share."""

    code: int
    count: int
    right: int
    low: float
    high: float


def rare_kinds(material: Material, fit: Fit) -> list[Problem]:
    """Rare kinds that are missed more often than all kinds are, by more than chance."""
    codes, said = material.codes, fit.probabilities.argmax(axis=1)
    counts = np.bincount(codes, minlength=len(material.labels))
    if counts.max() < UNEVEN * counts[counts >= FEW_ROWS].min(initial=counts.max()):
        return []
    missed = _missed(codes, said, counts)
    if not missed:
        return []
    at = np.flatnonzero(np.isin(codes, [kind.code for kind in missed]) & (said != codes))
    return [
        material.finding(
            "rare-kinds-missed",
            at=at.tolist(),
            severity=Severity.warning,
            words=Words(
                title=_title(material, missed),
                why=_why(codes, said, fit, missed=missed, counts=counts),
                remedy=(
                    f"Collect {_lacking(material, missed, counts)}; until then let each row of a "
                    "rare kind count more."
                ),
                shown=tuple(_shown(material.labels[kind.code], kind) for kind in missed[:SHOWN]),
                mend=WEIGH,
            ),
            role="label",
        )
    ]


def _missed(
    codes: NDArray[np.int64], said: NDArray[np.int64], counts: NDArray[np.int64]
) -> list[_Kind]:
    """Rare kinds of which more rows are missed than chance explains (exact binomial test)."""
    usual = float((said == codes).mean())
    found = []
    for code in np.flatnonzero((counts >= FEW_ROWS) & (counts * UNEVEN <= counts.max())):
        count = int(counts[code])
        right = int((said[codes == code] == code).sum())
        if count - right >= _FEWEST and binom.cdf(right, count, usual) < _LEVEL:
            sure = binomtest(right, count).proportion_ci(method="wilson")
            found.append(
                _Kind(code=int(code), count=count, right=right, low=sure.low, high=sure.high)
            )
    return sorted(found, key=lambda kind: kind.right / kind.count)


def _title(material: Material, missed: list[_Kind]) -> str:
    if len(missed) == 1:
        (kind,) = missed
        lost = kind.count - kind.right
        return f"{lost:,} of {kind.count:,} “{material.labels[kind.code]}” would be missed."
    return f"{many(len(missed), 'rare kind')} would be missed more often than the others."


def _why(
    codes: NDArray[np.int64],
    said: NDArray[np.int64],
    fit: Fit,
    *,
    missed: list[_Kind],
    counts: NDArray[np.int64],
) -> str:
    """What a quick model misses now, and what it would with more weight for rare kinds.

    More weight for the rows of a label changes how probable it is beforehand, and so the answers.
    """
    weighed = (fit.probabilities * np.array(rarity_weights(counts.tolist()))).argmax(axis=1)
    rare = np.isin(codes, [kind.code for kind in missed])
    now, then = (int((a == codes)[rare].sum()) for a in (said, weighed))
    others_now, others_then = (int((a == codes)[~rare].sum()) for a in (said, weighed))
    return (
        f"A quick model that had not seen them is right on {100 * (said == codes).mean():.0f} of "
        f"100 rows in all, but on {now:,} of {rare.sum():,} of these. With more weight for rare "
        f"kinds it would be on {then:,}, and on {others_then:,} instead of {others_now:,} of the "
        f"other {(~rare).sum():,}."
    )


def _lacking(material: Material, missed: list[_Kind], counts: NDArray[np.int64]) -> str:
    commonest = int(counts.argmax())
    rarest_last = sorted(missed, key=lambda kind: -kind.count)
    every = [(commonest, int(counts.max())), *((kind.code, kind.count) for kind in rarest_last)]
    return wanted([LabelCount(label=material.labels[code], count=n) for code, n in every])


def _shown(label: str, kind: _Kind) -> str:
    low, high = 100 * kind.low, 100 * kind.high
    return f"{label}: right on {kind.right:,} of {kind.count:,} ({low:.0f} to {high:.0f} of 100)"
