"""Whether it is known where each file comes from and what its licence allows."""

from collections.abc import Mapping, Sequence

from zeroapp.dataset import SourceFile
from zeroapp.errors import Place, Problem, Severity
from zeroapp.licences import Light, light_of
from zeroapp.origin import Origin

TITLE = "Where the rows come from"
BLIND = "Believes what was stated. Cannot see whether it is true, nor whom single rows belong to."


def unclear_origins(files: Sequence[SourceFile], origins: Mapping[str, Origin]) -> list[Problem]:
    """A finding for each file whose origin nobody stated, or whose licence is in the way."""
    found = []
    for file in files:
        origin = origins.get(file.sha256)
        if origin is None:
            found.append(_unstated(file))
        elif light_of(origin.licence) is not Light.green:
            found.append(_in_the_way(file, origin))
    return found


def _unstated(file: SourceFile) -> Problem:
    return Problem(
        code="origin-unstated",
        severity=Severity.info,
        title=f"Nobody has said where “{file.name}” comes from.",
        why="Whoever gets the model may ask what it was made of, and you may not remember.",
        remedy="Say it once, in a few words; it is kept with the file and goes on record.",
        place=Place(file=file.name),
        count=file.rows_stored,
        mend="state-origin",
    )


def _in_the_way(file: SourceFile, origin: Origin) -> Problem:
    red = light_of(origin.licence) is Light.red
    return Problem(
        code="licence-in-the-way",
        severity=Severity.warning if red else Severity.info,
        title=f"The licence of “{file.name}” ({origin.licence}) "
        + ("may not allow what you plan." if red else "has conditions."),
        why=(
            "It forbids business use or changes, or says nothing at all."
            if red
            else "It asks for something in return, such as a name or the same licence again."
        ),
        remedy="Read it before you give the model away or sell with it, or use other rows.",
        place=Place(file=file.name),
        count=file.rows_stored,
        mend="state-origin",
    )
