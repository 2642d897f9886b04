"""How the command line puts things into words. Only text from values."""

from collections.abc import Sequence

from msgspec.structs import astuple

from zeroapp.data.voices import Voices
from zeroapp.dataset import DatasetProfile, Reads, Repair, SetAside
from zeroapp.errors import Problem, Severity
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Forecast, Offload, Planned
from zeroapp.protocol import Imported, MemorySeen
from zeroapp.report import AnyReport, ExportRecord, Report, TextReport
from zeroapp.status import RunStatus, State
from zeroapp.wording import many

_BAR = 24
_NAMES = 8
_OFFLOADED = {
    Offload.none: "",
    Offload.optimizer: ", optimizer in main memory",
    Offload.cpu: ", offload to memory",
    Offload.disk: ", offload to disk",
}
_MARK = {Severity.blocking: "must be mended", Severity.warning: "look at this", Severity.info: ""}


def brought_in(imported: Imported, *, reads: Reads) -> str:
    """How many rows or pictures, and that they were; what was done with them follows."""
    if reads is Reads.picture:
        return many(imported.rows_stored, "picture", verbs=("was", "were"))
    files = "one file" if imported.files == 1 else f"{imported.files:,} files"
    return f"{imported.rows_stored:,} rows from {files} were"


def put_aside(one: SetAside) -> str:
    """What was left out; of a row also where it stands. A picture's reason begins with its name."""
    named = one.reason.startswith("“")
    where = "" if named else f"{one.file}, line {one.line}: "
    return f"Set aside: {where}{one.reason}"


def repaired(repair: Repair) -> str:
    """What was put right, how often, and the first case before and after."""
    often = f" ({repair.count:,} times)" if repair.count > 1 else ""
    if repair.undone:
        return f"{repair.file}: taken back: {repair.sentence}"
    said = f"{repair.file}: {repair.sentence}{often}"
    if not repair.shown:
        return said
    before, after = (text.replace("\n", "⏎") for text in astuple(repair.shown[0]))
    return f"{said} Such as “{before}” → “{after}”."


def who(asked: Voices) -> list[str]:
    """The question whose words they are, while nobody has said; and who there is."""
    if asked.chosen:
        return []
    names = ", ".join(f"{name} ({count:,})" for name, count in asked.counts[:_NAMES])
    more = len(asked.counts) - _NAMES
    names += f" and {more:,} more" if more > 0 else ""
    return [asked.role.help, f"Say it with --role {asked.role.key}=NAME: {names}."]


def duration(seconds: float) -> str:
    """How long, roughly: “less than a minute”, “about 4 minutes”, “about 2.5 hours”."""
    if seconds < 50:  # noqa: PLR2004 - nearer to a minute from here on
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes <= 1:
        return "about a minute"
    if minutes < 90:  # noqa: PLR2004 - people count minutes up to one and a half hours
        return f"about {minutes} minutes"
    return f"about {seconds / 3600:.1f} hours"


def size(count: float) -> str:
    """Bytes as "350 MB" or "1.4 GB"."""
    if count >= 1e9:  # noqa: PLR2004 - a gigabyte
        return f"{count / 1e9:.1f} GB"
    return f"{max(1, round(count / 1e6))} MB"


def percent(share: float) -> str:
    """A share as "91.3 %"."""
    return f"{100 * share:.1f} %"


def progress(status: RunStatus, *, bar: bool) -> str:
    """One line: phase, how far, time left, and the last loss while training."""
    parts = [status.phase_title]
    if status.state is State.paused:
        parts.append("paused")
    elif status.total:
        share = min(1.0, status.done / status.total)
        full = round(share * _BAR)
        drawn = f"{'█' * full}{'░' * (_BAR - full)} " if bar else ""
        parts.append(f"{drawn}{100 * share:3.0f} %")
    elif status.done:
        parts.append(f"{status.done:,} {status.unit}")
    if status.seconds_left is not None:
        parts.append(f"{duration(status.seconds_left)} left")
    if status.losses and status.unit == "steps":
        parts.append(f"loss {status.losses[-1].value:.3f}")
    return "   ".join(parts)


def problem(found: Problem) -> str:
    """A problem with its place and remedy, on two lines."""
    place = ", ".join(
        part
        for part in (
            found.place.file or "",
            f"line {found.place.line}" if found.place.line else "",
            f"column {found.place.column}" if found.place.column else "",
        )
        if part
    )
    mark = _MARK[found.severity]
    head = f"{found.title}{f' ({place})' if place else ''}{f'  [{mark}]' if mark else ''}"
    return f"- {head}\n  {found.remedy}"


def checked(profile: DatasetProfile, problems: tuple[Problem, ...]) -> str:
    """The data report."""
    kinds = ", ".join(f"{label.label} ({label.count:,})" for label in profile.labels[:8])
    more = len(profile.labels) - 8
    usable = f"{profile.usable:,} of {profile.rows:,} rows can be used"
    if not profile.labels and profile.usable:  # one text may be made of several rows
        usable = f"{many(profile.usable, 'example')} from {many(profile.rows, 'row')}"
    lines = [
        usable
        + (
            f"; {profile.set_aside:,} could not be read and were set aside."
            if profile.set_aside
            else "."
        ),
        "Columns: " + ", ".join(f"{role} is “{name}”" for role, name in profile.roles.items()),
    ]
    if profile.labels:
        rest = f" and {more} more" if more > 0 else ""
        lines.append(f"{len(profile.labels)} kinds: {kinds}{rest}")
    lines += [problem(found) for found in problems] or ["Nothing needs to be mended."]
    return "\n".join(lines)


def planned(made: Planned) -> str:
    """What will happen on this computer."""
    plan, forecast = made.plan, made.forecast
    ranks = "one process" if plan.ranks == 1 else f"{plan.ranks} processes"
    lines = [
        f"Model    {forecast.model_title}",
        f"Method   {forecast.method}",
        f"ZeRO     stage {int(plan.zero_stage)}, {ranks}, {plan.device}, {plan.precision}"
        + _OFFLOADED[plan.offload],
        f"Memory   {size(forecast.peak_bytes)} of {size(forecast.available_bytes)} there is"
        + _memory_record(forecast),
        f"Time     {duration(forecast.seconds)}"
        + ("" if forecast.measured else " (not measured here yet)"),
        forecast.why,
    ]
    return "\n".join(lines)


def _memory_record(forecast: Forecast) -> str:
    """How the number was had, and how far such numbers were off here."""
    how = ", counted in a dry run" if forecast.exact else ""
    if not forecast.seen_runs:
        return how
    return f"{how}; the last trainings here took that within {percent(forecast.seen_error)}"


def trained(report: AnyReport, memory: Sequence[MemorySeen]) -> str:
    """The verdict, and what memory was held beside what was foretold."""
    first = next((seen for seen in memory if seen.predicted), None)
    if first is None:
        return judged(report)
    off = f"{100 * (first.predicted / first.peak - 1):+.1f} %"
    held = f"{size(first.peak)} held at the most, {size(first.predicted)} foretold ({off})"
    return f"{judged(report)}\nMemory   {held}"


def judged(report: AnyReport) -> str:
    """The verdict and the numbers behind it."""
    return _labels(report) if isinstance(report, Report) else _texts(report)


_TEXT_SCORES = {
    "loss": "Loss a token",
    "perplexity": "Perplexity",
    "chrf": "Likeness (chrF)",
    "exact": "Exactly right",
    "repetition": "Repetition",
}


def _texts(report: TextReport) -> str:
    lines = [report.verdict]
    for score in report.scores:
        low, high = score.interval.low, score.interval.high
        title = _TEXT_SCORES.get(score.key, score.key)
        lines.append(
            f"{title:<16} {score.value:.3f}, the base {score.base:.3f}  "
            f"(95 % sure: {low:+.3f} to {high:+.3f}, {score.n:,} texts)"
        )
    if report.copied is not None:
        lines.append(
            f"Longest passage from your texts in what it wrote: {report.copied.words} words; in "
            f"texts nobody copied: {report.copied.control_words}."
        )
    lines.append(report.selection.why)
    return "\n".join(lines)


def _labels(report: Report) -> str:
    lines = [report.verdict]
    for score in report.scores:
        low, high = percent(score.interval.low), percent(score.interval.high)
        title = {"accuracy": "Right answers", "macro_f1": "Macro F1"}.get(score.key, score.key)
        lines.append(
            f"{title:<14} {percent(score.value)}  (95 % sure: {low} to {high}, {score.n:,} rows)"
        )
    lines += [
        f"Against {one.title}: {one.right:,} of {one.n:,} right there" for one in report.comparisons
    ]
    lines.append(report.selection.why)
    return "\n".join(lines)


def exported(record: ExportRecord) -> str:
    """Where an export is and how it answered by itself."""
    said = (
        f"{record.path}\n"
        f"{record.format}, {size(record.bytes)}. On {record.compared:,} rows it answered "
        f"{percent(record.agreement)} as here, {record.latency_ms:.1f} ms each."
    )
    if record.same_next is None:
        return said
    held = (
        f"With the text held, the next word piece is the same in {record.same_next:.1%} of places."
    )
    return f"{said}\n{held}"


def hardware(found: HardwareProfile) -> str:
    """What this computer can do."""
    lines = [
        f"System     {found.system}",
        f"Processor  {found.processor}, {found.cores} cores",
        f"Memory     {size(found.memory_available)} free of {size(found.memory_total)}",
        f"Disk       {size(found.disk_free)} free",
        f"bf16       {_bf16(found)}",
    ]
    lines += [f"Graphics   {gpu.name}, {size(gpu.total)}" for gpu in found.gpus]
    lines += [
        f"Speed      {speed.base}, {speed.precision}: {speed.training_tokens:,.0f} tokens a second"
        for speed in found.speeds
    ]
    return "\n".join(lines)


def _bf16(found: HardwareProfile) -> str:
    if not found.bf16_hardware:
        return "not in this processor"
    return "faster here, will be used" if found.bf16_faster else "there, but not faster here"
