"""Cells of a csv that a spreadsheet may open: no text in it becomes a formula there."""

import re

# Digits and what stands between them in numbers, dates and phone numbers calls no function.
_HARMLESS = re.compile(r"[+-][\d\s.,:/()%-]*")


def guarded(cell: str) -> str:
    """The cell with ' before it when a spreadsheet would run it.

    That is when its first sign after blanks is one of = + - @; numbers such as -3.5 or
    +49 30 1234 stay as they are. A message from outside may hold =HYPERLINK(...).
    """
    start = cell.lstrip()
    if start[:1] in {"=", "@"}:
        return f"'{cell}"
    if start[:1] in {"+", "-"} and not _HARMLESS.fullmatch(start):
        return f"'{cell}"
    return cell
