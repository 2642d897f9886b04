"""What the examples and check pages show: frozen values that both sides know. No Qt."""

from dataclasses import dataclass

from zeroapp.errors import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalChoice:
    """Something else that the project could be for."""

    key: str
    title: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChoice:
    """Whose words these are: the question, the names with how much each says, who was chosen."""

    question: str
    names: tuple[tuple[str, int], ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """A part a column can play, as the user sees it."""

    key: str
    title: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHead:
    """A column of the preview. role: key of the part it plays; empty when it is not used."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableData:
    """The first rows. label_role: the role whose cells are drawn as chips. more: rows below."""

    heads: tuple[ColumnHead, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    choices: tuple[RoleChoice, ...] = ()
    label_role: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairItem:
    """What was put right in a file: how often is in the text, the first cases before and after.

    can_change: it can be taken back, or made again when it was undone. encodings: those that the
    file's letters may be read in instead, by key and words.
    """

    file: int
    kind: str
    text: str
    shown: tuple[tuple[str, str], ...] = ()
    can_change: bool = False
    undone: bool = False
    encodings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileItem:
    """An imported file. aside: what of it could not be read, in words."""

    name: str
    detail: str
    repairs: tuple[RepairItem, ...] = ()
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideItem:
    """A row that was set aside: where it is, why, how it begins."""

    where: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemItem:
    """A problem as a card: what, where, why, what to do.

    key: tells it from the others; empty when nothing can be decided about it. mend: what the
    button that mends it says. decided: what was decided, a sentence; empty while it is open.
    """

    severity: Severity
    word: str
    title: str
    where: str
    why: str
    remedy: str
    examples: tuple[str, ...] = ()
    blind: str = ""
    key: str = ""
    mend: str = ""
    decided: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookItem:
    """One of the deeper checks: what came of it, and what it cannot see."""

    title: str
    state: str
    blind: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindItem:
    """One of the kinds there are, and how many rows it has."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixItem:
    """A row whose kind is doubted. picture: where it lies, when the row is one; where: its place.

    others: the remaining kinds, for those who know better than both.
    """

    row: int
    text: str
    given: str
    suggested: str
    sure: str
    where: str
    others: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionItem:
    """A version of the data. title: when it was; detail: its size, and what learned from it."""

    key: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItem:
    """A row that differs between two versions. text: what it is known by, when that has stayed.

    before, after: what its changed cells say; a row that came or went says all of them.
    """

    what: str
    text: str
    before: str
    after: str
    where: str
