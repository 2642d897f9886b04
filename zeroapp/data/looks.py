"""Which pictures look the same, by the fingerprints in their names. Opens no picture."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from zeroapp import pictures
from zeroapp.dataset import Example, Part

FARTHEST = 6
"""Bits of 64 in which look-alikes may differ: shots of a burst differ in nought to five."""

_SHARE = 8
"""Of the bits set in either, one in this many may differ: on a plain ground few are set at all."""


def same_pictures(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Groups of rows whose pictures look alike, under the name of the first picture by alphabet.

    Pictures of different kinds are only together when they are the very same file: things that
    look alike are what is to be told apart. Nor when fewer than three groups of a kind would be
    left. Cannot see a picture turned or cut as the same.
    """
    contents: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda e: (Path(e.text).name, e.row_id)):
        contents[pictures.content_of(Path(example.text).name)].append(example)
    kinds: dict[str, dict[str, list[Example]]] = defaultdict(dict)
    for content, members in contents.items():
        kinds[members[0].label or ""][content] = members
    groups: dict[str, list[Example]] = {}
    for of_kind in kinds.values():
        names = list(of_kind)
        looks = [pictures.looks_of(Path(of_kind[name][0].text).name) for name in names]
        near = leaders(looks)
        if len(set(near)) < len(Part):
            near = list(range(len(names)))  # else a kind would be missing in a part
        for name, leader in zip(names, near, strict=True):
            groups.setdefault(names[leader], []).extend(of_kind[name])
    return groups


def leaders(looks: Sequence[int]) -> list[int]:
    """For each fingerprint the number of the first one it is close to: its own when to none.

    Closeness is to that first one, not from link to link, so that a series that changes slowly
    does not become one picture.
    """
    import numpy as np  # the window does without

    bits = np.array(looks, np.uint64)
    firsts: list[int] = []
    found: list[int] = []
    for number in range(len(bits)):
        others, one = bits[firsts], bits[number]
        allowed = np.minimum(FARTHEST, np.bitwise_count(others | one) // _SHARE)
        near = np.flatnonzero(np.bitwise_count(others ^ one) <= allowed)
        if not len(near):
            firsts.append(number)
        found.append(firsts[near[0]] if len(near) else number)
    return found
