"""What is known about base models: `Base` values and the starters of resources/catalogue.json.

Values only. Where a model's files are and how they are had is the business of zeroapp.models.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from zeroapp.dataset import Answers, Reads
from zeroapp.paths import resources_dir

ABOUT_100 = "*"


class Source(StrEnum):
    """Where a base model's files come from."""

    package = "package"
    converted = "converted"
    hub = "hub"
    folder = "folder"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """A model to start from.

    key: a starter's name, "owner/name" on the Hub, or a folder's path. licence: its SPDX or Hub
    name, "" when the makers name none; may_sell is False unless the licence is known to allow it.
    languages: ISO codes, "*" for about 100, empty when not known. parameters: all of them,
    embedding_parameters: those of the embedding tables among them. max_length in tokens,
    special tokens included. pooling: one vector per text is the mean over its tokens' vectors, or
    made the way the model type's own classifier does. bytes: size of the weights on disk.
    prefix: put before every text. reads: what it looks at; side: of pictures, in points;
    quick_side: the same where there is no graphics card, 0: no other. answers: what it can be
    taught to answer with.
    """

    key: str
    title: str
    blurb: str
    licence: str
    licence_note: str
    may_sell: bool
    languages: tuple[str, ...]
    parameters: int
    embedding_parameters: int
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int
    max_length: int
    pooling: Literal["mean", "native"]
    bytes: int
    source: Source
    prefix: str = ""
    reads: Reads = Reads.text
    side: int = 0
    quick_side: int = 0
    answers: Answers = Answers.labels


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an installed package brings: module is the package's import name."""

    module: str
    path: str
    sha256: str


class Starter(msgspec.Struct, frozen=True, kw_only=True):
    """A base that works without a network, the files it is made of, and its makers' page."""

    base: Base
    page: str
    parts: tuple[Part, ...]


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """What some licences allow, in a sentence; names as makers write them on the Hub."""

    names: tuple[str, ...]
    may_sell: bool
    note: str


class _Prefix(msgspec.Struct, frozen=True, kw_only=True):
    prefix: str
    keys: tuple[str, ...]


class _Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    starters: tuple[Starter, ...]
    licences: tuple[Licence, ...]
    prefixes: tuple[_Prefix, ...]


UNKNOWN_LICENCE = Licence(
    names=(),
    may_sell=False,
    note="Its makers name no licence that this app knows. Ask them before you use it in business.",
)


def _read() -> _Catalogue:
    text = (resources_dir() / "catalogue.json").read_bytes()
    return msgspec.json.decode(text, type=_Catalogue)


def entries() -> tuple[Starter, ...]:
    """Every starter with its files, in the order they are offered."""
    return _read().starters


def licence(name: str) -> Licence:
    """What the licence `name` allows; UNKNOWN_LICENCE when it is not in the catalogue."""
    wanted = name.lower()
    return next((one for one in _read().licences if wanted in one.names), UNKNOWN_LICENCE)


def prefix_for(key: str) -> str:
    """What the makers of a Hub model want before every text; "" for most."""
    return next((one.prefix for one in _read().prefixes if key in one.keys), "")


def starters(*, reads: Reads = Reads.text, answers: Answers = Answers.labels) -> tuple[Base, ...]:
    """The starters that read and answer so, as bases; the first is the default."""
    bases = (entry.base for entry in entries())
    return tuple(base for base in bases if (base.reads, base.answers) == (reads, answers))


def starter_for(
    language: str, *, reads: Reads = Reads.text, answers: Answers = Answers.labels
) -> Base:
    """The starter that reads `language` (an ISO code, "mixed", or "" when not known).

    English and unknown go to the small one; everything else to the multilingual one. What looks at
    pictures knows no language: there the first one is taken.
    """
    wanted = language or "en"
    known = starters(reads=reads, answers=answers)
    for base in known:
        if wanted in base.languages:
            return base
    return next((base for base in known if ABOUT_100 in base.languages), known[0])
