"""The ways in which programs write a table as one JSON value; each becomes a list of objects."""

from typing import Any

from zeroapp.data.dialect import is_header

Rows = list[Any]


def list_in(value: dict[str, Any]) -> Rows | None:
    """The rows inside an object; None when it is no table.

    Knows: one list of rows under any name, columns as lists, columns as objects by row number
    (pandas), rows by their number or id, names and rows apart (pandas' "split"), and the messages
    of a chat beside who takes part in it.
    """
    inner = list(value.values())
    if inner and all(isinstance(item, dict) for item in inner):
        return _of_objects(value)
    lists = [item for item in inner if isinstance(item, list)]
    if len(lists) == 1:
        return lists[0]
    for names in lists:
        for rows in lists:
            if names and rows and _fits(names, rows=rows):
                return [dict(zip(names, row, strict=True)) for row in rows]
    said = value.get("messages")
    if isinstance(said, list) and said and all(isinstance(item, dict) for item in said):
        return said
    if lists and len(lists) == len(inner) and len({len(item) for item in lists}) == 1:
        return [dict(zip(value, cells, strict=True)) for cells in zip(*lists, strict=True)]
    return None


def _fits(names: Rows, *, rows: Rows) -> bool:
    """Whether these are names of columns, and those rows as wide."""
    return all(isinstance(name, str) for name in names) and all(
        isinstance(row, list) and len(row) == len(names) for row in rows
    )


def _of_objects(value: dict[str, dict[str, Any]]) -> Rows | None:
    """Rows by number or id where the outer keys are such, else columns that have them inside."""
    keys = dict.fromkeys(key for inner in value.values() for key in inner)
    by_row = _numbered(value) or (not _numbered(keys) and len(value) > len(keys))
    if by_row:
        plain = _numbered(value) or "id" in keys
        return [row if plain else {"id": key} | row for key, row in value.items()]
    rows = [{name: column.get(key) for name, column in value.items()} for key in keys]
    return rows if all(len(column) == len(keys) for column in value.values()) else None


def _numbered(keys: dict[str, Any]) -> bool:
    return all(key.isdecimal() for key in keys)


def named(rows: Rows) -> Rows:
    """Lists of cells as objects, by the first one where it holds names, else numbered."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows[:200]]
    width = max(map(len, rows), default=0)
    headed = len(texts) > 1 and len(texts[0]) == width and is_header(texts[0], rows=texts[1:])
    names = texts[0] if headed else [f"column {n}" for n in range(1, width + 1)]
    return [dict(zip(names, row, strict=False)) for row in rows[headed:]]
