"""Which texts are nearly the same: MinHash finds the pairs to look at, their letters decide.

Broder 1997 (MinHash), Leskovec et al., Mining of Massive Datasets, ch. 3 (bands). numpy and scipy
are loaded at the first call. Knows texts, nothing of rows or labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zeroapp.data.sameness import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

NEAR = 0.8
"""Cosine of the sets of four-letter pieces from which two texts count as nearly the same."""

_PIECE = 4
_BANDS, _ROWS = 24, 4
"""A pair with cosine 0.8 (Jaccard 0.67) shares a band with probability 0.995."""

_LOOKED_AT = 2000
_BLOCK = 4000
_CROWD = 24
_ENOUGH = 8
"""A text with so many near ones is not compared any more with others of its own group."""

_AGREE = 48
"""Of 96 marks of two texts with cosine 0.8 at least 61 agree on average, fewer than 48 in one pair
of 300."""

_PAIRS = 100_000
_WIDTH = 1 << 22


@dataclass(frozen=True, slots=True)
class Nearness:
    """Texts that are nearly the same.

    groups: number of its group for each text; texts in one group are joined by a chain of pairs.
    pairs: (first, second, cosine) of different texts, the nearest first; exact twins not among
    them.
    """

    groups: list[int]
    pairs: list[tuple[int, int, float]]


def look_for_near(texts: Sequence[str], *, near: float = NEAR) -> Nearness:
    """Group texts of which `near` of the letters are the same; their order does not matter.

    Case, punctuation and spacing do not count, and of a text the first 2,000 letters do. Sees
    typos, an added greeting, a changed word; cannot see a paraphrase.
    """
    plainly = [plain(text)[:_LOOKED_AT] for text in texts]
    different = sorted(set(plainly))
    joined, pairs = _joined(different, near=near)
    group_of = dict(zip(different, joined, strict=True))
    place_of = {text: place for place, text in reversed(list(enumerate(plainly)))}
    places = [place_of[text] for text in different]
    return Nearness(
        groups=[group_of[text] for text in plainly],
        pairs=[(places[i], places[j], sure) for i, j, sure in pairs],
    )


def _joined(texts: Sequence[str], *, near: float) -> tuple[list[int], list[tuple[int, int, float]]]:
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if len(texts) < 2:  # noqa: PLR2004 - a pair takes two
        return list(range(len(texts))), []
    pieces, signatures = _read(texts)
    size = len(texts)
    kept, cosines = np.zeros((0, 2), np.int64), np.zeros(0)
    looked_at = np.zeros(0, np.int64)
    groups, partners = np.arange(size), np.zeros(size, np.int64)
    for new in _candidates(signatures):
        keys = new[~_within_sorted(new, looked_at)]
        pairs = np.stack([keys // size, keys % size], axis=1)
        told = (groups[pairs[:, 0]] == groups[pairs[:, 1]]) & (partners[pairs] >= _ENOUGH).all(1)
        pairs = pairs[~told]
        looked_at = _once(np.concatenate([looked_at, keys[~told]]))
        cosine = _cosine(pieces, pairs)
        kept = np.concatenate([kept, pairs[cosine >= near]])
        cosines = np.concatenate([cosines, cosine[cosine >= near]])
        graph = csr_array((np.ones(len(kept)), (kept[:, 0], kept[:, 1])), shape=(size, size))
        groups = connected_components(graph, directed=False)[1]
        partners = np.bincount(kept.ravel(), minlength=size)
    order = np.lexsort((kept[:, 1], kept[:, 0], -cosines))
    return groups.tolist(), [
        (int(kept[n, 0]), int(kept[n, 1]), float(cosines[n])) for n in order.tolist()
    ]


def _read(texts: Sequence[str]) -> "tuple[csr_array, NDArray[np.uint32]]":
    """The sets of pieces as a 0/1 matrix, and the signatures (texts, bands * rows)."""
    import numpy as np
    from scipy.sparse import csr_array

    columns, counts, signatures = [], [], []
    for start in range(0, len(texts), _BLOCK):
        pieces, lengths = _pieces(texts[start : start + _BLOCK])
        signatures.append(_signatures(pieces, lengths))
        columns.append((pieces % np.uint32(_WIDTH)).astype(np.int32))
        counts.append(lengths)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(counts))])
    every = np.concatenate(columns)
    shape = (len(texts), _WIDTH)
    matrix = csr_array((np.ones(len(every), np.float32), every, ends), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix, np.concatenate(signatures)


def _pieces(texts: Sequence[str]) -> "tuple[NDArray[np.uint32], NDArray[np.int64]]":
    """Hashes of all runs of four letters, text after text, and how many each text has.

    A text shorter than that is one piece.
    """
    import numpy as np

    padded = [text.ljust(_PIECE, "\x01") for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), np.uint32)
    lengths = np.array([len(text) for text in padded])
    inside = np.ones(len(letters), bool)
    ends = np.cumsum(lengths)
    for back in range(1, _PIECE):
        inside[ends - back] = False
    mixed = np.zeros(len(letters), np.uint64)
    for step in range(_PIECE):
        shifted = np.zeros(len(letters), np.uint64)
        shifted[: len(letters) - step] = letters[step:]
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + shifted
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)).astype(np.uint32)[inside], lengths - (_PIECE - 1)


def _signatures(pieces: "NDArray[np.uint32]", lengths: "NDArray[np.int64]") -> "NDArray[np.uint32]":
    import numpy as np

    dice = np.random.default_rng(1997)  # fixed: the same texts always fall into the same groups
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]])
    made = np.empty((len(lengths), _BANDS * _ROWS), np.uint32)
    for number in range(_BANDS * _ROWS):
        factor = np.uint32(dice.integers(1 << 31) * 2 + 1)
        mask = np.uint32(dice.integers(1 << 32))
        made[:, number] = np.minimum.reduceat((pieces ^ mask) * factor, starts)
    return made


def _candidates(signatures: "NDArray[np.uint32]") -> "Iterator[NDArray[np.int64]]":
    """Band by band, pairs as i * size + j (i < j) of texts whose signatures agree in the whole
    band, and in half of all bands' marks.
    """
    import numpy as np

    size = len(signatures)
    marks = signatures.astype(np.uint8)  # a quarter of the memory to walk through
    for band in range(_BANDS):
        part = signatures[:, band * _ROWS : (band + 1) * _ROWS]
        # sorted by the whole signature: in a crowd those most alike become neighbours
        order = np.lexsort((*signatures[:, :8].T, *part.T))
        same = np.concatenate([(part[order[1:]] == part[order[:-1]]).all(axis=1), [False]])
        found = [_alike(pairs, marks) for pairs in _within(order, same, size=size)]
        yield _once(np.concatenate([np.zeros(0, np.int64), *found]))


def _once(numbers: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """The different numbers, sorted. np.unique puts them into a hash table, where pairs collide."""
    import numpy as np

    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _alike(pairs: "NDArray[np.int64]", marks: "NDArray[np.uint8]") -> "NDArray[np.int64]":
    """Those of the pairs that agree in enough marks to be worth a comparison."""
    import numpy as np

    size = len(marks)
    kept = [np.zeros(0, np.int64)]
    for start in range(0, len(pairs), _PAIRS):
        some = pairs[start : start + _PAIRS]
        same = marks[some // size] == marks[some % size]
        agree = np.bitwise_count(same.view(np.uint64)).sum(axis=1)  # counts eight marks at once
        kept.append(some[agree >= _AGREE])
    return np.concatenate(kept)


def _within_sorted(some: "NDArray[np.int64]", known: "NDArray[np.int64]") -> "NDArray[np.bool_]":
    """Which of some numbers are among the sorted known ones."""
    import numpy as np

    if not len(known):
        return np.zeros(len(some), bool)
    at = np.minimum(np.searchsorted(known, some), len(known) - 1)
    among: NDArray[np.bool_] = known[at] == some
    return among


def _within(
    order: "NDArray[np.int64]", same: "NDArray[np.bool_]", *, size: int
) -> "Iterator[NDArray[np.int64]]":
    """Pairs of each run of equals, as i * size + j: all of a small run, neighbours in a crowd."""
    import numpy as np

    together = same.copy()
    for step in range(1, _CROWD):
        # together[k]: places k and k + step are in one run
        at = np.flatnonzero(together[: size - step])
        if not len(at):
            return
        left, right = order[at], order[at + step]
        yield np.minimum(left, right) * size + np.maximum(left, right)
        together[: size - step] &= same[step:]


def _cosine(pieces: "csr_array", pairs: "NDArray[np.int64]") -> "NDArray[np.float64]":
    import numpy as np

    found: list[NDArray[np.float64]] = [np.zeros(0)]
    for start in range(0, len(pairs), _PAIRS):
        some = pairs[start : start + _PAIRS]
        left, right = pieces[some[:, 0]], pieces[some[:, 1]]
        shared = left.multiply(right).sum(axis=1)
        sizes = np.asarray(left.sum(axis=1)) * np.asarray(right.sum(axis=1))
        found.append(shared / np.sqrt(np.maximum(sizes, 1.0)))
    return np.concatenate(found)
