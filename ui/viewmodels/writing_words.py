"""What a training run says of a model that writes: surprise in place of right answers. Pure."""

import math
from typing import TYPE_CHECKING

from ui import words
from ui.shown import Mark

if TYPE_CHECKING:
    from zeroapp.protocol import LossSeen
    from zeroapp.status import RunStatus

PHASE_NAMES = (
    "Reading your texts",
    "What it knows so far",
    "Teaching",
    "Choosing the better",
    "Checking its work",
)

BEST = (
    "How much less your texts kept aside surprise it, at its best, than they did before teaching "
    "(perplexity against the base). They are not used for teaching, only for choosing; the final "
    "verdict comes from other texts still."
)

CURVE = (
    "The line shows how much the next word piece of your texts surprises it while it practises "
    "(the loss); lower is better. The diamonds show the surprise at texts kept aside against that "
    "before teaching, which is the whole height; lower is better there, too. When they rise "
    "again, it begins to know your texts by heart; the best state is kept."
)


def before(status: "RunStatus") -> "LossSeen | None":
    """What the base made of the texts kept aside, before it learned anything."""
    return next((said for said in status.heard if said.model == "base"), None)


def taught(status: "RunStatus") -> "tuple[LossSeen, ...]":
    """What was seen since, in order."""
    return tuple(said for said in status.heard if said.model != "base")


def best(status: "RunStatus") -> str:
    """The best state so far against the base."""
    base, later = before(status), taught(status)
    if base is None or not later:
        return ""
    return change(min(said.loss for said in later) - base.loss)


def change(nats: float) -> str:
    """A change of the loss as a share of the surprise: “31 % less”."""
    share = round(100 * (math.exp(nats) - 1))
    if share == 0:
        return "No less"
    return f"{abs(share)} % {'less' if share < 0 else 'more'}"


def marks(status: "RunStatus") -> tuple[Mark, ...]:
    """How much of the first surprise is left, at each look; the base is the whole of it."""
    base = before(status)
    if base is None:
        return ()
    return tuple(
        Mark(
            x=float(said.step),
            share=min(1.0, math.exp(said.loss - base.loss)),
            words="before teaching"
            if said is base
            else f"{change(said.loss - base.loss)} surprise",
            quick=said is base,
        )
        for said in status.heard
    )


def rows(status: "RunStatus") -> list[tuple[str, str]]:
    """Every look at the texts kept aside, by its technical names."""
    return [
        (
            f"validation loss, {said.model}, step {said.step}",
            (
                f"{said.loss:.4f} nats a token, perplexity {math.exp(min(50.0, said.loss)):.2f} "
                f"(n = {said.n}, {words.count(said.tokens)} tokens)"
            ),
        )
        for said in status.heard
    ]
