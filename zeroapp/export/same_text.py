"""Lets an export write to held-out prompts in a fresh process, and compares word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zeroapp import turns
from zeroapp.dataset import Example
from zeroapp.engine.author import Held
from zeroapp.errors import WorkError
from zeroapp.export.manifest import Checked
from zeroapp.export.same_answer import replayed
from zeroapp.export.scripts import replay_texts
from zeroapp.export.targets import Target
from zeroapp.work import Work

PROMPTS = 12
"""Prompts that are replayed; each takes seconds on a slow computer."""

MOST = 32
"""Word pieces of an answer: one that turns off later than this is the same for most purposes."""

_LEAST_START = 0.25
"""Share of an answer's words before the first that differs, below which it is another model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReference:
    """The app's own greedy answers to these rows, of at most MOST word pieces.

    held: the same texts, and what the app foretells at each place of them.
    """

    rows: Sequence[Example]
    answers: Sequence[str]
    held: Sequence[Held]


def compare(
    folder: Path, *, reference: TextReference, work: Work, base: Path | None = None
) -> Checked:
    """Let the export write to the same prompts. `differs` judges what comes out.

    agreement: share of answers that are the same word for word; accuracy: share of an answer's
    words before the first that differs, the mean over them. same_next: with the text held as the
    app wrote it, the share of places where the likeliest next word piece is the same: one early
    difference does not hide all that follows. base: the folder of the model that an
    adapter is put beside. Raises WorkError("export-broken").
    """
    prompts = [turns.messages(turns.asked(row.text)) for row in reference.rows]
    held = [(one.ids, one.start) for one in reference.held]
    asked = {"prompts": prompts, "most": MOST, "held": held, "base": str(base or "")}
    said = replayed(folder, asked=asked, script=replay_texts.__file__, work=work)
    theirs: list[str] = said["answers"]
    starts = [_start(a, b) for a, b in zip(reference.answers, theirs, strict=True)]
    n = max(1, len(starts))
    return Checked(
        compared=len(starts),
        agreement=sum(start == 1.0 for start in starts) / n,
        accuracy=sum(starts) / n,
        app_accuracy=1.0,
        p_value=1.0,
        latency_ms=float(said["latency_ms"]),
        same_next=_same_next(reference.held, said["foretold"]),
    )


def _same_next(held: Sequence[Held], theirs: Sequence[Sequence[int]]) -> float:
    pairs = [
        one == other
        for mine, foretold in zip(held, theirs, strict=True)
        for one, other in zip(mine.foretold, foretold, strict=True)
    ]
    return sum(pairs) / max(1, len(pairs))


def _start(ours: str, theirs: str) -> float:
    a, b = ours.split(), theirs.split()
    if a == b:
        return 1.0
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(b))
    return min(same, len(a)) / max(len(a), len(b), 1) if a or b else 1.0


def differs(checked: Checked, *, target: Target) -> bool:
    """Whether an export writes too differently to be handed out."""
    return checked.agreement < target.least_agreement or checked.accuracy < _LEAST_START


def refuse(checked: Checked, *, target: Target) -> WorkError:
    """The error for an export that writes too differently."""
    return WorkError(
        "export-differs",
        title=(
            f"The exported model writes differently: the same on {checked.agreement:.1%} of "
            f"{checked.compared} prompts kept aside. It was not kept; your model is safe."
        ),
        hint="Choose a format with more bits instead.",
        detail=f"{target.key}: {checked}",
    )
