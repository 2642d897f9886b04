"""Finds rows by what they say. Reads page by page, so that it can be ended at any time."""

import unicodedata
from array import array
from collections.abc import Callable

import msgspec

from zeroapp.data.edit_log import cleaned
from zeroapp.data.store import Store
from zeroapp.work import Stopped

_ASK_EVERY = 2000


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are looked for. text: anywhere in the row, case aside; value: what the column
    says (None: anything, "": nothing). binned: those in the bin instead of the others. among: only
    these rows (empty: all).
    """

    text: str = ""
    column: str = ""
    value: str | None = None
    binned: bool = False
    among: tuple[int, ...] = ()


def find_rows(
    store: Store, wanted: Wanted, *, stop: Callable[[], bool] = lambda: False
) -> "array[int]":
    """The ids of the rows, in the order they were read. Raises Stopped when `stop` says so."""
    if wanted.binned:
        rows = iter(store.rows_of(store.binned_now()))
    elif wanted.among:
        out = set(store.binned_now())
        rows = (row for row in store.rows_of(wanted.among) if row.id not in out)
    elif not wanted.text and wanted.value is None:
        return array("q", store.row_ids())
    else:
        rows = store.rows()
    needle = _folded(wanted.text)
    found = array("q")
    for number, row in enumerate(rows):
        if number % _ASK_EVERY == 0 and stop():
            raise Stopped
        if wanted.value is not None:
            value = row.cells.get(wanted.column, "")
            if value != wanted.value and cleaned(value) != wanted.value:
                continue
        if not needle or any(needle in _folded(cell) for cell in row.cells.values()):
            found.append(row.id)
    return found


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
