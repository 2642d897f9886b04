"""Values that describe a person's data: rows, columns, roles, parts. Only values, no reading."""

from enum import StrEnum

import msgspec

Cells = dict[str, str]
"""One row as it was read: column name -> text. A missing cell is the empty string."""

Roles = dict[str, str]
"""Which column plays which role of the task: role key -> column name."""


class Part(StrEnum):
    """The part of the data a row belongs to. `test` is never seen in training or model choice."""

    train = "train"
    validation = "validation"
    test = "test"


class Reads(StrEnum):
    """What a task reads. one, several: what one of them, and more, are called in sentences."""

    text = "text"
    picture = "picture"

    @property
    def one(self) -> str:
        """What one of them is called."""
        return self.value

    @property
    def several(self) -> str:
        """What more than one of them are called."""
        return f"{self.value}s"


class Answers(StrEnum):
    """What a task answers with: one of the kinds a person named, or words of its own."""

    labels = "labels"
    text = "text"


class ColumnKind(StrEnum):
    """What the values of a column look like. picture: names of pictures the project keeps."""

    text = "text"
    picture = "picture"
    category = "category"
    number = "number"
    date = "date"
    identifier = "identifier"
    empty = "empty"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One stored row and where it came from. line counts from 1 in the source file."""

    id: int
    file: str
    line: int
    cells: Cells


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One row as the task sees it: what it reads and the label to learn (None: unlabelled).

    text: the text, or where the picture lies. label: the answer itself where answers are texts.
    name: what the person calls a picture, "" for texts. more: the other rows it was made of, where
    it was made of several. group: rows of one group stay together; "" when it stands alone.
    """

    row_id: int
    text: str
    label: str | None = None
    name: str = ""
    more: tuple[int, ...] = ()
    group: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column and what it looks like. filled and distinct are counted over all rows."""

    name: str
    kind: ColumnKind
    filled: int
    distinct: int
    samples: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a repair: how it stood in the file and how it is kept (160 characters each)."""

    before: str
    after: str


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """Something the reader put right while reading, said to the user. count: how often.

    shown: the first few cases. number: the file's in the project (0: not stored). lasting: cannot
    be taken back. undone: the person took it back, so it was not made.
    """

    file: str
    kind: str
    sentence: str
    count: int = 1
    shown: tuple[Change, ...] = ()
    number: int = 0
    lasting: bool = False
    undone: bool = False


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A row that could not be read: kept with its place, its reason and its start (200 chars)."""

    file: str
    line: int
    reason: str
    raw: str


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was imported. rows_in == rows_stored + rows_set_aside, always."""

    name: str
    path: str
    sha256: str
    bytes: int
    rows_in: int
    rows_stored: int
    rows_set_aside: int
    encoding: str
    delimiter: str
    added_at: str
    added_by: str = ""


class LabelCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows carry a label."""

    label: str
    count: int


class LengthStats(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths of the texts in tokens of the base model. `sample` keeps up to 512 of them."""

    mean: float
    median: int
    p95: int
    longest: int
    over_limit: int
    limit: int
    sample: tuple[int, ...] = ()


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What the data of a version was made of: files (by number), edits up to a head, roles.

    version: see `DatasetProfile.version`. at: when it was first looked at, UTC (ISO 8601), empty
    when that is not known. usable: rows with every role filled.
    """

    version: str
    at: str
    head: int
    files: tuple[int, ...]
    roles: Roles
    usable: int


class DatasetProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the data looks like. rows: all stored; usable: with every role filled.

    version is a hash over task, roles and the usable rows; a run names it.
    language is an ISO 639-1 code ("en", "de", ...), "mixed" or "" (not known). masked: personal
    data was hidden before anything was measured, and so it is in the version.
    """

    version: str
    rows: int
    usable: int
    set_aside: int
    columns: tuple[Column, ...]
    roles: Roles
    labels: tuple[LabelCount, ...] = ()
    lengths: LengthStats | None = None
    language: str = ""
    files: tuple[SourceFile, ...] = ()
    repairs: tuple[Repair, ...] = ()
    masked: bool = False
