"""Finds the newest finished run of a project and its report. No Qt, no widgets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from zeroapp.report import AnyReport, decode_report
from zeroapp.run_folder import RunFolder

if TYPE_CHECKING:
    from zeroapp.project import Project


@dataclass(frozen=True, slots=True)
class Judged:
    """A finished run and what was found about it."""

    folder: RunFolder
    report: AnyReport


def newest(project: "Project | None") -> Judged | None:
    """The newest run with a whole report; a report that cannot be read is passed over."""
    if project is None:
        return None
    for folder in project.runs("train"):
        try:
            report = decode_report(folder.report.read_bytes())
        except (OSError, msgspec.MsgspecError):
            continue
        return Judged(folder, report)
    return None
