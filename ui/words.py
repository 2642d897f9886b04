"""Numbers as people say them: times, sizes, shares. Knows no widget."""

_MINUTE = 60.0
_HOUR = 3600.0
_DAY = 86400.0
_STEP = 1024.0
_ROUND_ABOVE = 100
_WHOLE = 100


def duration(seconds: float) -> str:
    """A length of time, rounded as a person would: "40 seconds", "3 minutes", "1 h 20 min"."""
    if seconds < 1:
        return "less than a second"
    if seconds < _MINUTE - 5:
        return plural(max(1, round(seconds)), "second")
    if seconds < _HOUR - 30:
        return plural(max(1, round(seconds / _MINUTE)), "minute")
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    if hours >= 24:  # noqa: PLR2004 - hours in a day
        return plural(round(seconds / _DAY), "day")
    return f"{hours} h {minutes} min" if minutes else plural(hours, "hour")


def time_left(seconds: float | None) -> str:
    """What a clock under a progress bar says; empty when it is not known.

    Below ten seconds it counts no more: a last second that lasts is worse than none.
    """
    if seconds is None:
        return ""
    if seconds < 10:  # noqa: PLR2004
        return "a few seconds left"
    if seconds < _MINUTE - 5:
        return f"about {5 * round(seconds / 5)} seconds left"
    return f"about {duration(seconds)} left"


def ago(seconds: float) -> str:
    """How long ago something was: "just now", "20 seconds ago"."""
    if seconds < 3:  # noqa: PLR2004 - nobody cares whether it was one second or two
        return "just now"
    return f"{duration(seconds)} ago"


def size(count: float) -> str:
    """Bytes as people read them: "890 KB", "23 MB", "1.4 GB"."""
    value, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < _STEP or unit == "TB":
            break
        value /= _STEP
    if unit == "bytes":
        return plural(round(value), "byte")
    return f"{value:.1f} {unit}" if value < 10 and unit != "KB" else f"{value:.0f} {unit}"  # noqa: PLR2004


def count(number: int) -> str:
    """A whole number with thin groups of thousands: 12 345."""
    return f"{number:,}".replace(",", "\u2009")


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: "1 step", "2 steps"."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def of_hundred(right: int, n: int) -> tuple[int, int]:
    """A share as "97 of 100", never rounded to all or to none; a small n stays as it is."""
    if n < _ROUND_ABOVE:
        return right, n
    shown = round(_WHOLE * right / n)
    if right < n:
        shown = min(shown, _WHOLE - 1)
    if right > 0:
        shown = max(shown, 1)
    return shown, _WHOLE


def percent(share: float) -> str:
    """A share of one as whole per cent; "100%" and "0%" only when it is exactly that."""
    value = round(_WHOLE * share)
    if value == _WHOLE and share < 1:
        return "over 99%"
    if value == 0 and share > 0:
        return "under 1%"
    return f"{value}%"


def speed(milliseconds: float) -> str:
    """How long one answer takes."""
    if milliseconds < 1:
        return "under 1 millisecond"
    if milliseconds < 1000:  # noqa: PLR2004 - milliseconds in a second
        return plural(round(milliseconds), "millisecond")
    return f"{milliseconds / 1000:.1f} seconds"
