"""Reads a record whose quotation marks do not pair. Knows one record, no table."""

import csv
import re
from functools import cache

_LONGEST = 1 << 16


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    """A field, where a quotation mark closes only in front of a delimiter or the end."""
    # Possessive (++ and *+): what is inside a field is never looked at twice.
    end = rf"(?:{re.escape(delimiter)}|\n?\Z)"
    return re.compile(rf'(?:"((?:[^"]++|"(?!{end}))*+)"|([^{re.escape(delimiter)}]*?)){end}')


def split_loosely(record: str, *, delimiter: str) -> list[str]:
    """The cells of a record with stray quotation marks, which stay in the text.

    Gives [] for records too long to look at this closely.
    """
    if len(record) > _LONGEST:
        return []
    if '\\"' in record:
        return _with_backslashes(record, delimiter=delimiter)
    cells: list[str] = []
    at = 0
    pattern = _field(delimiter)
    while found := pattern.match(record, at):
        quoted, bare = found.groups()
        cells.append(bare if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if not found[0].endswith(delimiter):
            break
    return cells


def _with_backslashes(record: str, *, delimiter: str) -> list[str]:
    try:
        return next(
            csv.reader([record], delimiter=delimiter, escapechar="\\", doublequote=False), []
        )
    except csv.Error:
        return []
