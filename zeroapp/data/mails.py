"""Mail (eml, mbox) as rows: what was newly written. Quoted replies and signatures are cut off."""

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.data.code_pages import legacy
from zeroapp.data.doctor import Notes
from zeroapp.data.encoding import Scanned, tell_letters
from zeroapp.data.faults import reading
from zeroapp.data.gate import without_rows
from zeroapp.data.listed import ListedTable
from zeroapp.data.pages import text_of_html
from zeroapp.data.table import TableRow, aside
from zeroapp.dataset import SetAside

COLUMNS = ("text", "subject", "from", "date")
MAX_MESSAGE = 25 << 20
_LOOK_AT = 50_000
"""Characters of a mail in which quotes and signatures are looked for."""

_LONGEST = 4000
"""Characters of a header that are read. The parser's time grows with their square: 28,000 quotation
marks in one took it 18 seconds.
"""


def _read_header(name: str, value: str) -> Any:
    return policy.default.header_factory(name, value[:_LONGEST])


_POLICY = policy.default.clone(header_factory=_read_header)

_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da"]
_FROM = re.compile(rb"^From \S.*\d{2}:\d{2}")
_BOX = re.compile(
    rb"From \S*.*\d{2}:\d{2}.*\r?\n[A-Za-z][A-Za-z-]+:[ \t].*\r?\n[A-Za-z][A-Za-z-]+:[ \t]"
)
_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
"""Two dashes alone on a line: RFC 3676, 4.3."""
_FORWARDED = re.compile(
    r"^-{3,} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine"
    r"|Mensaje original|Messaggio originale) ?-{3,}.*",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_LOST = "\ufffd"
_LARGE = "The mail is larger than 25 MB."
_NO_TEXT = "The mail has no text, only attachments or pictures."
_ONLY_QUOTES = "The mail holds only what it quotes or a signature."
_BLANKS = re.compile(r"(?:[ \t\r]*\n){3,}")
"""Many blank lines: the parser's patterns take seconds for a few hundred of them."""

_LONG = 500
_LONG_LINE = re.compile("\ue000(\\d+)\ue000")
_BROKEN = "The mail is damaged and cannot be taken apart."

Message = tuple[int, bytes]


def open_mails(path: Path, *, scanned: Scanned, off: frozenset[str]) -> ListedTable:
    """A row for each mail. Raises DataError("no-rows"). One mail at a time is in memory."""

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, data in _messages(path):
            yield mail_row(path.name, data, line=line, notes=notes)

    notes = Notes(path.name, off=off)
    if next(rows(notes.fresh()), None) is None:
        raise without_rows(path)
    mine = msgspec.structs.replace(scanned, encoding="utf-8")
    return ListedTable(path, scanned=mine, columns=COLUMNS, rows=rows, notes=notes)


def is_mailbox(scanned: Scanned) -> bool:
    """Whether a file without an ending is a mailbox, as Thunderbird keeps them."""
    return _BOX.match(scanned.head) is not None


def mail_row(file: str, data: bytes, *, line: int, notes: Notes) -> TableRow | SetAside:
    """The mail in `data` as a row, or the reason why there is none."""
    if len(data) > MAX_MESSAGE:
        return aside(file, line=line, reason=_LARGE, raw=data[:200].decode("utf-8", "replace"))
    try:
        message = BytesParser(policy=_POLICY).parsebytes(data)
        subject, sender, date = (_header(message, name) for name in ("subject", "from", "date"))
        whole = _text(message, notes=notes).replace("\r\n", "\n")
    except (MessageError, LookupError, ValueError, AttributeError, TypeError, RecursionError):
        # The standard parser is lenient, yet hostile headers still trip it in these ways.
        return aside(file, line=line, reason=_BROKEN, raw=data[:200].decode("utf-8", "replace"))
    text = latest(whole) if notes.wants("quoted-replies") else whole.strip()
    if not text:
        reason = _ONLY_QUOTES if whole.strip() else _NO_TEXT
        return aside(file, line=line, reason=reason, raw=subject)
    if len(text) < len(whole.strip()):
        notes.add("quoted-replies", change=(whole.strip()[-160:], text[-160:]))
    return TableRow(line, {"text": text, "subject": subject, "from": sender, "date": date})


def latest(text: str) -> str:
    """What was newly written in a mail, without what it quotes and without its signature.

    Knows the reply lines of ten languages. Cannot see a quote that nothing marks.
    """
    from mailparser_reply import EmailReplyParser

    near = _FORWARDED.sub("", text.replace("\r\n", "\n")[:_LOOK_AT])
    long: list[str] = []
    lines = (_folded(line, long) for line in _BLANKS.sub("\n\n", near).split("\n"))
    try:
        replies = EmailReplyParser(languages=_LANGUAGES).read("\n".join(lines)).replies
        found = _LONG_LINE.sub(lambda m: long[int(m[1])], str(replies[0].body)) if replies else near
    except (ValueError, IndexError, AttributeError):
        found = near
    return _QUOTED.sub("", _SIGNATURE.sub("", found)).strip()


def _folded(line: str, long: list[str]) -> str:
    """A line, or a sign for one that is too long to be a reply line; long keeps those.

    The parser's patterns take minutes for a line of a few thousand words.
    """
    if len(line) <= _LONG and "\ue000" not in line:
        return line
    long.append(line)
    return f"\ue000{len(long) - 1}\ue000"


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split()).replace("\0", "")


def _text(message: EmailMessage, *, notes: Notes) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except LookupError:  # a code page nobody knows
        content = _LOST
    payload = part.get_payload(decode=True)
    if _LOST in content and isinstance(payload, bytes):  # not written as the mail says
        content = _decoded(payload, notes=notes)
    text = str(content).encode("utf-8", "replace").decode().replace("\0", "")
    return text_of_html(text) if part.get_content_subtype() == "html" else text


def _decoded(payload: bytes, *, notes: Notes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        page = legacy(payload)
        if notes.wants("encoding"):
            tell_letters(notes.add, payload, encoding=page)
            return payload.decode(page, "replace")
        return payload.decode("utf-8", "replace")


def _messages(path: Path) -> Iterator[Message]:
    """Line and bytes of every mail; of one that is too large, just more than is allowed."""
    if path.suffix.lower() == ".eml":
        with reading(path), path.open("rb") as file:
            yield 1, file.read(MAX_MESSAGE + 1)
        return
    lines: list[bytes] = []
    size, start, blank = 0, 1, True
    with reading(path), path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_MESSAGE):
            number += 1
            if blank and _FROM.match(line[:_LONG]):
                if lines:
                    yield start, b"".join(lines)
                lines, size, start = [], 0, number
            elif size <= MAX_MESSAGE:
                lines.append(line[1:] if line.startswith(b">From ") else line)
                size += len(line)
            blank = not line.strip()
    if any(map(bytes.strip, lines)):
        yield start, b"".join(lines)
