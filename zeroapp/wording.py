"""Numbers, lists and commands as people write them. Knows words, nothing of data."""

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePath, PureWindowsPath


def many(count: int, noun: str, *, verbs: tuple[str, str] = ("", "")) -> str:
    """One row is "1 row", more are "2,500 rows"; `noun` is the singular and takes an s.

    verbs: what follows one and what follows more, such as ("is", "are").
    """
    one, more = verbs
    words = (f"{count:,}", noun, one) if count == 1 else (f"{count:,}", f"{noun}s", more)
    return " ".join(word for word in words if word)


def quoted(names: Sequence[str], *, limit: int = 3) -> str:
    """“a”, “b”, “c” and 4 more."""
    shown = ", ".join(f"“{name}”" for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more:,} more" if more > 0 else shown


def short(text: str, *, limit: int = 120) -> str:
    """The text on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def typed(path: PurePath) -> str:
    """The path as one word of a command, quoted where the shells of its system need that."""
    if not isinstance(path, PureWindowsPath):
        return shlex.quote(str(path))
    # No path holds a quotation mark there; cmd and PowerShell both take these.
    return str(path) if re.fullmatch(r"[\w.:\\~-]+", str(path)) else f'"{path}"'
