"""A folder of texts as one table: a row for each file, the kind from the folders it lies in."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from zeroapp.checksum import sha256_of
from zeroapp.data.columns import PARTS
from zeroapp.data.doctor import Notes
from zeroapp.data.documents import open_document, whole_text
from zeroapp.data.encoding import Scanned, scan, tell_letters
from zeroapp.data.faults import reading
from zeroapp.data.finding import Kind, Source, spread_out
from zeroapp.data.gate import DOCUMENTS, PLAIN, admit, reason_of
from zeroapp.data.listed import ListedTable
from zeroapp.data.mails import mail_row
from zeroapp.data.messengers import slack_table
from zeroapp.data.table import MAX_FIELD, TableRow, aside
from zeroapp.dataset import Cells, SetAside
from zeroapp.errors import DataError

_NO_TEXT = "The file holds no text."
_LONG = "The text has more than a million characters."
_DAMAGED = "The file could not be read: {}"


def open_folder(source: Source, *, off: frozenset[str], encoding: str = "") -> ListedTable:
    """The texts or the Slack messages of a folder. A row's line is its number, in order of names.

    A file that cannot be read is set aside with its reason. Raises what `reading` raises.
    """
    scanned = msgspec.structs.replace(scanned_whole(source), encoding=encoding)
    notes = Notes(source.origin.name, off=off)
    if source.kind is Kind.slack:
        return slack_table(source.path, scanned=scanned, notes=notes, path=source.origin)
    places = list(spread_out(source.members, below=source.path))
    kinds = kinds_of(places, notes=notes)
    columns = ("text", *dict.fromkeys(name for kind in kinds for name in kind), "file")

    def rows(notes: Notes) -> Iterator[TableRow | SetAside]:
        for line, (file, kind) in enumerate(zip(source.members, kinds, strict=True), start=1):
            shown = file.relative_to(source.path).as_posix()
            row = _row(file, line=line, shown=shown, notes=notes, encoding=encoding)
            if isinstance(row, SetAside):
                yield row
            else:
                yield TableRow(line, {**row.cells, **kind, "file": shown})

    table = ListedTable(source.origin, scanned=scanned, columns=columns, rows=rows, notes=notes)
    table.about = len(source.members)
    return table


def kinds_of(places: Sequence[tuple[str, ...]], *, notes: Notes) -> list[Cells]:
    """For the folders of each file the cells they say: its kind, and the part it is for.

    Folders named train, test and the like are parts. A level where all files lie in the same
    folder says nothing and is passed over. Of what is left the lowest level is the kind, and
    higher ones are columns of their own. Cannot see that folders sort by something else, such as
    by month.
    """
    parts = [tuple(n for n in place if n.casefold() in PARTS) for place in places]
    rest = [tuple(n for n in place if n.casefold() not in PARTS) for place in places]
    shared = 0
    while rest and all(len(p) > shared and p[shared] == rest[0][shared] for p in rest):
        shared += 1
    if shared and notes.wants("wrong-folder"):
        deeper = [place[shared:] for place in rest]
        if any(deeper):
            at = next(n for n, place in enumerate(deeper) if place)
            notes.add("wrong-folder", change=("/".join(rest[at]), "/".join(deeper[at])))
        rest = deeper if any(deeper) else [place[-1:] for place in rest]
    deepest = max(map(len, rest), default=0)
    found = []
    for part, place in zip(parts, rest, strict=True):
        cells = {f"folder {n}": name for n, name in enumerate(place[:-1], start=1)}
        if deepest:
            cells["folder"] = place[-1] if place else ""
        if any(parts):
            cells["part"] = part[0] if part else ""
        found.append(cells)
    return found


def _row(file: Path, *, line: int, shown: str, notes: Notes, encoding: str) -> TableRow | SetAside:
    try:
        admit(file)
        cells = _cells(file, line=line, notes=notes, encoding=encoding)
    except DataError as error:
        reason = _DAMAGED.format(reason_of(error))
        return aside(notes.file, line=line, reason=reason, raw=shown)
    if isinstance(cells, SetAside):
        return cells
    if len(cells["text"]) > MAX_FIELD:
        return aside(notes.file, line=line, reason=_LONG, raw=shown)
    if not cells["text"].strip():
        return aside(notes.file, line=line, reason=_NO_TEXT, raw=shown)
    return TableRow(line, cells)


def _cells(file: Path, *, line: int, notes: Notes, encoding: str) -> Cells | SetAside:
    suffix = file.suffix.lower()
    with reading(file):
        if suffix == ".eml":
            row = mail_row(notes.file, file.read_bytes(), line=line, notes=notes)
            return row if isinstance(row, SetAside) else row.cells
        scanned = scan(file, off=notes.off, encoding=encoding)
        if suffix in PLAIN and scanned.doubtful:
            tell_letters(notes.add, scanned.head, encoding=scanned.encoding)
        if suffix in DOCUMENTS:
            return {"text": whole_text(open_document(file, scanned=scanned, off=notes.off))}
        data = file.read_bytes()[: 8 * MAX_FIELD]
    text = data.decode(scanned.encoding, "replace").replace("\0", "").replace("\r\n", "\n")
    return {"text": text.strip()}


def scanned_whole(source: Source) -> Scanned:
    """The hash over names and contents of all members."""
    whole = hashlib.sha256()
    size = 0
    for file in source.members:
        digest = ""
        with suppress(OSError):  # why it cannot be read, its row will say
            digest = sha256_of(file)
            size += file.stat().st_size
        whole.update(
            f"{file.relative_to(source.path).as_posix()}\0{digest}\n".encode("utf-8", "replace")
        )
    return Scanned(size=size, sha256=whole.hexdigest(), encoding="", head=b"")
