"""Which files are let in, and what the others are told. Looks at name, size and first bytes."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zeroapp.data.encoding import is_wide_head
from zeroapp.data.faults import reading, refuse_name
from zeroapp.errors import DataError

MAX_BYTES = 1 << 30
TABS = frozenset({".tsv", ".tab"})
JSON = frozenset({".json", ".jsonl", ".ndjson"})
SHEETS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
PARQUET = frozenset({".parquet", ".pq"})
MAIL = frozenset({".eml", ".mbox"})
ARCHIVES = frozenset({".zip"})
DOCUMENTS = frozenset({".md", ".markdown", ".docx", ".pdf", ".html", ".htm"})
TEXTS = frozenset({".txt", ".text", ".dat", ""})
TABLES = TABS | JSON | SHEETS | PARQUET | {".csv", ".mbox"}
"""Endings of files that are tables for certain; what a folder is searched for first."""

READABLE = TABLES | TEXTS | MAIL | ARCHIVES | DOCUMENTS
PLAIN = TABS | JSON | TEXTS | MAIL | frozenset({".csv", ".md", ".markdown", ".html", ".htm"})
"""Endings of files that are text through and through."""

_RUNS = frozenset({".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz", ".docm", ".dotm"})
"""Files that can run a program when they are opened."""

PAGE = "a web page"
CELLS = "plain text with cells"

_RUST = ("PanicException", "ArrowException", "Exception")
"""How libraries in Rust fail on damaged files; a panic's class has no module to import it from."""

_HEAD = 1 << 16
_KINDS = (
    (b"PK\x03\x04", "an Excel, Word or zip file"),
    (b"\xd0\xcf\x11\xe0", "an older Excel or Word file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "a database file"),
    (b"{\\rtf", "a formatted text document"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MANY = 0.3
_SOME = 0.05
_SAVE_AS = "Open it in the program it was made with and save it as CSV or text, then add that."


def admit(path: Path) -> None:
    """Let the file pass or raise.

    DataError codes: file-missing, unknown-format, unsafe-file, empty-file, file-too-large,
    not-a-table, file-name, no-permission. Takes no longer for a large file than for a small one.
    """
    refuse_name(path)
    with reading(path):
        size = path.stat().st_size
    if path.suffix.lower() in _RUNS:
        raise unsafe(path, why="can run a program hidden in it when it is opened")
    if not path.is_file() or path.suffix.lower() not in READABLE:
        raise _unknown(path)
    if size == 0:
        raise DataError(
            "empty-file",
            title=f"“{path.name}” is empty. Nothing was added.",
            hint="Save it once more from the program it comes from, or choose another file.",
        )
    if size > MAX_BYTES:
        raise _too_large(path, size=size)
    if path.suffix.lower() in PLAIN:
        with reading(path), path.open("rb") as file:
            head = file.read(_HEAD)
        refuse_binary(path, head=head)


def refuse_binary(path: Path, *, head: bytes) -> None:
    """Raise DataError("not-a-table") when the first bytes are those of another kind of file."""
    if kind := _no_text(head):
        raise DataError(
            "not-a-table",
            title=f"“{path.name}” is {kind}, so its rows cannot be read. Nothing was added.",
            hint=_SAVE_AS,
        )


def _no_text(head: bytes) -> str:
    """What a file that begins so is instead of text; "" for text."""
    kind = next((kind for mark, kind in _KINDS if head.startswith(mark)), "")
    binary = not kind and not is_wide_head(head) and _looks_binary(head)
    return "not a text file" if binary else kind


def text_inside(head: bytes) -> str:
    """What a file with a spreadsheet's name really is, when it is text: PAGE or CELLS; else "".

    Excel's own XML of 2003 is neither: its cells stand in tags that no page has.
    """
    if _no_text(head):
        return ""
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return "" if b"<Workbook" in head else PAGE
    return CELLS


def without_rows(path: Path) -> DataError:
    """The error for a file that holds column names at most."""
    return DataError(
        "no-rows",
        title=f"“{path.name}” has no rows. Nothing was added.",
        hint="Add a file with at least eight rows below the line with the column names.",
    )


def unsafe(path: Path, *, why: str) -> DataError:
    """The error for a file that could do harm."""
    return DataError(
        "unsafe-file",
        title=f"“{path.name}” was not opened: it {why}. Nothing was added.",
        hint="Ask whoever sent it for a plain table, for example a CSV file.",
    )


def packed_up(path: Path) -> DataError:
    """The error for an archive where one table is wanted."""
    return DataError(
        "unknown-format",
        title=f"“{path.name}” is an archive that may hold many files. Nothing was read.",
        hint="Unpack it, then choose the table inside.",
    )


def reason_of(error: DataError) -> str:
    """Why a file was refused, to be told where others beside it were added."""
    return error.title.removesuffix(" Nothing was added.")


def damaged(path: Path, *, kind: str, detail: str = "") -> DataError:
    """The error for a file that is not what its name says, or is cut off."""
    return DataError(
        "not-a-table",
        title=f"“{path.name}” cannot be read as {kind}. Nothing was added.",
        hint="It may be damaged or cut off. " + _SAVE_AS,
        detail=detail,
    )


@contextmanager
def decoding(path: Path, *, kind: str) -> Iterator[None]:
    """Inside, what a library says of a damaged file becomes DataError("not-a-table")."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise damaged(path, kind=kind, detail=str(error)) from error
    except BaseException as error:
        if type(error).__name__ in _RUST:
            raise damaged(path, kind=kind, detail=str(error)) from error
        raise


def locked(path: Path) -> DataError:
    """The error for a file that asks for a password."""
    return DataError(
        "locked-file",
        title=f"“{path.name}” is locked with a password. Nothing was added.",
        hint="Save a copy without a password, then add that file.",
    )


def not_a_list(path: Path) -> DataError:
    """The error for JSON that is not a list of rows."""
    return DataError(
        "not-a-table",
        title=f"“{path.name}” is not a list of rows. Nothing was added.",
        hint="It should hold a list of objects, one for each row. A CSV file works too.",
    )


def broken_json(path: Path, *, line: int) -> DataError:
    """The error for a JSON file that ends or breaks in the middle; line: where, 0 unknown."""
    where = f" in line {line:,}" if line else ""
    return DataError(
        "not-a-table",
        title=f"“{path.name}” is broken{where}: it is no JSON there. Nothing was added.",
        hint="It may be cut off: export it anew from its program, or mend that line in an editor.",
    )


def _looks_binary(head: bytes) -> bool:
    """Zero bytes in a few rows are those rows' trouble; all over the file they are its nature."""
    share = len(_CONTROL.findall(head)) / max(1, len(head))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return share > _SOME
    return share > _MANY


def _unknown(path: Path) -> DataError:
    what = "a folder" if path.is_dir() else f"a kind of file this app cannot read ({path.suffix})"
    if not path.is_dir() and not path.is_file():
        what = "not a file"
    return DataError(
        "unknown-format",
        title=f"“{path.name}” is {what}. Nothing was added.",
        hint=(
            "Files that can be read: CSV, TSV, TXT, JSON, JSONL, Excel, ODS, Parquet, Word (docx), "
            "PDF, Markdown, HTML, mail (eml, mbox), and ZIP files or folders of these. Save it as "
            "one of them in its own program."
        ),
    )


def _too_large(path: Path, *, size: int) -> DataError:
    return DataError(
        "file-too-large",
        title=(
            f"“{path.name}” has {size / 2**30:.1f} GB; files up to {MAX_BYTES / 2**30:.0f} GB "
            "can be read. Nothing was added."
        ),
        hint="Split it into smaller files, or add a part of it: a few thousand rows often do.",
    )


def too_large_for_json(path: Path, *, size: int, limit: int) -> DataError:
    """The error for one JSON list that would fill the memory."""
    return DataError(
        "file-too-large",
        title=(
            f"“{path.name}” has {size / 2**20:.0f} MB; JSON lists up to {limit / 2**20:.0f} MB "
            "can be read. Nothing was added."
        ),
        hint="Save it as CSV or with one object a line (JSONL), where 1 GB can be read.",
    )


def no_tables(folder: Path) -> DataError:
    """The error for a folder without a table that can be read."""
    return DataError(
        "no-tables",
        title=f"There is no table that can be read in “{folder.name}”. Nothing was added.",
        hint="Choose a folder with tables or texts in it, such as CSV, Excel, TXT or PDF files.",
    )


def all_set_aside(path: Path, *, first: str) -> DataError:
    """The error for a file none of whose rows can be read."""
    return DataError(
        "no-rows",
        title=f"No row of “{path.name}” could be read. Nothing was added.",
        hint=f"The first row says why: {first} Save the file as CSV (UTF-8) and add it again.",
    )


def nothing_read(folder: Path, *, first: str) -> DataError:
    """The error for a folder, or an archive, none of whose files can be read."""
    return DataError(
        "no-rows",
        title=f"Nothing in “{folder.name}” could be read. Nothing was added.",
        hint=f"The first file says why: {first} Choose files that open in their own program.",
    )
