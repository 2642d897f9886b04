"""Which examples make a step, and how a step is shared out over ranks and micro-batches.

Everything is a pure function of (seed, epoch): a resumed run reads on exactly where it stopped,
and the examples of a step do not depend on the number of ranks.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zeroapp.task import Encoded

WINDOW = 50
"""Batches that are sorted by length together when rows are padded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How examples become steps. packing: short texts share rows, so length plays no part."""

    batch_size: int
    seed: int
    packing: bool

    def steps(self, examples: Sequence[Encoded], *, epoch: int) -> list[list[Encoded]]:
        """Every example once, in an order of its own for each epoch; the last step may be short."""
        shuffled = [self._drawn(example, epoch=epoch) for example in examples]
        dice = random.Random(f"{self.seed}/{epoch}")
        dice.shuffle(shuffled)
        if not self.packing:
            shuffled = self._by_length(shuffled)
        size = self.batch_size
        steps = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]
        if not self.packing:
            dice.shuffle(steps)
        return steps

    def _drawn(self, example: Encoded, *, epoch: int) -> Encoded:
        """A picture gets the number that decides how it is varied in this epoch."""
        if not example.picture:
            return example
        draw = random.Random(f"{self.seed}/{epoch}/{example.row_id}").getrandbits(48) | 1
        return replace(example, draw=draw)

    def _by_length(self, examples: list[Encoded]) -> list[Encoded]:
        window = WINDOW * self.batch_size
        grouped: list[Encoded] = []
        for start in range(0, len(examples), window):
            grouped += sorted(examples[start : start + window], key=lambda e: len(e.ids))
        return grouped


def share(
    step: Sequence[Encoded], *, ranks: int, micro_tokens: int, packing: bool
) -> list[list[list[Encoded]]]:
    """[rank][micro-step][example]: every rank has the same number of micro-steps.

    A rank that runs out gets one example without a target, so that collectives still meet.
    """
    by_length = sorted(step, key=lambda e: (-len(e.ids), e.row_id))
    shares = [by_length[rank::ranks] for rank in range(ranks)]
    cut = [_micro_batches(part, micro_tokens=micro_tokens, packing=packing) for part in shares]
    most = max(len(batches) for batches in cut)
    silent = replace(by_length[-1], ids=by_length[-1].ids[:2], target=-1, learned=())
    return [batches + [[silent]] * (most - len(batches)) for batches in cut]


def _micro_batches(
    examples: Sequence[Encoded], *, micro_tokens: int, packing: bool
) -> list[list[Encoded]]:
    """Longest first, as many as fit; what counts is tokens, with padding where there is some."""
    batches: list[list[Encoded]] = []
    current: list[Encoded] = []
    used = 0
    for example in examples:
        # sorted by length, so the first of a padded batch is its longest
        cost = len(example.ids) if packing or not current else len(current[0].ids)
        if current and used + cost > micro_tokens:
            batches.append(current)
            current, used = [], 0
            cost = len(example.ids)
        current.append(example)
        used += cost
    return [*batches, current] if current else batches


def in_order_of_length(
    examples: Sequence[Encoded], *, micro_tokens: int, packing: bool
) -> list[list[int]]:
    """Micro-batches for reading without training, as indices into `examples`."""
    order = sorted(range(len(examples)), key=lambda i: (-len(examples[i].ids), i))
    sized = [Encoded(row_id=i, ids=examples[i].ids) for i in order]
    cut = _micro_batches(sized, micro_tokens=micro_tokens, packing=packing)
    return [[example.row_id for example in batch] for batch in cut]
