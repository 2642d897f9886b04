"""How the bytes of a text file become characters. The only file that imports chardet."""

import codecs
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from zeroapp.data.language import guess_language

_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGES = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro"), "cp1250"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    "tr": "cp1254",
}
"""The Windows code page of languages in Latin letters; cp1252 for all others."""

_WIDER = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "euc_kr": "cp949",
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
}
"""What holds all letters of another encoding and some more: lines further on may need them."""

_NO_BYTES = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"),
    *("iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext"),
)
"""What was ruled out before, or is written in ASCII alone: no such lines are left to be guessed."""

_OLDER = ("mac_roman", "cp850", "cp437")
"""What stood in the place of cp1252 on a Mac and under DOS."""

_OWN_LETTERS = {
    "de": "äöüßÄÖÜ",
    "fr": "éèêëàâçùûôîïœÉÈÀÇ’",
    "es": "áéíóúñüÁÉÍÓÚÑ¿¡",
    "it": "àèéìòùÈ’",
    "pt": "ãõáéíóúâêôçàÁÉÃ",
    **dict.fromkeys(("sv", "fi"), "åäöÅÄÖ"),
    **dict.fromkeys(("da", "nb", "no"), "æøåÆØÅ"),
}
"""By language what most signs beyond ASCII are; ’ stands within words there."""

_JAPANESE = re.compile(rb"\x1b\$[B@]")

_ESCAPED = re.compile("[\udc80-\udcff]")
_SOME, _NEARLY_ALL = 0.2, 0.9
_HIGH_RUN = re.compile(rb"[\x80-\xff](?:[@-~]?[\x80-\xff]){3,}|[\x80-\xff]{2,}")
"""With single ASCII bytes between: the second half of a sign, as Big5 and Shift JIS have it."""
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x80-\x9f]")
_ASCII = bytes(range(0x80))


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass over a file's bytes shows. encoding is a name Python knows."""

    size: int
    sha256: str
    encoding: str
    head: bytes


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


def scan(path: Path, *, watch: Callable[[int], None] | None = None) -> Scanned:
    """Read the whole file once: its size, hash and encoding. watch is told the bytes read so far.

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
    return Scanned(
        size=size, sha256=digest.hexdigest(), encoding=_choose(head, tally=tally), head=head
    )


def _choose(head: bytes, *, tally: _Tally) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _without_mark(head):
        return wide
    if head.isascii() and _JAPANESE.search(head):
        return "iso2022_jp_ext"  # as mail from Japan is written: in ASCII alone, with signs between
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


def legacy(lines: bytes) -> str:
    """The encoding of lines that are not UTF-8, of Windows, ISO or DOS.

    In Latin letters the special ones stand alone, in other scripts they stand together. For the
    latter chardet is reliable from two lines on; for the former it errs on a few words ("déjà vu"
    is Cyrillic to it), so there the language decides.
    """
    together = sum(len(_HIGH.findall(run)) for run in _HIGH_RUN.findall(lines))
    if 2 * together > len(_HIGH.findall(lines)):
        return _by_letters(lines)
    texts = lines.decode("cp1252", errors="replace").splitlines()
    language = guess_language(texts[:200])
    if language in _OWN_LETTERS:
        return _older(lines, letters=_OWN_LETTERS[language])
    page = _PAGES.get(language, "cp1252")
    # Windows has letters where ISO has controls, which no text holds.
    return "iso8859-2" if page == "cp1250" and not _CONTROL.search(lines) else page


def _older(lines: bytes, *, letters: str) -> str:
    """cp1252, unless hardly a sign is a letter of the language there and nearly all are in a page
    that Macs or DOS had. Quotes and dashes alone never are: no page has several letters there.
    """
    high = b"".join(_HIGH.findall(lines))
    shares = {}
    for page in ("cp1252", *_OLDER):
        found = [sign for sign in high.decode(page, "replace") if sign in letters]
        shares[page] = len(found) / len(high) if len(set(found)) > 1 else 0.0
    best = max(_OLDER, key=lambda page: shares[page])
    return best if shares["cp1252"] < _SOME and shares[best] > _NEARLY_ALL else "cp1252"


def _by_letters(lines: bytes) -> str:
    from chardet import EncodingEra, detect  # only old files need it

    era = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO | EncodingEra.DOS
    found = detect(
        lines,
        encoding_era=era,
        exclude_encodings=_NO_BYTES,
        prefer_superset=False,
        compat_names=False,
    )["encoding"]
    return _WIDER.get(found or "", found or "cp1252")


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
