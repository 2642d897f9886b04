"""Rows whose label is probably wrong, and where such rows lie together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from zeroapp.audit.label_noise import Fit, answers, suspected
from zeroapp.audit.material import SHOWN, Floats, Material, Words
from zeroapp.errors import Problem, Severity
from zeroapp.inspection import Suspect
from zeroapp.wording import many

TITLE = "Wrong kinds"
BLIND = (
    "Cannot see a mistake that is made every time, nor one between kinds that even people mix up. "
    "Some rare but right rows look wrong to it."
)
TOGETHER_TITLE = "Rows that came together"
TOGETHER_BLIND = (
    "Cannot see a few wrong rows in a large file, nor rows that were mixed among the others."
)

_FEWEST = 20
_UNLIKELY = 1e-6
_TWICE = 2.0
_STRETCH = 25
_WORST = 10


def suspects_of(material: Material, fit: Fit) -> list[Suspect]:
    """The rows whose label is suspected, the surest first."""
    return [
        Suspect(
            row_id=material.examples[at].row_id,
            given=material.labels[material.codes[at]],
            suggested=material.labels[better],
            confidence=sure,
        )
        for at, better, sure in suspected(fit, material.codes)
    ]


def wrong_labels(material: Material, suspects: Sequence[Suspect]) -> list[Problem]:
    """One finding with all suspects."""
    if not suspects:
        return []
    place_of = {example.row_id: n for n, example in enumerate(material.examples)}
    at = [place_of[suspect.row_id] for suspect in suspects]
    shown = tuple(
        f"{material.quote(n, limit=70)} → “{s.given}”, rather “{s.suggested}”?"
        for n, s in zip(at[:SHOWN], suspects, strict=False)
    )
    much = len(at) > 0.02 * len(material.examples)
    rows = many(len(at), "row", verbs=("seems", "seem"))
    return [
        material.finding(
            "wrong-labels",
            at=at,
            severity=Severity.warning if much else Severity.info,
            words=Words(
                title=f"{rows} to be of another kind than stated.",
                why=(
                    "A model that had not seen these rows is sure of another kind. Wrong kinds are "
                    "learned like right ones, and in the test they count as mistakes."
                ),
                remedy="Go through them, best first: keep or change the kind with one key.",
                shown=shown,
                mend="relabel",
            ),
            role="label",
        )
    ]


def came_together(material: Material, vectors: Floats, fit: Fit) -> list[Problem]:
    """Files, and stretches of lines, that contradict the rest far more often than the rest does."""
    found = []
    files = sorted(set(material.files))
    wrong = fit.probabilities.argmax(axis=1) != material.codes
    of_file = np.array([files.index(name) for name in material.files]) if files else np.zeros(0)
    for number, name in enumerate(files):
        inside = of_file == number
        if (
            len(files) > 1 and (problem := _file(material, vectors, inside, wrong=wrong, name=name))
        ) or (problem := _stretch(material, np.flatnonzero(inside), wrong=wrong, name=name)):
            found.append(problem)
    return found


def _file(
    material: Material,
    vectors: Floats,
    inside: NDArray[np.bool_],
    *,
    wrong: NDArray[np.bool_],
    name: str,
) -> Problem | None:
    """The file against a model made of all other files."""
    count = int(inside.sum())
    codes = material.codes
    known = inside & np.isin(codes, np.unique(codes[~inside]))
    if count < _FEWEST or known.sum() < _FEWEST or (~inside).sum() < _FEWEST:
        return None
    said = answers(vectors[~inside], codes[~inside], vectors[known], labels=len(material.labels))
    at = np.flatnonzero(known)[said != codes[known]]
    usual = max(float(wrong[~inside].mean()), 0.01)
    if not _unusual(len(at), of=int(known.sum()), usual=usual):
        return None
    return _together(material, at, of=int(known.sum()), usual=usual, where=f"in “{name}”")


def _stretch(
    material: Material, inside: NDArray[np.int64], *, wrong: NDArray[np.bool_], name: str
) -> Problem | None:
    """The stretch of lines with the most contradictions."""
    if len(inside) < 4 * _STRETCH:
        return None
    ordered = inside[np.argsort(np.array(material.lines)[inside], kind="stable")]
    within = np.convolve(wrong[ordered], np.ones(_STRETCH, int), mode="valid")
    first = int(within.argmax())
    count, usual = int(within[first]), max(float(wrong[ordered].mean()), 0.01)
    tried = len(within)
    if count < _WORST or binom.sf(count - 1, _STRETCH, usual) * tried > _UNLIKELY:
        return None
    part = ordered[first : first + _STRETCH]
    lines = f"in lines {material.lines[part[0]]:,} to {material.lines[part[-1]]:,} of “{name}”"
    return _together(material, part[wrong[part]], of=_STRETCH, usual=usual, where=lines)


def _unusual(count: int, *, of: int, usual: float) -> bool:
    far = count > _TWICE * usual * of
    return far and bool(binom.sf(count - 1, of, usual) < _UNLIKELY)


def _together(
    material: Material, at: NDArray[np.int64], *, of: int, usual: float, where: str
) -> Problem:
    return material.finding(
        "rows-that-disagree",
        at=at.tolist(),
        severity=Severity.warning,
        words=Words(
            title=f"{len(at):,} of {of:,} rows {where} contradict the rest.",
            why=(
                f"Elsewhere about {100 * usual:.0f} of 100 do. Rows that came together and "
                "disagree were labelled in another way, by mistake or on purpose."
            ),
            remedy="Look at these rows; if the source is not to be trusted, leave it out.",
            mend="review-rows",
        ),
        role="label",
    )
