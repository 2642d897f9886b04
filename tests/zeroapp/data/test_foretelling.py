import random

from zeroapp.data.foretelling import foretold

DICE = random.Random(3)
KINDS = [DICE.choice(["red", "blue", "green"]) for _ in range(200)]
FILL = ["so", "then", "and", "here", "now", "maybe"]
TEXTS = [
    f"{DICE.choice(FILL)} {f'like {kind}ish' if DICE.random() < 0.8 else DICE.choice(FILL)} {n}"
    for n, kind in enumerate(KINDS)
]


def test_what_the_text_says_is_foretold_and_what_it_does_not_say_is_not():
    assert foretold(TEXTS, KINDS) > 0.6
    other = [DICE.choice(["Oslo", "Graz", "Pisa"]) for _ in KINDS]
    assert foretold(TEXTS, other) < 0.2


def test_what_is_too_little_or_always_the_same_is_not_foretold():
    assert foretold(TEXTS[:30], KINDS[:30]) == 0.0
    assert foretold(TEXTS, ["x"] * 200) == 0.0
    assert foretold(["the same text"] * 200, KINDS) == 0.0
    assert foretold([""] * 200, KINDS) == 0.0


def test_letters_stand_in_for_words_where_there_are_no_spaces():
    texts = [
        f"我想{'退款退钱' if kind == 'red' else '快递包裹'}{n}" for n, kind in enumerate(KINDS)
    ]
    assert foretold(texts, ["a" if kind == "red" else "b" for kind in KINDS]) > 0.9
