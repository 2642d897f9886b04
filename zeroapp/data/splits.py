"""Which part of the data a row belongs to: decided by what it says, never by where it stands."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from zeroapp.data.sameness import split_key
from zeroapp.dataset import Example, Part

HELD_OUT_SHARE = 0.15
"""Of the rows of each label, for validation and for test each; the rest trains."""

_PARTS = 3


def assign(examples: Sequence[Example], *, seed: int) -> dict[int, Part]:
    """Row id -> part, about 70/15/15 within each label.

    Depends on texts, labels and seed alone, not on the order of the rows. Rows with the same text
    (see `split_key`) are on one side. A label with three different texts is in all three parts;
    with two, in train and test; with one, in train.
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[split_key(example.text)].append(example)
    strata: dict[str, dict[str, int]] = defaultdict(dict)
    for key, members in groups.items():
        strata[_label_of(members)][key] = len(members)
    parts: dict[str, Part] = {}
    for label in sorted(strata):
        parts.update(_share_out(strata[label], seed=seed))
    return {
        example.row_id: parts[key] for key, members in groups.items() for example in members
    }


def _label_of(members: Iterable[Example]) -> str:
    """The most common label of texts that are the same; the first by alphabet when tied."""
    counts = Counter(member.label or "" for member in members)
    return min(counts, key=lambda label: (-counts[label], label))


def _share_out(sizes: Mapping[str, int], *, seed: int) -> dict[str, Part]:
    """Give the texts of one label (key -> number of rows) to the parts."""
    order = sorted(sizes, key=lambda key: _draw(key, seed=seed))
    left = list(order)
    share = HELD_OUT_SHARE * sum(sizes.values())
    test = _take(left, sizes=sizes, share=share, spare=1)
    validation = _take(left, sizes=sizes, share=share, spare=1)
    parts = dict.fromkeys(left, Part.train)
    parts.update(dict.fromkeys(test, Part.test))
    parts.update(dict.fromkeys(validation, Part.validation))
    return parts


def _take(
    left: list[str], *, sizes: Mapping[str, int], share: float, spare: int
) -> list[str]:
    """Take texts off the front of `left` worth about `share` rows, at least one, and leave some.

    A text is passed over when it would overshoot by more than half of itself: a row that is there
    a hundred times goes to train, where it does not decide the score.
    """
    taken: list[str] = []
    rows = 0.0
    for key in list(left):
        if len(left) <= spare or rows >= share:
            break
        if rows + sizes[key] / 2 <= share:
            taken.append(key)
            left.remove(key)
            rows += sizes[key]
    if not taken and len(left) > spare:
        smallest = min(left, key=lambda key: (sizes[key], left.index(key)))
        left.remove(smallest)
        taken.append(smallest)
    return taken


def _draw(key: str, *, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=16).digest()
