"""Talks as text: who said what, turn by turn, written so that it reads back as it was said."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zeroapp.dataset import Cells, Roles

RULES, ASKS, ANSWERS = "system", "user", "assistant"

BESIDE = ("input", "turns")
"""Roles of columns that are read with the question."""

_BEGINS = re.compile(rf"^({RULES}|{ASKS}|{ANSWERS}): ", re.MULTILINE)
_ALIKE = re.compile(rf"^(?= *(?:{RULES}|{ASKS}|{ANSWERS}): )", re.MULTILINE)
_PUT_IN = re.compile(rf"^ (?= *(?:{RULES}|{ASKS}|{ANSWERS}): )", re.MULTILINE)


class Turn(NamedTuple):
    """who: RULES, ASKS or ANSWERS."""

    who: str
    said: str


def told(turns: Iterable[Turn]) -> str:
    """Each turn on lines of its own behind who said it; `heard` reads it back."""
    return "\n".join(f"{who}: {_ALIKE.sub(' ', said)}" for who, said in turns)


def heard(text: str) -> tuple[Turn, ...]:
    """The turns of a talk as `told` writes it; none of a text that is no talk."""
    marks = list(_BEGINS.finditer(text))
    if not marks or marks[0].start() != 0:
        return ()
    ends = [*(mark.start() - 1 for mark in marks[1:]), len(text)]
    return tuple(
        Turn(mark[1], _PUT_IN.sub("", text[mark.end() : end]))
        for mark, end in zip(marks, ends, strict=True)
    )


def asked(text: str) -> tuple[Turn, ...]:
    """What a model is asked: the turns of a talk that waits for an answer, or the text alone."""
    turns = heard(text)
    return turns if turns and turns[-1].who == ASKS else (Turn(ASKS, text),)


def messages(turns: Iterable[Turn]) -> list[dict[str, str]]:
    """As chat templates and programs for talking models want them."""
    return [{"role": who, "content": said} for who, said in turns]


def in_order(turns: Iterable[Turn]) -> list[Turn]:
    """As most models want them: rules, then questions and answers in turn; what one says twice
    in a row is one turn, and what is said before anybody asked is left out.
    """
    rules: list[str] = []
    found: list[Turn] = []
    for who, said in turns:
        if who == RULES:
            rules.append(said)
        elif found and found[-1].who == who:
            found[-1] = Turn(who, f"{found[-1].said}\n\n{said}")
        elif found or who == ASKS:
            found.append(Turn(who, said))
    return [Turn(RULES, "\n\n".join(rules)), *found] if rules else found


def shorter(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Without the oldest question and its answer; rules stay. The same when nothing can go."""
    rules = [turn for turn in turns[:1] if turn.who == RULES]
    rest = turns[len(rules) :]
    later = next((n for n, turn in enumerate(rest) if n and turn.who == ASKS), 0)
    return (*rules, *rest[later:])


def question(cells: Cells, *, roles: Roles) -> str:
    """What a row asks of a model that writes: the question, what it is about, the turns before.

    "" where there is no question.
    """
    said, about, before = (
        unicodedata.normalize("NFC", cells.get(roles.get(role, ""), "")).strip()
        for role in ("text", *BESIDE)
    )
    if not said:
        return ""
    whole = "\n\n".join(filter(None, (said, about)))
    if not before:
        return whole
    earlier = heard(before)
    return told((*earlier, Turn(ASKS, whole))) if earlier else f"{whole}\n\n{before}"
