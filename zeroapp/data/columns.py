"""What a column looks like, by its values alone. Knows no roles and no tasks."""

import re
from collections.abc import Sequence

from zeroapp.dataset import Column, ColumnKind
from zeroapp.pictures import is_stored_name

_NUMBER = re.compile(
    r"^[-+]?(?:\d+|\d{1,3}(?:[., '\u00a0]\d{3})+)?(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*%?$"
)
_DATE = re.compile(
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4})(?:[T ,]+\d{1,2}:\d{2}.*)?$"
)
_IDENTIFIER = re.compile(
    r"^(?=.*\d)[\w./:#@+-]+$|^[\w.+-]+@[\w-]+\.[\w.-]+$|^https?://\S+$"
    r"|^[^<>]{0,80}<[\w.+-]+@[\w.-]+>$"
)
PARTS = frozenset(
    {"train", "training", "test", "testing", "validation", "valid", "val", "dev", "eval", "holdout"}
)
"""What people call the parts of their data."""

_MOST = 0.95
_FEW_NUMBERS = 20
_REPEATS = 5
_REPEATED_SHARE = 0.5
_CATEGORY_LENGTH = 60
_SAMPLES = 5
_SAMPLE_LENGTH = 120


def describe(name: str, *, values: Sequence[str], filled: int, distinct: int) -> Column:
    """A column from `values` (a sample of those that are not blank) and counts over all rows."""
    return Column(
        name=name,
        kind=kind_of(values),
        filled=filled,
        distinct=distinct,
        samples=tuple(dict.fromkeys(value[:_SAMPLE_LENGTH] for value in values[:50]))[:_SAMPLES],
    )


def kind_of(values: Sequence[str]) -> ColumnKind:
    """The kind of a column with these values (stripped, not blank).

    Whole numbers of which a few repeat often (0/1, one to five stars) are a category. Cannot tell
    a name from a short text, nor a code that is a kind from one that is an identifier when each
    comes once.
    """
    if not values:
        return ColumnKind.empty
    if all(map(is_stored_name, values)):
        return ColumnKind.picture
    different = len(set(values))
    repeated = different <= _REPEATED_SHARE * len(values)
    if _share(values, _NUMBER) >= _MOST:
        few = different <= _FEW_NUMBERS and different * _REPEATS <= len(values)
        return ColumnKind.category if few and all(map(_whole, values)) else ColumnKind.number
    if _share(values, _DATE) >= _MOST:
        return ColumnKind.date
    if repeated and sum(map(len, values)) <= _CATEGORY_LENGTH * len(values):
        return ColumnKind.category
    if _share(values, _IDENTIFIER) >= _MOST:
        return ColumnKind.identifier
    return ColumnKind.text


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.match(value)) for value in values) / len(values)


def _whole(value: str) -> bool:
    return value.lstrip("+-").isdigit()
