"""Exports of WhatsApp and Slack as rows: a message each, with who, when and where."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned
from zeroapp.data.faults import reading
from zeroapp.data.lines import Lines
from zeroapp.data.listed import ListedTable
from zeroapp.data.table import MAX_FIELD, TableRow, aside
from zeroapp.dataset import SetAside

_DATE = r"\d{1,4}\u200f?(?:[./-]|\. )\d{1,2}\u200f?(?:[./-]|\. )\d{2,4}\.?"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[^\W\d_]\.?(?:\s?[^\W\d_]\.?)?)?"
_TIME = rf"{_DATE}[,،]?\s+(?:[^\W\d_]{{1,4}}\.?\s*)?{_CLOCK}"
"""A word may stand before the time of day (à, klo, 上午), a short one behind it (AM, a. m., ص)."""

_MESSAGE = re.compile(
    rf"^[\u200e\u200f\ufeff]*(?:\[({_TIME})\]|({_TIME})\s+[-–])\s+(?:([^:\n]{{1,80}}?):\s)?(.*)$",
    re.IGNORECASE,
)
_OMITTED = re.compile(
    r"^[\u200e\u200f]*<[^<>]{3,60}>$|^[\u200e\u200f]+.{3,60}$"
    r"|\((?:file attached|Datei angehängt)\)$",
)
_NOTICE = "A notice of WhatsApp itself, no message."
_PICTURE = "A picture or sound that was left out of the export."
_BEFORE = "It stands before the first message."
_LOOK_AT = 40
_ENOUGH = 3
_SHARE = 0.4


def is_whatsapp(scanned: Scanned) -> bool:
    """Whether a text begins like an exported chat: dates and names in front of its lines."""
    lines = scanned.head[: 1 << 14].decode(scanned.encoding, "replace").splitlines()[:_LOOK_AT]
    found = [match for line in lines if (match := _MESSAGE.match(line))]
    named = sum(bool(match[3]) for match in found)
    return named >= _ENOUGH and len(found) >= _SHARE * sum(bool(line.strip()) for line in lines)


def open_whatsapp(path: Path, *, scanned: Scanned, off: frozenset[str]) -> ListedTable:
    """A row for each message, its further lines included; notices and left-out media are set
    aside.
    """

    def rows(_: Notes) -> Iterator[TableRow | SetAside]:
        for number, said in _messages(path, encoding=scanned.encoding):
            yield _whatsapp_row(path.name, number, said)

    columns = ("text", "sender", "sent")
    notes = Notes(path.name, off=off)
    return ListedTable(path, scanned=scanned, columns=columns, rows=rows, notes=notes)


def _messages(path: Path, *, encoding: str) -> Iterator[tuple[int, str]]:
    """Line and text of each message, head and all its lines; nothing grows without end."""
    waiting, start, size = "", 0, 0
    with reading(path), Lines(path, encoding=encoding) as lines:
        for text in lines:
            number = lines.record.pop().number
            if _MESSAGE.match(text):
                if waiting:
                    yield start, waiting
                waiting, start, size = text, number, 0
            elif waiting and size < MAX_FIELD:
                waiting, size = waiting + text, size + len(text)
            elif text.strip() and not waiting:
                yield number, text
    if waiting:
        yield start, waiting


def _whatsapp_row(file: str, line: int, text: str) -> TableRow | SetAside:
    legible = text.replace("\0", "").encode("utf-8", "replace").decode()
    first, _, more = legible.partition("\n")
    found = _MESSAGE.match(first)
    if found is None:
        return aside(file, line=line, reason=_BEFORE, raw=text)
    bracketed, bare, author, said = found.groups()
    if not author:
        return aside(file, line=line, reason=_NOTICE, raw=text)
    if _OMITTED.search(said):
        return aside(file, line=line, reason=_PICTURE, raw=text)
    whole = f"{said}\n{more}".strip().strip("\u200e\u200f")
    cells = {"text": whole, "sender": author.strip("~ \u202a\u202c"), "sent": bracketed or bare}
    return TableRow(line, cells)


# --- Slack ---------------------------------------------------------------------------------------

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}\.json$")
_MENTION = re.compile(r"<@([A-Z0-9]{3,20})(?:\|[^>]*)?>")
_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")
_SYSTEM = "A notice of Slack itself, no message."
_EMPTY = "The message has no text."
_NO_LIST = "This day's file is not a list of messages."
_MAX_DAY = 64 << 20

_NAMES = ("real_name", "name", "id")


def is_slack(folder: Path) -> bool:
    """Whether a folder is an unpacked Slack export: users.json beside folders of days."""
    return (folder / "users.json").is_file() and any(days_of(folder))


def days_of(folder: Path) -> Iterator[Path]:
    """The files with a channel's messages of a day, in order."""
    return (f for f in sorted(folder.glob("*/*.json")) if _DAY.match(f.name) and f.is_file())


def slack_table(folder: Path, *, scanned: Scanned, notes: Notes, path: Path) -> ListedTable:
    """A row for each message. Its line counts the messages over all days, in order."""
    files = list(days_of(folder))
    names = _people(folder / "users.json")

    def rows(_: Notes) -> Iterator[TableRow | SetAside]:
        line = 0
        for file in files:
            for message in _day(file):
                line += 1
                yield _slack_row(notes.file, line, message, file=file, names=names)

    columns = ("text", "sender", "channel", "sent", "thread")
    return ListedTable(path, scanned=scanned, columns=columns, rows=rows, notes=notes)


def _people(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for user in _day(file):
        if isinstance(user, dict) and isinstance(user.get("id"), str):
            known = (user.get(key) for key in _NAMES)
            found[user["id"]] = next((n for n in known if isinstance(n, str) and n), user["id"])
    return found


def _day(file: Path) -> Sequence[Any]:
    with reading(file):
        if file.stat().st_size > _MAX_DAY:
            return [None]
        data = file.read_bytes()
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return [None]
    return found if isinstance(found, list) else [None]


def _slack_row(
    table: str, line: int, message: Any, *, file: Path, names: dict[str, str]
) -> TableRow | SetAside:
    place = f"{file.parent.name}/{file.name}"
    if not isinstance(message, dict):
        return aside(table, line=line, reason=_NO_LIST, raw=place)
    if message.get("subtype") not in (None, "thread_broadcast", "bot_message", "me_message"):
        return aside(table, line=line, reason=_SYSTEM, raw=f"{place}: {message.get('text', '')}")
    said = message.get("text")
    if not isinstance(said, str) or not said.strip():
        return aside(table, line=line, reason=_EMPTY, raw=place)
    text = _MENTION.sub(lambda found: f"@{names.get(found[1], found[1])}", said)
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    who = str(message.get("user") or message.get("username") or "")
    cells = {
        "text": text.replace("\0", ""),
        "sender": names.get(who, who),
        "channel": file.parent.name,
        "sent": _moment(message.get("ts")),
        "thread": str(message.get("thread_ts") or ""),
    }
    return TableRow(line, cells)


def _moment(stamp: Any) -> str:
    try:
        return datetime.fromtimestamp(float(stamp), tz=UTC).isoformat(" ", "seconds")
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
