"""What view-models say and widgets draw: frozen values that both sides know. No Qt, no work."""

from dataclasses import dataclass
from enum import StrEnum

from zeroapp.report import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A score, 0 to 1, at a place on the x axis. quick: the first quick result, a line across."""

    x: float
    share: float
    words: str
    quick: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """What a line chart shows. x_max: where the curve will end; live: it is still growing."""

    points: tuple[tuple[float, float], ...] = ()
    marks: tuple[Mark, ...] = ()
    x_max: float = 0.0
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugePart:
    """One part of what is needed: plain words, bytes on this computer, the technical name."""

    title: str
    bytes: int
    technical: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeData:
    """Parts of the memory that is needed, against `available` bytes."""

    parts: tuple[GaugePart, ...] = ()
    available: int = 0

    @property
    def needed(self) -> int:
        """Bytes all parts need together."""
        return sum(part.bytes for part in self.parts)

    @property
    def fits(self) -> bool:
        """Whether what is needed is there."""
        return self.needed <= self.available


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its share 0 to 1, the words beside it, and an interval that is drawn as a bracket.

    leading: the one that counts. meaning: what the (i) beside it says; empty for none.
    """

    title: str
    share: float
    words: str
    leading: bool = False
    interval: tuple[float, float] | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarGroup:
    """Bars of one kind under a title. meaning: what the (i) beside the title says."""

    title: str
    meaning: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictData:
    """What the verdict card says. right of `of` dots are filled; of is 100, or less if few.

    of is 0 where nothing is right or wrong: then there are no dots.

    judgement and good: the chip's words and whether they are good news.
    interval: how sure that is, as a sentence. meanings: what the two (i) buttons say.
    """

    right: int
    of: int
    headline: str
    sentence: str
    judgement: str
    good: bool
    interval: str
    interval_meaning: str
    bars: tuple[Bar, ...]
    bars_title: str
    bars_meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryState:
    """What the try box shows. note: what it is doing; busy: an answer is due."""

    note: str = ""
    busy: bool = False
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Where the model looks in a picture. path: which; busy: that is being found out.

    heat: how much less sure the answer is with a part covered, row by row; () where none is there.
    """

    path: str = ""
    busy: bool = False
    heat: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Two texts to choose between. left: how many pairs there are still, in words."""

    prompt: str
    first: str
    second: str
    left: str


class FieldKind(StrEnum):
    """How a field of a form is edited."""

    whole = "whole"
    real = "real"
    choice = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form. value: as text for a choice, else a number; choices: (value, words).

    changed: the user set it, rather than the planner.
    """

    name: str
    label: str
    help: str
    kind: FieldKind
    value: float | str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[tuple[str, str], ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseItem:
    """A base model on offer, in words. sell: whether what is made of it may be sold."""

    key: str
    title: str
    blurb: str
    licence: str
    note: str
    sell: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChoice:
    """A format in the user's words. technical: its name for who knows it."""

    format: str
    title: str
    blurb: str
    technical: str
    icon: str = "package"
    recommended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A job at work: what it does, how far it is (total 0: not known), what the clock says."""

    title: str
    detail: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number with its name, and what it means and how it was measured."""

    name: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A way out that the user has to choose: words on a button, and the wish that goes with it."""

    text: str
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What happened and what is safe, on a coloured card. kind: primary, ok, warn, bad."""

    kind: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A text and what was answered to it before and after; verdict: whether that is right."""

    text: str
    words: str
    verdict: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a few real steps showed."""

    title: str
    facts: tuple[Fact, ...]
    rows: tuple[Tried, ...] = ()
