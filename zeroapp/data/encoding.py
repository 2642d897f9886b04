"""How the bytes of a text file become characters."""

import codecs
import hashlib
import re
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from zeroapp.data.code_pages import legacy, named, shifted

_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_ASCII = bytes(range(0x80))


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass over a file's bytes shows.

    encoding is a name Python knows; chosen: somebody named it. guessed: nothing but its letters
    says so, which may err.
    """

    size: int
    sha256: str
    encoding: str
    head: bytes
    chosen: bool = False

    @property
    def guessed(self) -> bool:
        """Whether the encoding is one that can only be guessed."""
        return not self.encoding.startswith(("utf-8", "utf-16", "utf-32"))

    @property
    def doubtful(self) -> bool:
        """Whether a person is told how the letters were read, since others may be right."""
        return self.guessed or self.chosen


class _Tally:
    """How well UTF-8 fits: characters beyond ASCII that fit, bytes that do not."""

    def __init__(self) -> None:
        self.good = 0
        self.bad = 0
        self.lines = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def add(self, block: bytes, *, last: bool) -> None:
        text = self._decoder.decode(block, last)
        if text.isascii():
            return
        bad = len(_ESCAPED.findall(text)) if _escaped(text) else 0
        self.bad += bad
        ascii_only = len(block) - len(block.translate(None, _ASCII))
        self.good += len(text) - ascii_only - bad
        if bad and len(self.lines) < _SAMPLE:
            found = b"\n".join(line for line in block.splitlines() if not line.isascii())
            self.lines += found[: _SAMPLE - len(self.lines)] + b"\n"


def scan(
    path: Path,
    *,
    watch: Callable[[int], None] | None = None,
    off: Collection[str] = (),
    encoding: str = "",
) -> Scanned:
    """Read the whole file once: its size, hash and encoding. watch is told the bytes read so far.

    encoding: the one that somebody chose. off: with "encoding" in it an older one is not guessed.

    UTF-8 wins when more of its characters fit than bytes do not; then the few lines that do not
    fit are unreadable. Cannot tell relatives apart for certain (cp1252, latin-1, cp850, cp437).
    """
    digest = hashlib.sha256()
    tally = _Tally()
    head = b""
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            head = head or block[:_SAMPLE]
            size += len(block)
            digest.update(block)
            tally.add(block, last=False)
            if watch:
                watch(size)
    tally.add(b"", last=True)
    found = Scanned(
        size=size,
        sha256=digest.hexdigest(),
        encoding=encoding or _choose(head, tally=tally),
        head=head,
        chosen=bool(encoding),
    )
    if found.guessed and not found.chosen and "encoding" in off:
        return msgspec.structs.replace(found, encoding="utf-8")
    return found


def _choose(head: bytes, *, tally: _Tally) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _without_mark(head):
        return wide
    if head.isascii() and (seven_bits := shifted(head)):
        return seven_bits
    if tally.good >= tally.bad:
        return "utf-8"
    return legacy(bytes(tally.lines))


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark shows as a zero in nearly every second byte."""
    pairs = len(head) // 2
    if pairs < 4:  # noqa: PLR2004 - too little to see a pattern
        return None
    if head[1::2].count(0) > 0.4 * pairs and head[::2].count(0) < 0.05 * pairs:
        return "utf-16-le"
    if head[::2].count(0) > 0.4 * pairs and head[1::2].count(0) < 0.05 * pairs:
        return "utf-16-be"
    return None


def tell_letters(tell: Callable[..., None], data: bytes, *, encoding: str) -> None:
    """Say how letters were read, with a line that shows it; tell: such as `Notes.add`."""
    tell("encoding", word=named(encoding), change=_letters_of(data, encoding=encoding))


def _letters_of(data: bytes, *, encoding: str) -> tuple[str, str]:
    """A line with letters beyond English: its bytes as UTF-8, which they are not, and as read."""
    for line in data.splitlines():
        after = line.decode(encoding, "replace")
        if not after.isascii():
            return line.decode("utf-8", "replace"), after
    return "", ""


def _escaped(text: str) -> bool:
    """Whether bytes that could not be decoded are in it (as lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def broken(text: str, *, encoding: str) -> bool:
    """Whether a decoded line holds bytes that are no characters of `encoding`."""
    # The wide encodings are decoded with "replace": their broken bytes can be ASCII, which
    # surrogateescape refuses to carry.
    if is_wide(encoding):
        return "\ufffd" in text
    return _escaped(text)


def is_wide_head(head: bytes) -> bool:
    """Whether a file starts like UTF-16 or UTF-32, where zero bytes are part of letters."""
    marks = [encoding for mark, encoding in _MARKS if head.startswith(mark)]
    return bool(_without_mark(head)) or any(map(is_wide, marks))


def is_wide(encoding: str) -> bool:
    """Whether a character takes two or four bytes."""
    return encoding.startswith(("utf-16", "utf-32"))


def on_error(encoding: str) -> str:
    """How `open` should treat bytes that do not fit; `broken` finds them again."""
    return "replace" if is_wide(encoding) else "surrogateescape"
