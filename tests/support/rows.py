"""Small labelled texts that the tiny model of `tiny_model` can tell apart."""

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
