"""What written texts share with training texts, and with themselves. Knows words, no models."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

RUN = 6
"""Words in a row that chance hardly brings together (Carlini et al. 2021, arXiv 2012.07805)."""

_WORD = re.compile(r"\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}]\w+)*")
_REPEATED = 4


def words_of(text: str) -> list[str]:
    """The words without case and punctuation."""
    return _WORD.findall(text.casefold())


def repetition(text: str) -> float:
    """Share of its runs of four words that came before in the same text; 0 of a short text."""
    words = words_of(text)
    runs = [tuple(words[i : i + _REPEATED]) for i in range(len(words) - _REPEATED + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """words: length of the longest passage found in both; share: of the runs of RUN words."""

    words: int
    passage: str
    share: float


class Corpus:
    """Texts in which passages are looked for; built once, with an entry a word."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: list[str] = []
        self._starts: dict[tuple[str, ...], list[int]] = {}
        for text in texts:
            self._add(words_of(text))

    def _add(self, words: Sequence[str]) -> None:
        first = len(self._words)
        self._words += [*words, ""]  # no passage goes on into the next text
        for i in range(len(words) - RUN + 1):
            self._starts.setdefault(tuple(words[i : i + RUN]), []).append(first + i)

    def shared(self, texts: Iterable[str]) -> Shared:
        """The longest passage of at least RUN words that stands in here, over all the texts."""
        best: list[str] = []
        runs = found = 0
        for text in texts:
            words = words_of(text)
            for i in range(len(words) - RUN + 1):
                runs += 1
                length = max(self._lengths(words, i), default=0)
                found += length > 0
                if length > len(best):
                    best = words[i : i + length]
        return Shared(words=len(best), passage=" ".join(best), share=found / runs if runs else 0.0)

    def _lengths(self, words: Sequence[str], start: int) -> Iterator[int]:
        """How far words[start:] goes on like each passage that begins in the same way."""
        for place in self._starts.get(tuple(words[start : start + RUN]), ()):
            length = RUN
            while (
                start + length < len(words)
                and place + length < len(self._words)
                and words[start + length] == self._words[place + length]
            ):
                length += 1
            yield length
