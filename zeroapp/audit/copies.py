"""Texts that are nearly the same, and those among them that carry different labels."""

from zeroapp.audit.material import SHOWN, Material, Words
from zeroapp.errors import Problem, Severity
from zeroapp.wording import many, quoted, short

TITLE = "Nearly the same texts"
BLIND = (
    "Cannot see texts that say the same in other words, nor, in very short texts, two slips of the "
    "pen at once."
)


def near_copies(material: Material) -> list[Problem]:
    """One finding about near copies, one about those with different labels."""
    pairs = material.near.pairs
    if not pairs:
        return []
    found = [_copies(material, pairs)]
    if material.labelled:
        codes = material.codes
        apart = [(i, j) for i, j, _ in pairs if codes[i] != codes[j]]
        if apart:
            found.append(_disputed(material, apart))
    return found


def _copies(material: Material, pairs: list[tuple[int, int, float]]) -> Problem:
    second = sorted({max(i, j) for i, j, _ in pairs})
    shown = tuple(
        f"{material.quote(i, limit=60)} ≈ {material.quote(j, limit=60)}"
        for i, j, _ in pairs[:SHOWN]
    )
    rows = many(len(second), "row", verbs=("is nearly a copy", "are nearly copies"))
    return material.finding(
        "near-duplicates",
        at=second,
        severity=Severity.info,
        words=Words(
            title=f"{rows} of another.",
            why=(
                "Near copies of one kind are kept on one side of the split, so that no row is "
                "tested whose twin was learned. They teach little that is new."
            ),
            remedy="Nothing needs to be done; dropping them makes training shorter.",
            shown=shown,
            mend="drop-near-duplicates",
        ),
    )


def _disputed(material: Material, pairs: list[tuple[int, int]]) -> Problem:
    touched = list(dict.fromkeys(n for pair in pairs for n in pair))
    examples, labels = material.examples, material.labels
    shown = []
    for i, j in pairs[:SHOWN]:
        kinds = quoted([labels[material.codes[i]], labels[material.codes[j]]])
        shown.append(
            f"{short(examples[i].text, limit=50)} ≈ {material.quote(j, limit=50)} → {kinds}"
        )
    return material.finding(
        "near-conflicting-labels",
        at=touched,
        severity=Severity.info,
        words=Words(
            title=f"{many(len(pairs), 'pair')} of nearly the same texts are of different kinds.",
            why="Either the small difference is what matters, or one of the two has a wrong kind.",
            remedy="Look at the pairs and change the kind where it is wrong.",
            shown=tuple(shown),
            mend="review-rows",
        ),
        role="label",
    )
