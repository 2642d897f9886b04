"""How a table is written: what separates its cells, whether its first row names the columns."""

import csv
import re
from collections.abc import Sequence

import msgspec

DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = "\x1f"
"""Stands for "no delimiter": a control sign (unit separator) that no text holds."""

_LOOK_AT = 200
_LONGEST_NAME = 40
_MOST_WORDS = 5
_CONSISTENT = 0.5
_EXCEL = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
_NUMBER = re.compile(r"^[-+]?[\d.,\s]*\d[\d.,\s]*%?$")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """delimiter: between cells. header: the first row has names. skip: lines before it.

    sample: the first records, as they parse without any repair, the header included.
    """

    delimiter: str
    header: bool
    skip: int
    sample: tuple[tuple[str, ...], ...]


def recognise(lines: Sequence[str], *, tabs_likely: bool) -> Dialect:
    """The dialect of a table that starts with `lines` (at least one that is not blank)."""
    skip = 0
    while skip < len(lines) and not lines[skip].strip():
        skip += 1
    told = _EXCEL.match(lines[skip])
    if told:
        delimiter, skip = told[1], skip + 1
    else:
        delimiter = _delimiter(lines[skip:], tabs_likely=tabs_likely)
    sample = _records(lines[skip:], delimiter=delimiter)
    return Dialect(
        delimiter=delimiter,
        header=bool(sample) and _is_header(sample[0], rows=sample[1:]),
        skip=skip,
        sample=tuple(tuple(record) for record in sample),
    )


def _records(lines: Sequence[str], *, delimiter: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    found: list[list[str]] = []
    while len(found) < _LOOK_AT:
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(cell.strip() for cell in record):
            found.append(record)
    return found


def _delimiter(lines: Sequence[str], *, tabs_likely: bool) -> str:
    """The one that cuts most records into as many cells as the first; rows may be ragged."""
    best = (_CONSISTENT, 0, ONE_COLUMN)
    for delimiter in DELIMITERS:
        widths = [len(record) for record in _records(lines, delimiter=delimiter)]
        if not widths or widths[0] == 1:
            continue
        same = sum(width == widths[0] for width in widths)
        more = sum(width > widths[0] for width in widths)
        share = (same + 0.5 * more) / len(widths) + (tabs_likely and delimiter == "\t")
        best = max(best, (share, widths[0], delimiter))
    return best[2]


def _is_header(first: Sequence[str], *, rows: Sequence[Sequence[str]]) -> bool:
    """Names are short, all different, no numbers, and do not come again further down.

    Cannot see a header whose names look like data ("2021", "2022"), nor miss one in a table whose
    first row is short and unlike all others.
    """
    names = [cell.strip() for cell in first]
    filled = [name for name in names if name]
    if not filled or any(_NUMBER.match(name) or not _like_a_name(name) for name in filled):
        return False
    for column, name in enumerate(names):
        below = [row[column].strip() for row in rows if column < len(row)]
        if name and any(value.casefold() == name.casefold() for value in below):
            return False
    return True


def _like_a_name(text: str) -> bool:
    return (
        len(text) <= _LONGEST_NAME
        and len(text.split()) <= _MOST_WORDS
        and "\n" not in text
        and not text.endswith((".", "!", "?"))
    )
