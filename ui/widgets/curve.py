"""The arithmetic of a line chart: thinning, smoothing, ticks. Knows no Qt."""

import bisect
import math
from collections.abc import Sequence
from itertools import pairwise

Curve = list[tuple[float, float]]
"""Points from left to right."""


def decimate(points: Sequence[tuple[float, float]], columns: int) -> Curve:
    """At most about two points a column: each column keeps its lowest and its highest.

    The first and the last point always stay, so that a growing curve ends where it is.
    """
    n = len(points)
    if columns < 1 or n <= 2 * columns:
        return list(points)
    kept: Curve = [points[0]]
    for column in range(columns):
        start, end = column * n // columns, (column + 1) * n // columns
        segment = range(start, end)
        low = min(segment, key=lambda i: points[i][1])
        high = max(segment, key=lambda i: points[i][1])
        kept.extend(points[i] for i in sorted({low, high}))
    kept.append(points[-1])
    return [kept[0], *(b for a, b in pairwise(kept) if b[0] > a[0])]


def smooth(values: Sequence[float], span: float) -> list[float]:
    """Moving average over about `span` values, run forth and back so that it does not lag."""
    if span <= 1:
        return list(values)
    forth = _average(values, span)
    return _average(forth[::-1], span)[::-1]


def _average(values: Sequence[float], span: float) -> list[float]:
    """Exponential moving average without the pull of its start.

    Dividing by 1 - (1-a)^t takes out the bias (Kingma and Ba 2015, section 3).
    """
    alpha = 2.0 / (span + 1.0)
    mean, weight, out = 0.0, 0.0, []
    for value in values:
        mean += alpha * (value - mean)
        weight += alpha * (1.0 - weight)
        out.append(mean / weight)
    return out


def roughness(values: Sequence[float]) -> float:
    """How noisy a curve is: mean step between neighbours against its whole range, 0 to 1."""
    if len(values) < 3:  # noqa: PLR2004 - one step has no neighbours to be rough against
        return 0.0
    extent = max(values) - min(values)
    if extent <= 0:
        return 0.0
    steps = [abs(b - a) for a, b in pairwise(values)]
    return sum(steps) / len(steps) / extent


def span_for(values: Sequence[float]) -> float:
    """How far to smooth: not at all while smooth or short, an eighteenth of a noisy curve."""
    enough, noisy = 12, 0.012
    if len(values) < enough or roughness(values) < noisy:
        return 1.0
    return max(5.0, len(values) / 18.0)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers inside low..high, about `wanted` of them."""
    extent = high - low
    if not math.isfinite(extent) or extent <= 0:
        return [low]
    raw = extent / max(wanted, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = min((m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0)), key=lambda s: abs(s - raw))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def nearest(points: Sequence[tuple[float, float]], x: float) -> int:
    """Index of the point whose x is closest; points must not be empty."""
    at = bisect.bisect_left(points, x, key=lambda p: p[0])
    if at == 0:
        return 0
    if at == len(points):
        return at - 1
    return at if points[at][0] - x < x - points[at - 1][0] else at - 1
