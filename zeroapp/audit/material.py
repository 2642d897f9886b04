"""What the deeper checks look at: the examples as columns of equal length, and how a finding is
made of them. Knows no check.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zeroapp.data.nearness import Nearness, look_for_near
from zeroapp.dataset import Answers, Column, Example, Roles
from zeroapp.errors import ROWS_NAMED, Place, Problem, Severity
from zeroapp.wording import short

Floats = NDArray[np.float32]
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Material:
    """Examples, in the order of the rows; every sequence has their length.

    codes: number of its label in `labels`, -1 without one. files and lines: where each row came
    from. extra: the cells of the columns that play no role, by column; columns: what they look
    like. whole: how many examples the project has, of which these may be an even sample.
    """

    examples: Sequence[Example]
    files: Sequence[str]
    lines: Sequence[int]
    extra: dict[str, list[str]]
    columns: dict[str, Column]
    roles: Roles
    whole: int
    answers: Answers = Answers.labels

    @cached_property
    def texts(self) -> list[str]:
        """The texts; empty where an example is a picture."""
        return ["" if example.name else example.text for example in self.examples]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The different labels, by alphabet."""
        return tuple(sorted({e.label for e in self.examples if e.label is not None}))

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Number of each example's label."""
        index = {label: number for number, label in enumerate(self.labels)}
        return np.array(
            [-1 if e.label is None else index[e.label] for e in self.examples], np.int64
        )

    @cached_property
    def near(self) -> Nearness:
        """Which texts are nearly the same."""
        return look_for_near(self.texts)

    @property
    def labelled(self) -> bool:
        """Whether there are kinds to compare."""
        if self.answers is not Answers.labels:
            return False
        return len(self.labels) > 1 and bool((self.codes >= 0).all())

    def place(self, at: int, *, role: str = "text") -> Place:
        """Where an example came from."""
        return Place(file=self.files[at], line=self.lines[at], column=self.roles.get(role))

    def rows(self, at: Sequence[int]) -> tuple[int, ...]:
        """The row ids of these examples, as many as a Problem names."""
        return tuple(self.examples[n].row_id for n in at[:ROWS_NAMED])

    def quote(self, at: int, *, limit: int = 90) -> str:
        """An example's text, or its file, short enough to show."""
        return short(self.texts[at] or self.examples[at].name, limit=limit)

    def sample(self, at: Sequence[int]) -> "Material":
        """Only the examples `at`."""
        if len(at) == len(self.examples):
            return self
        return replace(
            self,
            examples=[self.examples[n] for n in at],
            files=[self.files[n] for n in at],
            lines=[self.lines[n] for n in at],
            extra={name: [cells[n] for n in at] for name, cells in self.extra.items()},
        )

    def finding(
        self,
        code: str,
        *,
        at: Sequence[int],
        severity: Severity,
        words: "Words",
        role: str = "text",
    ) -> Problem:
        """A Problem about the examples `at`, the one to be shown first in front."""
        return Problem(
            code=code,
            severity=severity,
            title=words.title,
            why=words.why,
            remedy=words.remedy,
            place=self.place(at[0], role=role),
            count=len(at),
            examples=words.shown or tuple(self.quote(n) for n in at[:SHOWN]),
            rows=self.rows(at),
            mend=words.mend,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a finding says; see Problem."""

    title: str
    why: str
    remedy: str
    shown: tuple[str, ...] = ()
    mend: str = ""
