"""Personal data and secrets in the texts, counted by kind."""

from collections import defaultdict

from zeroapp.audit.material import SHOWN, Material, Words
from zeroapp.data.personal import KINDS, find_personal, mask
from zeroapp.errors import Problem, Severity
from zeroapp.wording import many, short
from zeroapp.work import Stopped, Work

TITLE = "Personal data and secrets"
BLIND = (
    "Finds names only after words such as “my name is”, and addresses only with street and number. "
    "Cannot see a person who is described."
)
_SOME = 2000


def personal_data(material: Material, work: Work, *, masked: bool) -> list[Problem]:
    """One finding for secrets, one for personal data. masked: they are hidden in training now."""
    at: dict[str, list[int]] = defaultdict(list)
    for n, text in enumerate(material.texts):
        if n % _SOME == 0 and work.stop_wanted():
            raise Stopped
        for kind in {found.kind for found in find_personal(text)}:
            at[kind].append(n)
    secrets = {kind: rows for kind, rows in at.items() if kind == "key"}
    others = {kind: rows for kind, rows in at.items() if kind != "key"}
    found = []
    if secrets:
        found.append(_finding(material, "secrets", secrets, masked=masked))
    if others:
        found.append(_finding(material, "personal-data", others, masked=masked))
    return found


def _finding(material: Material, code: str, at: dict[str, list[int]], *, masked: bool) -> Problem:
    rows = sorted({n for some in at.values() for n in some})
    counts = ", ".join(f"{KINDS[k]} in {many(len(at[k]), 'row')}" for k in KINDS if k in at)
    first = [some[0] for some in at.values()]
    shown = tuple(short(mask(material.texts[n]), limit=90) for n in [*first, *rows][:SHOWN])
    what = "secrets" if code == "secrets" else "personal data"
    hidden = "They are hidden in training now." if masked else ""
    return material.finding(
        code,
        at=rows,
        severity=Severity.info if masked else Severity.warning,
        words=Words(
            title=f"{many(len(rows), 'row', verbs=('holds', 'hold'))} {what}: {counts}.",
            why=(
                "A model can give away what it has learned, and people may have a right to be left "
                f"out. {hidden}"
            ).strip(),
            remedy=(
                "Nothing more needs to be done; look at a few rows to see what is hidden."
                if masked
                else "Hide them in training with one switch: placeholders such as [EMAIL] are put "
                "in their place, here and later when the model answers. Your rows stay as they are."
            ),
            shown=tuple(dict.fromkeys(shown)),
            mend="" if masked else "mask",
        ),
    )
