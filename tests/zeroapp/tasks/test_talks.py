"""A chat as examples: every answer of the person once, with what the others said before it."""

import random

from zeroapp.dataset import Row
from zeroapp.tasks.text_generation.reading import examples
from zeroapp.tasks.text_generation.talks import LONG
from zeroapp.turns import ANSWERS, asked

ROLES = {"text": "text", "speaker": "sender", "me": "Bo"}


def rows(*said, file="chat.txt", start=1, **cells):
    return [
        Row(id=n, file=file, line=n, cells={"sender": who, "text": text, **cells})
        for n, (who, text) in enumerate(said, start=start)
    ]


def learned(example):
    """All answers in it."""
    return [t.said for t in asked(example.text) if t.who == ANSWERS] + [example.label]


def test_an_answer_stands_behind_what_the_others_said():
    said = [("Ann", "Hello"), ("Cy", "Are you there?"), ("Bo", "Yes"), ("Bo", "here")]
    (made,) = examples(rows(*said), ROLES)
    assert (made.text, made.label) == ("Hello\nAre you there?", "Yes\nhere")
    assert (made.row_id, made.more) == (1, (2, 3, 4))


def test_every_message_after_a_first_question_is_learned_once_and_no_talk_shares_one():
    dice = random.Random(5)
    said = [
        (dice.choice(["Ann", "Bo", "Cy"]), f"word{n} " * dice.randint(1, 30)) for n in range(400)
    ]
    made = list(examples(rows(("Bo", "before anybody asked"), *said, ("Ann", "and now?")), ROLES))
    mine = " ".join(text for who, text in said[_first(said) :] if who == "Bo").split()
    assert " ".join(answer for one in made for answer in learned(one)).split() == mine
    ids = [row for one in made for row in (one.row_id, *one.more)]
    assert len(ids) == len(set(ids))
    assert max(len(one.text.split()) for one in made) < 3 * LONG
    # an old split knows only the rows that were used: they make the same talks
    used = [row for row in rows(("Bo", "before"), *said, ("Ann", "?")) if row.id in set(ids)]
    assert list(examples(used, ROLES)) == made


def _first(said):
    return next(n for n, (who, _) in enumerate(said) if who != "Bo")


def test_chats_and_channels_are_kept_apart():
    one = [("Ann", "Where?"), ("Bo", "Here")]
    both = [*rows(*one), *rows(("Bo", "no answer to that"), *one, file="other.txt", start=3)]
    assert [made.label for made in examples(both, ROLES)] == ["Here", "Here"]
    channels = [*rows(*one, channel="a"), *rows(("Bo", "nor to that"), start=3, channel="b")]
    assert [m.label for m in examples(channels, {**ROLES, "heading": "channel"})] == ["Here"]


def test_a_chat_without_the_person_is_texts_to_go_on_with():
    said = [("Ann", "Where?"), ("Bo", "Here")]
    (made,) = examples(rows(*said), {"text": "text", "speaker": "sender"})
    assert made.label == "Where?\n\nHere"
