"""The one place that asks the system for files and folders, so that tests can answer instead."""

from enum import StrEnum
from pathlib import Path

from PySide6.QtWidgets import QWidget

TABLES = (
    "Tables, texts and pictures (*.csv *.tsv *.txt *.jsonl *.json *.xlsx *.xls *.ods *.parquet"
    " *.md *.docx *.pdf *.html *.htm *.eml *.mbox *.zip"
    " *.jpg *.jpeg *.png *.webp *.heic *.tif *.tiff *.gif *.bmp);;All files (*)"
)

PICTURES = "Pictures (*.jpg *.jpeg *.png *.webp *.heic *.tif *.tiff *.gif *.bmp);;All files (*)"


class Ask(StrEnum):
    """What is wanted."""

    files = "files"
    file = "file"
    folder = "folder"
    save = "save"


def ask_paths(
    parent: QWidget,
    ask: Ask,
    *,
    title: str,
    start: Path | None = None,
    filters: str = TABLES,
) -> tuple[Path, ...]:
    """What the user chose; empty when they thought better of it."""
    from PySide6.QtWidgets import QFileDialog  # takes a while to load, and is not wanted at start

    where = str(start or Path.home())
    if ask is Ask.folder:
        chosen = QFileDialog.getExistingDirectory(parent, title, where)
        return (Path(chosen),) if chosen else ()
    if ask is Ask.files:
        many, _ = QFileDialog.getOpenFileNames(parent, title, where, filters)
        return tuple(Path(one) for one in many)
    pick = QFileDialog.getSaveFileName if ask is Ask.save else QFileDialog.getOpenFileName
    one, _ = pick(parent, title, where, filters)
    return (Path(one),) if one else ()
