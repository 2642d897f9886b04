"""What a person may send when something went wrong: facts about the app, nothing of theirs.

No rows, no names of files or folders, no secrets. Of logs only what our own program writes stays:
times, places in the code and kinds of errors. Messages go, because they may quote anything.
"""

import io
import platform
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

import zeroapp
from zeroapp import __version__, paths, settings
from zeroapp.errors import Failure, ResourceError
from zeroapp.run_folder import RunFolder
from zeroapp.writing import write_whole

LONGEST = 200_000
"""Characters of a log that are looked at, its last ones."""

_HEAD = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ [A-Z]+ zeroapp[\w.]*): ")
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]*)", line (?P<line>\d+)(?:, in (?P<where>[\w<>.]+))?')
_KIND = re.compile(
    r"^(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Timeout|Stopped))\b"
)
_OURS = ("zeroapp", "ui")
_ROOT = Path(zeroapp.__file__).resolve().parent.parent
_LIBRARIES = re.compile(r"site-packages|_internal|python3\.\d+")
_CAUSES = (
    "Traceback (most recent call last):",
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the report as it will be saved."""

    name: str
    text: str


def gather(*, failure: Failure | None = None, project: Path | None = None) -> tuple[Entry, ...]:
    """Everything that would be saved. project: its newest run is told in figures."""
    found = [Entry("about.json", _pretty(_about()))]
    if failure is not None:
        told = {"code": failure.code, "trace": list(traces(failure.detail))}
        found.append(Entry("error.json", _pretty(told)))
    logs = sorted(paths.log_dir().glob("*.log"))
    found += [Entry(f"logs/{log.name}", _traces_of(log)) for log in logs]
    run = _newest_run(project) if project else None
    if run is not None:
        found.append(Entry("run/events.json", _pretty(list(_events(run)))))
        found.append(Entry("run/worker.log", _traces_of(run.log)))
    return tuple(found)


def save(place: Path, entries: tuple[Entry, ...]) -> None:
    """Write the entries into one zip; raises ResourceError("report-not-saved")."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for entry in entries:
            file.writestr(entry.name, entry.text)
    try:
        write_whole(place, made.getvalue())
    except OSError as error:
        raise ResourceError(
            "report-not-saved",
            title=f"The report could not be saved as {place.name}.",
            hint="Choose another folder, one with some free space that you may write to.",
            detail=str(error),
        ) from error


def traces(text: str) -> Iterator[str]:
    """The lines of a log that hold nothing of a person: heads, frames and kinds of errors."""
    for line in text[-LONGEST:].splitlines():
        if line.strip() in _CAUSES:
            yield line.strip()
        elif head := _HEAD.match(line):
            yield f"{head[1]} (message left out)"
        elif frame := _FRAME.match(line):
            yield f"  {_place(frame['file'])}:{frame['line']} in {frame['where'] or '?'}"
        elif kind := _KIND.match(line):
            yield f"{kind['kind']} (message left out)"


def _place(file: str) -> str:
    """A file of ours or of a library from its package on; of any other only that there is one."""
    parts = file.replace("\\", "/").split("/")
    for at in range(len(parts) - 2, -1, -1):
        # A project may lie in a folder that is called as we are: only what is really ours counts.
        if parts[at] in _OURS and (_ROOT / "/".join(parts[at:])).is_file():
            return "/".join(parts[at:])
        if _LIBRARIES.fullmatch(parts[at]):
            return "/".join(parts[at + 1 :])
    return "(a file elsewhere)"


def _traces_of(log: Path) -> str:
    try:
        text = log.read_text("utf-8", errors="replace")
    except OSError:
        return "(could not be read)\n"
    return "\n".join(traces(text)) + "\n"


def _about() -> dict[str, object]:
    kept = settings.load().settings
    memory = psutil.virtual_memory()
    return {
        "zeroapp": __version__,
        "installed": bool(getattr(sys, "frozen", False)),
        "system": platform.platform(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "cores": psutil.cpu_count(logical=False),
        "memory_gb": round(memory.total / 1e9, 1),
        "memory_free_gb": round(memory.available / 1e9, 1),
        "theme": kept.theme.value,
        "text_scale": kept.text_scale,
        "other_hub": kept.hub_endpoint != settings.HUB,
        "projects": len(kept.recent),
    }


def _newest_run(project: Path) -> RunFolder | None:
    runs = sorted((project / "runs").glob("*/events.jsonl"))
    return RunFolder(runs[-1].parent) if runs else None


def _events(run: RunFolder) -> Iterator[dict[str, object]]:
    """Which events there were and when, with their figures; no texts but their own codes."""
    for line in run.events.read_text("utf-8", errors="replace")[-LONGEST:].splitlines():
        try:
            event = msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        figures = {key: value for key, value in event.items() if isinstance(value, int | float)}
        failure = event.get("failure")
        code = failure.get("code") if isinstance(failure, dict) else None
        yield {"event": event.get("type", "?"), **figures, **({"code": code} if code else {})}


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"
