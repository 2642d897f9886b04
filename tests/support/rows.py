"""Small texts: labelled ones for `tiny_model` to tell apart, pairs for `tiny_writer` to learn."""

import random

from zeroapp.dataset import Example

KINDS = {"lost": ("lost", "card"), "help": ("help", "cards"), "other": ("i", "my")}


def examples(count: int, *, seed: int = 0, start: int = 0) -> list[Example]:
    """Texts of 2 to 9 words; every kind has two words of its own among the common ones."""
    dice = random.Random(seed)
    made = []
    for number in range(start, start + count):
        label = sorted(KINDS)[number % len(KINDS)]
        words = [dice.choice(["i", "my", "card"]) for _ in range(dice.randint(0, 7))]
        words += KINDS[label]
        dice.shuffle(words)
        made.append(Example(row_id=number, text=" ".join(words), label=label))
    return made


SAID = {"a": "yes", "b": "no", "c": "perhaps", "d": "later"}


def pairs(count: int, *, seed: int = 0) -> list[Example]:
    """Questions of one to four letters; the first decides what is answered, once or thrice."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        asked = "".join(dice.choices(list(SAID), k=dice.randint(1, 4)))
        answer = " ".join([SAID[asked[0]]] * dice.randint(1, 3))
        made.append(Example(row_id=number + 1, text=asked, label=answer))
    return made
