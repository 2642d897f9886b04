"""Which older encoding bytes are written in, and how encodings are called. Knows no files.

The only file that imports chardet.
"""

import codecs
import re
from collections.abc import Sequence

from zeroapp.data.language import Languages, guess_language
from zeroapp.errors import UsageError

_WEST, _EAST = "Western Europe", "Central Europe"
NAMES = {
    "utf-8": "Unicode",
    "utf-16": "Unicode",
    "utf-7": "Unicode in letters of mail",
    **dict.fromkeys(("cp1252", "iso8859-15", "mac_roman", "cp850", "cp437"), _WEST),
    **dict.fromkeys(("cp1250", "iso8859-2", "mac_latin2", "cp852"), _EAST),
    **dict.fromkeys(("mac_croatian",), "Croatian"),
    **dict.fromkeys(("iso8859-16", "mac_romanian"), "Romanian"),
    **dict.fromkeys(("cp1257", "iso8859-13", "iso8859-4", "cp775"), "Baltic"),
    **dict.fromkeys(("cp1254", "mac_turkish", "cp857"), "Turkish"),
    **dict.fromkeys(("iso8859-10", "cp865"), "Nordic"),
    **dict.fromkeys(("mac_iceland", "cp861"), "Icelandic"),
    **dict.fromkeys(("cp860",), "Portuguese"),
    **dict.fromkeys(("cp863",), "French of Canada"),
    **dict.fromkeys(
        ("cp1251", "koi8_r", "iso8859-5", "mac_cyrillic", "cp866", "cp855"), "Cyrillic"
    ),
    **dict.fromkeys(("koi8_u", "cp1125"), "Ukrainian"),
    **dict.fromkeys(("cp1253", "iso8859-7", "mac_greek", "cp737", "cp869"), "Greek"),
    **dict.fromkeys(("cp1255", "iso8859-8", "cp862"), "Hebrew"),
    **dict.fromkeys(("cp1256", "iso8859-6", "cp720", "mac_arabic", "cp864"), "Arabic"),
    "cp1258": "Vietnamese",
    "cp874": "Thai",
    **dict.fromkeys(("gb18030", "hz"), "Chinese, simplified"),
    "big5hkscs": "Chinese, traditional",
    **dict.fromkeys(("cp932", "euc_jis_2004", "iso2022_jp_ext"), "Japanese"),
    **dict.fromkeys(("cp949", "johab", "iso2022_kr"), "Korean"),
}
"""What can be chosen, by Python's names, and whose letters each holds."""

_MAKERS = (("mac_", "Mac"), ("cp125", "Windows"), ("cp874", "Windows"), ("iso", "ISO"))
_MANY_BYTES = frozenset({"cp932", "cp949"})

_PAGES = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro"), "cp1250"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    "tr": "cp1254",
}
"""The Windows code page of languages in Latin letters; cp1252 for all others."""

_WIDER = {
    **dict.fromkeys(("ascii", "iso8859-1", "iso8859-14"), "cp1252"),
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "cp858": "cp850",
    "euc_kr": "cp949",
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
}
"""What holds all letters of another encoding and some more: lines further on may need them."""

_NOT_LINES = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"),
    *("iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr", "hz", "utf-7"),
    "iso8859-15",
)
"""What was ruled out before, or is written in ASCII alone: no such lines are left to be guessed.
ISO-8859-15 is cp1252 but for a few signs, see `_western`."""

_KIN = {
    "sk": "cs",
    "sl": "hr",
    "sr": "hr",
    "bs": "hr",
    "nb": "da",
    "no": "da",
    "sv": "da",
}
"""Languages that short texts are mistaken for, in the same pages."""

_OLDER = ("mac_roman", "cp850", "cp437", "cp860")
"""What stood in the place of cp1252 on a Mac and under DOS."""

_OWN_LETTERS = {
    "de": "äöüßÄÖÜ",
    "fr": "éèêëàâçùûôîïœÉÈÀÇ’",
    "es": "áéíóúñüÁÉÍÓÚÑ¿¡",
    "it": "àèéìòùÈ’",
    "pt": "ãõáéíóúâêôçàÁÉÃ",
    "nl": "éëèïóöü",
    **dict.fromkeys(("sv", "fi"), "åäöÅÄÖ"),
    **dict.fromkeys(("da", "nb", "no"), "æøåÆØÅ"),
    "en": "“”‘’–—…£€éèêëàçïöüñ°©®™½",
}
"""By language what most signs beyond ASCII are; ’ stands within words, English borrows."""

_SURE, _OFTEN = 0.5, 3
_SOME, _NEARLY_ALL = 0.5, 0.9
_JUDGED = 20_000
_HIGH_RUN = re.compile(rb"[\x80-\xff](?:[@-~]?[\x80-\xff]){3,}|[\x80-\xff]{2,}")
"""With single ASCII bytes between: the second half of a sign, as Big5 and Shift JIS have it."""
_WITHIN = re.compile(rb"(?<=[A-Za-z\x80-\xff])[\x80-\xff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x80-\x9f]")
_SHIFTED = re.compile(rb"\x1b\$[B@]|\x1b\$\)C|~\{[!-~]{2,}?~\}|\+[A-Za-z0-9+/]{3,}")
_UTF7 = re.compile(rb"\+([A-Za-z0-9+/]+)-?")


def named(encoding: str) -> str:
    """What an encoding is called, as “Polish of DOS (cp852)”."""
    whose = NAMES.get(encoding)
    if whose is None:
        return encoding
    makers = (maker for start, maker in _MAKERS if encoding.startswith(start))
    old = "DOS" if encoding.startswith("cp") and encoding not in _MANY_BYTES else ""
    maker = next(makers, old)
    return f"{whose}, {maker} ({encoding})" if maker else f"{whose} ({encoding})"


def chosen(name: str) -> str:
    """An encoding that somebody named, as in `NAMES`. Raises UsageError("unknown-encoding")."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    plain = {codecs.lookup(one).name: one for one in NAMES}
    wider = _WIDER.get(known, known)
    if found := plain.get(known) or plain.get(codecs.lookup(wider).name if wider else ""):
        return found
    raise UsageError(
        "unknown-encoding",
        title=f"“{name}” is no encoding that is known here.",
        hint=f"These are: {', '.join(NAMES)}. Nothing was changed.",
    )


def shifted(head: bytes) -> str | None:
    """The encoding of a text whose letters are written in ASCII alone, as old mail does; or None.

    Every escape has to decode to letters: “+420-” of a telephone number is none.
    """
    if not _SHIFTED.search(head):
        return None
    for encoding, mark in (("iso2022_jp_ext", b"\x1b$"), ("iso2022_kr", b"\x1b$)C"), ("hz", b"~{")):
        if mark in head and _decodes(head, encoding):
            return encoding
    escapes = set(_UTF7.findall(head))
    texts = [_decoded(b"+" + escape + b"-", "utf-7") for escape in escapes]
    legible = all(text and text.isprintable() and not text.isascii() for text in texts)
    letters = "".join(texts)
    mostly = 2 * sum(map(str.isalpha, letters)) > len(letters)
    several = len(escapes) >= _OFTEN
    return "utf-7" if several and legible and mostly and _decodes(head, "utf-7") else None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return ""


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether a file's beginning, perhaps cut within a sign, is such a text with its letters."""
    try:
        return not codecs.getincrementaldecoder(encoding)().decode(head).isascii()
    except UnicodeError:
        return False


def legacy(lines: bytes) -> str:
    """The encoding of lines that are not UTF-8, of Windows, ISO, Mac or DOS.

    In Latin letters the special ones stand alone, in other scripts they stand together. For the
    latter chardet is reliable from two lines on. For the former it errs on a few words ("déjà vu"
    is Cyrillic to it), and finds several pages alike for languages of the west: there their
    letters decide, elsewhere it counts when the text, read so, is in the language it says.
    """
    found, language = _detected(lines)
    together = sum(len(_HIGH.findall(run)) for run in _HIGH_RUN.findall(lines))
    if 2 * together > len(_HIGH.findall(lines)):
        return found or "cp1252"
    text = lines[:_JUDGED].decode(found or "cp1252", "replace")
    code, sure = Languages().of(text)
    if code in _OWN_LETTERS:
        return _western(lines, letters=_OWN_LETTERS[code])
    same = _KIN.get(code, code) == _KIN.get(language, language)
    if found and same and sure >= _SURE and _enough([c for c in text if not c.isascii()], lines):
        return found
    texts = lines.decode("cp1252", errors="replace").splitlines()
    page = _PAGES.get(guess_language(texts[:200]), "cp1252")
    # Windows has letters where ISO has controls, which no text holds.
    return "iso8859-2" if page == "cp1250" and not _CONTROL.search(lines) else page


def _western(lines: bytes, *, letters: str) -> str:
    """cp1252, unless few signs are letters of the language there and nearly all are in a page that
    Macs or DOS had; or ISO-8859-15, which has € where cp1252 has a sign that nobody uses.
    """
    high = b"".join(_HIGH.findall(lines))
    shares = {}
    for page in ("cp1252", *_OLDER):
        found = [sign for sign in high.decode(page, "replace") if sign in letters]
        shares[page] = len(found) / len(high) if _enough(found, lines) else 0.0
    best = max(_OLDER, key=lambda page: shares[page])
    if shares[best] > _NEARLY_ALL and shares["cp1252"] < _SOME:
        return best
    return "iso8859-15" if b"\xa4" in high and not _CONTROL.search(lines) else "cp1252"


def _enough(signs: Sequence[str], lines: bytes) -> bool:
    """Whether there are letters beyond English to tell by: two, or one that comes often and always
    behind another letter, where quotes and dashes are not.
    """
    within = len(_WITHIN.findall(lines)) == len(_HIGH.findall(lines))
    return len(set(signs)) > 1 or (within and len(signs) >= _OFTEN)


def _detected(lines: bytes) -> tuple[str, str]:
    """The encoding and the language that chardet finds, "" for none."""
    from chardet import EncodingEra, detect  # only old files need it

    found = detect(
        lines,
        encoding_era=EncodingEra.ALL & ~EncodingEra.MAINFRAME,
        exclude_encodings=_NOT_LINES,
        prefer_superset=False,
        compat_names=False,
    )
    encoding = (found["encoding"] or "").replace("mac-", "mac_").replace("koi8-", "koi8_")
    return _WIDER.get(encoding, encoding), found["language"] or ""
