"""Which part of the data a row belongs to: decided by what it says, never by where it stands."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from zeroapp.data.looks import same_pictures
from zeroapp.data.nearness import look_for_near
from zeroapp.data.sameness import plain, split_key
from zeroapp.dataset import Answers, Example, Part

HELD_OUT_SHARE = 0.15
"""Of the rows of each label, for validation and for test each; the rest trains."""


_ASKED_OFTEN = 0.05
"""Share of the rows from which on a question is an instruction that all of them have."""


def assign(
    examples: Sequence[Example], *, seed: int, answers: Answers = Answers.labels
) -> dict[int, Part]:
    """Row id -> part, about 70/15/15 within each label, or of all where answers are texts.

    Depends on texts, labels and seed alone, not on the order of the rows. Rows with the same text
    or picture (see `same_examples`) are on one side, and so are rows of one label with nearly the
    same (see `nearness`, `looks`) unless fewer than three groups of the label would be left. A
    label with three different texts is in all three parts; with two, in train and in one of the
    others; with one, in train. All rows an example was made of are in its part, and so are all
    rows of one group (see `Example.group`). One question with several texts as answers is on one
    side, unless most rows ask the same.
    """
    asked: Mapping[int, str] = {}
    if answers is Answers.text:
        asked = _asked_again(examples)
        examples = [replace(e, text=f"{e.text}\n{e.label}", label="") for e in examples]
    groups = same_examples(examples)
    if not _of_pictures(examples):
        groups = _near_together(groups)
    groups = _groups_together(groups, of=lambda member: member.group)
    groups = _groups_together(groups, of=lambda member: asked.get(member.row_id, ""))
    strata: dict[str, dict[str, int]] = defaultdict(dict)
    for key, members in groups.items():
        strata[_label_of(members)][key] = len(members)
    parts: dict[str, Part] = {}
    for label in sorted(strata):
        parts.update(_share_out(strata[label], seed=seed))
    _give_validation_some(parts, seed=seed)
    return {
        row: parts[key]
        for key, members in groups.items()
        for example in members
        for row in (example.row_id, *example.more)
    }


def _asked_again(examples: Sequence[Example]) -> dict[int, str]:
    """Row id -> its question, of those that are asked more than once, but not all the time."""
    questions = {example.row_id: plain(example.text) for example in examples}
    counts = Counter(questions.values())
    most = max(2, int(_ASKED_OFTEN * len(examples)))
    return {row: asked for row, asked in questions.items() if 1 < counts[asked] <= most}


def same_examples(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Rows that must stay on one side: texts by what they say, pictures by how they look."""
    return same_pictures(examples) if _of_pictures(examples) else same_texts(examples)


def _of_pictures(examples: Sequence[Example]) -> bool:
    return any(example.name for example in examples)


def same_texts(examples: Iterable[Example]) -> dict[str, list[Example]]:
    """Rows that must stay on one side, under a key made of their text.

    Texts that differ in numbers alone count as the same ("cancel order 4711"), unless they carry
    different labels: then the numbers are what matters ("error 404", "error 500").
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[split_key(example.text)].append(example)
    apart: dict[str, list[Example]] = defaultdict(list)
    for key, members in groups.items():
        if len({member.label for member in members}) == 1:
            apart[key] += members
            continue
        for member in members:
            apart[plain(member.text)].append(member)
    return apart


def _near_together(groups: Mapping[str, list[Example]]) -> dict[str, list[Example]]:
    """Groups of one label whose texts are nearly the same become one, under the smallest key.

    Different labels stay apart: then the small difference is what matters.
    """
    keys = sorted(groups)
    near = look_for_near([groups[key][0].text for key in keys]).groups
    homes: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, number in zip(keys, near, strict=True):
        homes[_label_of(groups[key])][number].append(key)
    joined: dict[str, list[Example]] = {}
    for homes_of_label in homes.values():
        enough = len(homes_of_label) >= len(Part)
        for together in homes_of_label.values():
            for key in together:
                joined.setdefault(together[0] if enough else key, []).extend(groups[key])
    return joined


def _groups_together(
    groups: dict[str, list[Example]], *, of: Callable[[Example], str]
) -> dict[str, list[Example]]:
    """What shares a group, as `of` names it, becomes one, under the smallest key.

    Chains are followed to their end.
    """
    home: dict[str, str] = {}

    def root(key: str) -> str:
        while (above := home.get(key, key)) != key:
            home[key] = home.get(above, above)
            key = above
        return key

    first: dict[str, str] = {}
    for key in sorted(groups):
        for member in groups[key]:
            if name := of(member):
                one, other = root(first.setdefault(name, key)), root(key)
                home[max(one, other)] = min(one, other)
    if not first:
        return groups
    joined: dict[str, list[Example]] = defaultdict(list)
    for key, members in groups.items():
        joined[root(key)] += members
    return joined


def _label_of(members: Iterable[Example]) -> str:
    """The most common label of texts that are the same; the first by alphabet when tied."""
    counts = Counter(member.label or "" for member in members)
    return min(counts, key=lambda label: (-counts[label], label))


def _share_out(sizes: Mapping[str, int], *, seed: int) -> dict[str, Part]:
    """Give the texts of one label (key -> number of rows) to the parts."""
    order = sorted(sizes, key=lambda key: _draw(key, seed=seed))
    share = HELD_OUT_SHARE * sum(sizes.values())
    test, left = _take(order, sizes=sizes, share=share)
    validation, left = _take(left, sizes=sizes, share=share)
    return {
        **dict.fromkeys(left, Part.train),
        **dict.fromkeys(test, Part.test),
        **dict.fromkeys(validation, Part.validation),
    }


def _take(
    order: list[str], *, sizes: Mapping[str, int], share: float
) -> tuple[list[str], list[str]]:
    """The first texts of `order` worth about `share` rows, at least one, and those that are left.

    One text is always left. A text is passed over when more than half of it would overshoot: a
    row that is there a hundred times goes to train, where it does not decide the score.
    """
    if len(order) < 2:  # noqa: PLR2004 - the last one stays
        return [], order
    taken: list[str] = []
    left: list[str] = []
    rows = 0
    for key in order:
        if rows + sizes[key] / 2 < share and len(taken) + 1 < len(order):
            taken.append(key)
            rows += sizes[key]
        else:
            left.append(key)
    if not taken:
        smallest = min(left, key=lambda key: sizes[key])
        return [smallest], [key for key in left if key != smallest]
    return taken, left


def _give_validation_some(parts: dict[str, Part], *, seed: int) -> None:
    """When every label has two texts at most, none reached validation: half of test goes there."""
    if Part.validation in parts.values():
        return
    held_out = [key for key, part in parts.items() if part is Part.test]
    held_out.sort(key=lambda key: _draw(key, seed=seed))
    parts.update(dict.fromkeys(held_out[::2][: len(held_out) // 2], Part.validation))


def _draw(key: str, *, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=16).digest()
