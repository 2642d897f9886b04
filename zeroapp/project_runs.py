"""The folders of a project's runs: made, listed, found by name. `run_folder` knows the inside."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from zeroapp.data.faults import write_error
from zeroapp.errors import UsageError
from zeroapp.run_folder import RunFolder

_RUN = re.compile(r"\d{8}-\d{6}-\d{2}-(?P<kind>.+)")
_TICK = timedelta(milliseconds=10)


def make(project: Path, kind: str) -> RunFolder:
    """Make an empty folder runs/<UTC time to the hundredth>-<kind>/; names sort by time.

    Two runs never have the same time, not even when the clock was set back. Raises
    ResourceError("no-permission", "disk-full").
    """
    while True:
        path = _runs(project) / f"{_next_stamp(project)}-{kind}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:  # another process was faster
            continue
        except OSError as error:
            raise write_error(path, error) from error
        return RunFolder(path)


def found(project: Path, *, kind: str | None = None) -> list[RunFolder]:
    """The runs, newest first; only those of one kind when it is given."""
    try:
        names = [path.name for path in _runs(project).iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise write_error(_runs(project), error) from error
    matches = (_RUN.match(name) for name in sorted(names, reverse=True))
    return [
        RunFolder(_runs(project) / match[0])
        for match in matches
        if match and kind in (None, match["kind"])
    ]


def named(project: Path, run_id: str) -> RunFolder:
    """The run with this name; raises UsageError("no-run")."""
    for run in found(project):
        if run.id == run_id:
            return run
    raise UsageError(
        "no-run",
        title=f"This project has no run called “{run_id}”.",
        hint="Look into its folder “runs” for the names there are.",
    )


def _runs(project: Path) -> Path:
    return project / "runs"


def _next_stamp(project: Path) -> str:
    now = _stamp(datetime.now(UTC))
    newest = max((run.id[: len(now)] for run in found(project)), default="")
    if newest < now:
        return now
    return _stamp(_time(newest) + _TICK)


def _stamp(time: datetime) -> str:
    return f"{time:%Y%m%d-%H%M%S}-{time.microsecond // 10_000:02d}"


def _time(stamp: str) -> datetime:
    return datetime.strptime(f"{stamp}0000", "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC)
