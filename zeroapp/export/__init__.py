"""Turns a finished run into a folder that answers alone. Importing this loads no torch."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeroapp.protocol import Export
    from zeroapp.report import ExportRecord
    from zeroapp.work import Work


def export(job: "Export", work: "Work") -> "ExportRecord":
    """Write, check and return the export a job asks for; see `exporting.export`."""
    from zeroapp.export import exporting

    return exporting.export(job, work)
