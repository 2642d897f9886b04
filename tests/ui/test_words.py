"""Numbers are said as a person would say them, and never more rosily than they are."""

import pytest

from ui import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "less than a second"),
        (1, "1 second"),
        (40, "40 seconds"),
        (58, "1 minute"),
        (236, "4 minutes"),
        (3600, "1 hour"),
        (4800, "1 h 20 min"),
        (200_000, "2 days"),
    ],
)
def test_duration(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (3, "a few seconds left"),
        (23, "about 25 seconds left"),
        (200, "about 3 minutes left"),
    ],
)
def test_time_left(seconds, said):
    assert words.time_left(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(1, "just now"), (20, "20 seconds ago")])
def test_ago(seconds, said):
    assert words.ago(seconds) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 bytes"), (2048, "2 KB"), (23 * 2**20, "23 MB"), (int(1.44 * 2**30), "1.4 GB")],
)
def test_size(size, said):
    assert words.size(size) == said


@pytest.mark.parametrize(
    ("right", "n", "said"),
    [
        (34, 52, (34, 52)),  # few rows are not blown up to a hundred
        (566, 580, (98, 100)),
        (9999, 10_000, (99, 100)),  # one mistake is never rounded away
        (10_000, 10_000, (100, 100)),
        (1, 10_000, (1, 100)),
    ],
)
def test_of_hundred(right, n, said):
    assert words.of_hundred(right, n) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, "100%"), (0.999, "over 99%"), (0.0, "0%"), (0.001, "under 1%"), (0.931, "93%")],
)
def test_percent(share, said):
    assert words.percent(share) == said


def test_count_groups_thousands():
    assert words.plural(12_345, "row") == "12\u2009345 rows"
    assert words.plural(1, "row") == "1 row"


def test_speed():
    assert words.speed(0.2) == "under 1 millisecond"
    assert words.speed(6.4) == "6 milliseconds"
    assert words.speed(1500) == "1.5 seconds"
