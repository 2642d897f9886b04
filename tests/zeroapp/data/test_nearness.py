"""Nearly the same texts are found among thousands of others, and stay on one side of the split."""

import random

from zeroapp.data.nearness import look_for_near
from zeroapp.data.splits import assign
from zeroapp.dataset import Example

WORDS = [
    *("where", "order", "parcel", "money", "refund", "account", "password", "broken", "screen"),
    *("phone", "invoice", "address", "change", "cancel", "delivery", "late", "card", "payment"),
    *("double", "charge", "login", "email", "voucher", "gift", "return", "label", "size", "wrong"),
    *("colour", "blue", "green", "please", "help", "today", "tomorrow", "week", "store", "pickup"),
]


def texts(count: int, *, seed: int = 0) -> list[str]:
    dice = random.Random(seed)
    return [" ".join(dice.sample(WORDS, dice.randint(8, 14))) for _ in range(count)]


def with_a_typo(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def test_planted_copies_are_found_and_nothing_else_is():
    base = texts(2000)
    dice = random.Random(1)
    copies = [with_a_typo(text, dice) for text in base[:50]]
    copies += [f"hello there, {text}" for text in base[50:100]]
    copies += [f"  {text.upper()} !!" for text in base[100:150]]
    found = look_for_near(base + copies).groups
    caught = sum(found[i] == found[len(base) + i] for i in range(150))
    assert caught >= 147
    assert len(set(found)) >= len(base) - 3  # texts drawn at random are hardly ever near


def test_order_does_not_matter_and_short_or_empty_texts_do_no_harm():
    base = [*texts(200), "", "a", "ok", "ok!", "é", "\N{GRINNING FACE}"]
    base += [with_a_typo(text, random.Random(2)) for text in base[:20]]
    forward = look_for_near(base)
    backward = look_for_near(base[::-1])
    size = len(base) - 1
    assert {frozenset((base[i], base[j])) for i, j, _ in forward.pairs} == {
        frozenset((base[size - i], base[size - j])) for i, j, _ in backward.pairs
    }
    assert forward.groups[base.index("ok")] == forward.groups[base.index("ok!")]
    assert look_for_near([]).groups == []
    assert look_for_near(["alone"]).groups == [0]


def test_near_texts_of_one_label_are_on_one_side():
    base = texts(300)
    dice = random.Random(3)
    rows = [Example(row_id=i, text=text, label="ab"[i % 2]) for i, text in enumerate(base)] + [
        Example(row_id=300 + i, text=with_a_typo(text, dice), label="ab"[i % 2])
        for i, text in enumerate(base)
    ]
    parts = assign(rows, seed=4)
    apart = sum(parts[i] != parts[300 + i] for i in range(300))
    assert apart <= 6


def test_small_differences_between_labels_keep_their_rows_apart():
    rows = [
        Example(row_id=2 * i + j, text=f"machine {WORDS[i]} shows error {code}", label=code)
        for i in range(12)
        for j, code in enumerate(("red", "blue"))
    ]
    parts = assign(rows, seed=1)
    assert len(parts) == 24
    for code in (0, 1):
        assert len({parts[2 * i + code] for i in range(12)}) == 3
