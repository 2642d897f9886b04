"""Keeps pasted text as a file of the project, so that it is read like any other file."""

from datetime import UTC, datetime
from pathlib import Path

from zeroapp.data.faults import write_error
from zeroapp.errors import DataError

FOLDER = "pasted"
_LOOK_AT = 20


def keep_pasted(project: Path, text: str) -> Path:
    """Write pasted text into the project's folder and say where.

    Cells copied from a spreadsheet have tabs between them, and become a .tsv file. Raises
    DataError("empty-paste"), ResourceError.
    """
    if not text.strip():
        raise DataError(
            "empty-paste",
            title="There is no text to paste. Nothing was added.",
            hint="Copy a table or some lines first, for example from a spreadsheet or a mail.",
        )
    lines = [line for line in text.splitlines()[:_LOOK_AT] if line.strip()]
    kind = "tsv" if all("\t" in line for line in lines) else "txt"
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H-%M-%S-%f")
    path = project / FOLDER / f"Pasted {stamp}.{kind}"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise write_error(path, error) from error
    return path
