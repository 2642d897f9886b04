"""Values of the deeper checks: what each found, rows with a suspected label, what was decided."""

from enum import StrEnum

import msgspec

from zeroapp.errors import Problem


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A row whose label is probably wrong.

    given: the label it had when it was looked at; once it has another one, the suspicion is over.
    suggested: the label that fits better. confidence: how sure the model is of that, 0 to 1.
    """

    row_id: int
    given: str
    suggested: str
    confidence: float


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found. name is stable; title and blind are for people.

    blind: what the check cannot see. skipped: why it was not made, else empty.
    """

    name: str
    title: str
    blind: str
    problems: tuple[Problem, ...] = ()
    skipped: str = ""
    seconds: float = 0.0


class Verdict(StrEnum):
    """What a person decided about a finding: so it is and stays, it is no problem, or neither."""

    accepted = "accepted"
    dismissed = "dismissed"
    open = "open"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about the finding of this code at this place, when it touched `count` rows.

    A finding that touches more rows than that is open again.
    """

    code: str
    place: str
    verdict: Verdict
    count: int
    at: str
