"""What can be wrong with texts to learn writing from: cut, empty, all the same. No torch."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from zeroapp.dataset import DatasetProfile, Example
from zeroapp.errors import Place, Problem, Severity
from zeroapp.wording import many, short

_SHOWN = 5
_MANY_SAME = 0.2
_ONE_WORD = 1
_BOTH = 2


def check(profile: DatasetProfile, examples: Sequence[Example]) -> list[Problem]:
    """Everything about the answers that training would suffer from."""
    return [
        *_whose_words(profile),
        *_same_answers(profile, examples),
        *_like_kinds(profile, examples),
    ]


def _place(profile: DatasetProfile) -> Place:
    return Place(column=profile.roles.get("label", profile.roles.get("text")))


def _whose_words(profile: DatasetProfile) -> list[Problem]:
    """A chat in which nobody is the person."""
    roles = profile.roles
    column = next((c for c in profile.columns if c.name == roles.get("speaker")), None)
    if column is None or column.distinct < _BOTH or "me" in roles or "label" in roles:
        return []
    return [
        Problem(
            code="nobody-is-you",
            blind="Cannot see that a name stands for several people, or several for one.",
            severity=Severity.warning,
            title=f"Nobody has said which of the {column.distinct:,} voices in the chat is you.",
            why="The model will learn to write like all of them, one after the other.",
            remedy="Say it on the page “Examples”, or with: zeroapp import DIR --role me=NAME",
            place=Place(column=column.name),
            count=column.distinct,
            examples=tuple(short(name) for name in column.samples),
        )
    ]


def _same_answers(profile: DatasetProfile, examples: Sequence[Example]) -> list[Problem]:
    """One answer for many questions."""
    counts = Counter(example.label or "" for example in examples)
    answer, times = counts.most_common(1)[0]
    if times <= max(2, _MANY_SAME * len(examples)):
        return []
    return [
        Problem(
            code="one-answer-often",
            blind="Cannot see answers that say the same in other words.",
            severity=Severity.warning,
            title=f"The same answer stands in {many(times, 'row')} of {len(examples):,}.",
            why="The model will learn to give it whatever it is asked.",
            remedy="Leave most of these rows out, or write answers of their own for them.",
            place=_place(profile),
            count=times,
            examples=(short(answer),),
        )
    ]


def _like_kinds(profile: DatasetProfile, examples: Sequence[Example]) -> list[Problem]:
    """Answers of one word, few of them: kinds rather than texts."""
    answers = [example.label or "" for example in examples]
    kinds = len(set(answers))
    if median(len(answer.split()) for answer in answers) > _ONE_WORD or kinds > len(answers) / 2:
        return []
    return [
        Problem(
            code="answers-like-kinds",
            blind="Cannot see what you want to make of them.",
            severity=Severity.info,
            title=f"The answers look like {many(kinds, 'kind')}, not like texts.",
            why="To sort texts into kinds, a model made for it is faster, surer and smaller.",
            remedy="Make a project that sorts texts with this file, or go on.",
            place=_place(profile),
            count=len(answers),
            examples=tuple(short(answer) for answer in sorted(set(answers))[:_SHOWN]),
        )
    ]
