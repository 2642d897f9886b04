"""What can be wrong with labels: too few, too many, uneven, spelled in two ways. No torch."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from zeroapp.dataset import DatasetProfile, Example, LabelCount
from zeroapp.errors import Place, Problem, Severity
from zeroapp.wording import many, quoted

FEW_ROWS = 4
MOST_KINDS = 2_000
"""More are not learned: which is taken for which is counted for every pair of kinds, and the quick
model takes time and memory with rows times kinds."""

UNEVEN = 5.0
"""From how many times as common on kinds are called uneven."""

_VERY_UNEVEN = 20.0
_EVEN_ENOUGH = 4.0
_SHOWN = 5
WEIGH = "weigh-rare"
"""The way to mend that gives rows of rare kinds more weight."""

_SEPARATORS = re.compile(r"[\s_\-]+")


def check(profile: DatasetProfile, examples: Sequence[Example]) -> list[Problem]:
    """Everything about the labels that training would suffer from."""
    rows = len(examples)
    found = _one_label(profile) or _like_identifiers(profile, rows=rows) or _too_many(profile)
    if found:
        return found
    return [*_rare_labels(profile), *_uneven(profile), *_spellings(profile)]


def _place(profile: DatasetProfile) -> Place:
    return Place(column=profile.roles.get("label"))


def _one_label(profile: DatasetProfile) -> list[Problem]:
    """All rows are of one kind."""
    if len(profile.labels) != 1:
        return []
    only = profile.labels[0]
    return [
        Problem(
            code="one-label-only",
            blind="Cannot see kinds that are missing from the rows altogether.",
            severity=Severity.blocking,
            title=f"All rows are of one kind: “{only.label}”.",
            why="To tell kinds apart, the model must see at least two.",
            remedy="Add rows of another kind, or choose another column as the kind.",
            place=_place(profile),
            count=only.count,
        )
    ]


def _like_identifiers(profile: DatasetProfile, *, rows: int) -> list[Problem]:
    """More kinds than half the rows."""
    kinds = len(profile.labels)
    if kinds <= rows / 2:
        return []
    return [
        Problem(
            code="many-labels-like-ids",
            blind="Cannot see an identifier that comes on several rows.",
            severity=Severity.blocking,
            title=f"There are {kinds:,} different kinds in {rows:,} rows.",
            why=(
                "A kind must come on several rows to be learned, and on one more to be tested. A "
                "column like this is often a number for each row, or free text."
            ),
            remedy=(
                "Add more rows of each kind (ten are a start), or choose another column as the "
                "kind."
            ),
            place=_place(profile),
            count=rows,
            examples=tuple(item.label for item in profile.labels[:_SHOWN]),
        )
    ]


def _too_many(profile: DatasetProfile) -> list[Problem]:
    """More kinds than can be learned here."""
    kinds = len(profile.labels)
    if kinds <= MOST_KINDS:
        return []
    usual = profile.labels[kinds // 2].count
    return [
        Problem(
            code="too-many-labels",
            blind="Goes by the number of kinds alone.",
            severity=Severity.blocking,
            title=f"There are {kinds:,} kinds; at most {MOST_KINDS:,} can be learned.",
            why=(
                f"Half of the kinds have {many(usual, 'row')} or fewer. So many kinds with so few "
                "rows each can neither be learned well nor tested."
            ),
            remedy=(
                "Choose a coarser column as the kind (a product group instead of a product "
                "number), or join kinds that belong together."
            ),
            place=_place(profile),
            count=kinds,
            examples=_counted(profile.labels[:_SHOWN]),
        )
    ]


def _counted(labels: Sequence[LabelCount]) -> tuple[str, ...]:
    return tuple(f"{item.label}: {many(item.count, 'row')}" for item in labels)


def _rare_labels(profile: DatasetProfile) -> list[Problem]:
    """Kinds with fewer rows than can teach, choose and test."""
    rare = [item for item in profile.labels if item.count < FEW_ROWS]
    if not rare:
        return []
    names = quoted([item.label for item in rare])
    return [
        Problem(
            code="label-with-too-few-rows",
            blind="Cannot see how alike the rows are.",
            severity=Severity.warning,
            title=f"{many(len(rare), 'kind')} with fewer than {FEW_ROWS} rows: {names}.",
            why=(
                "What there is goes to training first. The model will hardly ever choose these "
                "kinds, and the score says little about them or nothing."
            ),
            remedy="Add rows of these kinds (ten are a start), or join them with a related kind.",
            place=_place(profile),
            count=sum(item.count for item in rare),
            examples=_counted(rare[:_SHOWN]),
        )
    ]


def _uneven(profile: DatasetProfile) -> list[Problem]:
    """One kind is far more common than another."""
    enough = [item for item in profile.labels if item.count >= FEW_ROWS]
    if len(enough) < 2:  # noqa: PLR2004 - a comparison takes two
        return []
    biggest, smallest = enough[0], enough[-1]
    ratio = biggest.count / smallest.count
    if ratio < UNEVEN:
        return []
    return [
        Problem(
            code="imbalance",
            blind=(
                "Goes by the counts alone. Cannot see whether real life is as uneven, nor how "
                "many will be missed: “Rare kinds” among the deeper checks measures that."
            ),
            severity=Severity.warning if ratio >= _VERY_UNEVEN else Severity.info,
            title=f"“{biggest.label}” is {ratio:.0f} times as common as “{smallest.label}”.",
            why=(
                "The model sees rare kinds less often and will miss more of them. The share of "
                "right answers hides that; look at the score of each kind."
            ),
            remedy=(
                f"If missing them matters to you, collect {wanted(enough)}; until then let each "
                "of their rows count more."
            ),
            mend=WEIGH,
            place=_place(profile),
            count=smallest.count,
            examples=_counted(enough[-_SHOWN:]),
        )
    ]


def wanted(counted: Sequence[LabelCount]) -> str:
    """How many more rows of the rarest kinds make the largest at most four times as common.

    counted: the commonest first.
    """
    enough = math.ceil(counted[0].count / _EVEN_ENOUGH)
    lacking = [item for item in reversed(counted) if item.count < enough]
    named = [f"{enough - item.count:,} more of “{item.label}”" for item in lacking[:_SHOWN]]
    more = len(lacking) - len(named)
    return ", ".join(named) + (f", and of {many(more, 'more kind')}" if more else "")


def _spellings(profile: DatasetProfile) -> list[Problem]:
    """Kinds that differ in case, spaces, dashes only."""
    groups: dict[str, list[str]] = defaultdict(list)
    counts = {item.label: item.count for item in profile.labels}
    for label in counts:
        groups[_SEPARATORS.sub(" ", label.casefold()).strip(" .")].append(label)
    mixed = [labels for labels in groups.values() if len(labels) > 1]
    if not mixed:
        return []
    return [
        Problem(
            code="mixed-label-spelling",
            blind="Cannot see typos, plurals or synonyms.",
            severity=Severity.warning,
            title=f"{many(len(mixed), 'kind', verbs=('is', 'are'))} written in more than one way.",
            why="Each way of writing counts as a kind of its own, and the model will mix them up.",
            remedy="Write each kind in one way in the file and add it again to a new project.",
            place=_place(profile),
            count=sum(counts[label] for labels in mixed for label in labels),
            examples=tuple(quoted(labels) for labels in mixed[:_SHOWN]),
        )
    ]
