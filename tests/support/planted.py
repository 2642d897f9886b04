"""Texts of a few topics with vectors that know the topic: what the checks are tried on."""

import random

import numpy as np

from zeroapp.audit.material import Material
from zeroapp.dataset import Column, Example

TOPICS = {
    "refund": "money back returned payment charge twice card amount wrong bill".split(),  # noqa: SIM905
    "delivery": "parcel late courier package arrived street driver lost box tracking".split(),  # noqa: SIM905
    "account": "login password locked email reset profile user sign access name".split(),  # noqa: SIM905
}
COMMON = "please could you help me with my i have question about the today since week".split()  # noqa: SIM905


def texts(count: int, *, seed: int = 0) -> list[tuple[str, str]]:
    """(text, topic), the topics in turn."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        topic = sorted(TOPICS)[number % len(TOPICS)]
        words = dice.sample(TOPICS[topic], 4) + dice.sample(COMMON, 7)
        dice.shuffle(words)
        made.append((" ".join(words), topic))
    return made


def material(
    rows: list[tuple[str, str]],
    *,
    files: list[str] | None = None,
    extra: dict[str, list[str]] | None = None,
    columns: dict[str, Column] | None = None,
) -> Material:
    """The rows as the checks see them; lines begin with 2."""
    return Material(
        examples=[Example(row_id=n, text=t, label=label) for n, (t, label) in enumerate(rows)],
        files=files or ["rows.csv"] * len(rows),
        lines=list(range(2, len(rows) + 2)),
        extra=extra or {},
        columns=columns or {},
        roles={"text": "text", "label": "label"},
        whole=len(rows),
    )


def vectors(topics: list[str], *, seed: int = 0) -> np.ndarray:
    """Unit vectors around a centre of each topic."""
    dice = np.random.default_rng(seed)
    centres = {topic: dice.normal(size=16) for topic in sorted({*TOPICS, *topics})}
    made = np.stack([centres[topic] + 0.35 * dice.normal(size=16) for topic in topics])
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
