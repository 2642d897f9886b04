"""What can be wrong with pictures and their kinds. Opens an even part of the pictures. No torch."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from zeroapp import label_checks, pictures
from zeroapp.dataset import DatasetProfile, Example
from zeroapp.errors import DataError, Place, Problem, Severity
from zeroapp.wording import many, quoted, short

LOOKED_AT = 1000
"""Pictures that are opened; of more an even part is taken."""

SMALL = 48
"""Points of the shorter side below which details are guesswork."""

_FLAT = 3.0
"""Spread of brightness (0 to 255) below which nothing can be made out."""

_BLURRED = 12.0
"""Variance of the Laplacian of a 256-point copy: sharp photos have hundreds."""

_SHOWN = 5


class _Seen(NamedTuple):
    example: Example
    side: int
    spread: float
    sharpness: float


def check(profile: DatasetProfile, examples: Sequence[Example]) -> list[Problem]:
    """Everything about pictures and kinds that training would suffer from."""
    found = label_checks.check(profile, examples)
    found += _same_pictures(examples)
    step = -(-len(examples) // LOOKED_AT) or 1
    seen = [one for example in examples[::step] if (one := _look(example)) is not None]
    lost = len(examples[::step]) - len(seen)
    return [*found, *_lost(lost), *_small(seen), *_empty(seen), *_blurred(seen)]


def _look(example: Example) -> _Seen | None:
    import numpy as np

    from zeroapp.pixels import open_picture

    try:
        image = open_picture(Path(example.text), side=256)
    except (DataError, OSError):
        return None
    side = min(image.size)
    image.thumbnail((256, 256))
    grey = np.asarray(image.convert("L"), np.float32)
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return _Seen(example, side, float(grey.std()), float((around - 4 * inner).var()))


def _same_pictures(examples: Sequence[Example]) -> list[Problem]:
    """The very same file under several kinds, or more than once."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[pictures.content_of(Path(example.text).name)].append(example)
    twins = [group for group in groups.values() if len(group) > 1]
    disputed = [group for group in twins if len({e.label for e in group}) > 1]
    found = []
    if twins:
        again = sum(len(group) - 1 for group in twins)
        found.append(
            Problem(
                code="duplicates",
                blind="Cannot see a copy that was changed.",
                severity=Severity.info,
                title=f"{many(again, 'picture', verbs=('is', 'are'))} there more than once.",
                why="The same pictures are kept together: none is both learned and tested.",
                remedy="Nothing needs to be done.",
                place=_place(twins[0][1]),
                count=again,
                examples=tuple(_names(group) for group in twins[:_SHOWN]),
            )
        )
    if disputed:
        found.append(
            Problem(
                code="conflicting-labels",
                blind="Cannot see a copy that was changed.",
                severity=Severity.warning,
                title=f"{many(len(disputed), 'picture', verbs=('lies', 'lie'))} in several kinds.",
                why="No answer to them can be right every time, which also lowers the score.",
                remedy="Decide for one kind in each case, or go on without these pictures.",
                place=_place(disputed[0][0]),
                count=sum(map(len, disputed)),
                examples=tuple(
                    f"{_names(group)}: {quoted(sorted({e.label or '' for e in group}))}"
                    for group in disputed[:_SHOWN]
                ),
            )
        )
    return found


def _lost(count: int) -> list[Problem]:
    """Pictures that the project keeps and that cannot be opened any more."""
    if not count:
        return []
    return [
        Problem(
            code="pictures-lost",
            blind="Cannot see a picture that was put in the place of another.",
            severity=Severity.blocking,
            title=f"{many(count, 'picture')} can no longer be opened.",
            why="The project's folder “files” was changed: its copies are what is learned from.",
            remedy="Put the folder back as it was, or make a new project from your own pictures.",
            count=count,
        )
    ]


def _small(seen: Sequence[_Seen]) -> list[Problem]:
    return _told(
        [one for one in seen if one.side < SMALL],
        of=len(seen),
        said=Problem(
            code="pictures-small",
            severity=Severity.info,
            title=f"{{}} hardly larger than a stamp (under {SMALL} points).",
            why=(
                "They are made larger to be looked at, and details that are not there stay missing."
            ),
            remedy="Take the original pictures if there are any; for simple signs this may do.",
            blind="Cannot see a small picture that was made larger.",
        ),
    )


def _empty(seen: Sequence[_Seen]) -> list[Problem]:
    """One colour all over."""
    return _told(
        [one for one in seen if one.spread < _FLAT],
        of=len(seen),
        said=Problem(
            code="pictures-empty",
            severity=Severity.info,
            title="{} of one colour all over.",
            why="There is nothing to learn from them, and they count as mistakes.",
            remedy="Remove them and add the rest to a new project, or go on.",
            blind="Cannot see a picture that shows the wrong thing.",
        ),
    )


def _blurred(seen: Sequence[_Seen]) -> list[Problem]:
    """Without sharp edges."""
    return _told(
        [one for one in seen if one.sharpness < _BLURRED and one.spread >= _FLAT],
        of=len(seen),
        said=Problem(
            code="pictures-blurred",
            severity=Severity.info,
            title="{} perhaps blurred.",
            why="What tells the kinds apart may be lost in them.",
            remedy="Look at the ones named here; sharp pictures teach more.",
            blind="Cannot tell a blurred photo from a smooth thing, such as a sky.",
        ),
    )


def _told(found: Sequence[_Seen], *, of: int, said: Problem) -> list[Problem]:
    """What is said of the pictures found among `of`; a warning when they are many."""
    if not found:
        return []
    told = many(len(found), "picture", verbs=("is", "are"))
    return [
        replace(
            said,
            severity=Severity.warning if len(found) * 20 > of else Severity.info,
            title=said.title.format(told),
            why=said.why + (f" {of:,} pictures were looked at." if of >= LOOKED_AT else ""),
            place=_place(found[0].example),
            count=len(found),
            examples=tuple(short(one.example.name) for one in found[:_SHOWN]),
        )
    ]


def _place(example: Example) -> Place:
    return Place(file=example.name)


def _names(group: Sequence[Example]) -> str:
    return quoted([example.name for example in group])
