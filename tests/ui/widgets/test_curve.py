"""Thinning keeps what one would see; smoothing does not lag; ticks are round."""

import math
import random
import time

from hypothesis import given
from hypothesis import strategies as st

from ui.widgets import curve


def line(n):
    return [(float(i), math.sin(i / 50) + (5.0 if i == n // 2 else 0.0)) for i in range(n)]


def test_few_points_are_left_alone():
    points = line(10)
    assert curve.decimate(points, 100) == points


def test_a_spike_survives_thinning():
    points = line(20_000)
    thin = curve.decimate(points, 700)
    assert max(y for _, y in thin) == max(y for _, y in points)
    assert len(thin) <= 2 * 700 + 2  # a low and a high a column, and both ends


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(1, 60))
def test_thinning_keeps_ends_extremes_and_order(values, columns):
    points = [(float(i), y) for i, y in enumerate(values)]
    thin = curve.decimate(points, columns)
    assert thin[0] == points[0]
    assert thin[-1] == points[-1]
    assert set(thin) <= set(points)
    assert [x for x, _ in thin] == sorted({x for x, _ in thin})
    assert max(y for _, y in thin) == max(values)
    assert min(y for _, y in thin) == min(values)


def test_thinning_grows_with_the_points_not_faster():
    # 200,000 points are a very long run; a quadratic way would take minutes.
    points = line(200_000)
    start = time.perf_counter()
    curve.decimate(points, 800)
    assert time.perf_counter() - start < 10


def test_smoothing_a_constant_changes_nothing():
    assert all(math.isclose(y, 3.0) for y in curve.smooth([3.0] * 50, 9))


def test_smoothing_does_not_lag_behind_a_slope():
    values = [float(i) for i in range(200)]
    smooth = curve.smooth(values, 11)
    # A plain moving average of 11 would be five behind in the middle.
    assert abs(smooth[100] - 100) < 0.5


def test_only_noisy_curves_are_smoothed():
    calm = [math.exp(-i / 40) for i in range(200)]
    noise = random.Random(3)
    rough = [y + noise.gauss(0, 0.1) for y in calm]
    assert curve.span_for(calm) == 1.0
    assert curve.span_for(rough) > 5
    assert curve.span_for(rough[:8]) == 1.0


def test_ticks_are_round_and_inside():
    assert curve.ticks(0.0, 2.1) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert curve.ticks(0.8, 1.0, 3) == [0.8, 0.85, 0.9, 0.95, 1.0]
    assert curve.ticks(1.0, 1.0) == [1.0]


def test_nearest():
    points = [(1.0, 0.0), (4.0, 0.0), (5.0, 0.0)]
    assert [curve.nearest(points, x) for x in (-3, 2, 4.4, 9)] == [0, 0, 1, 2]
