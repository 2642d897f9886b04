"""What the command line says of rows set aside and of a finished training."""

from support import stories
from zeroapp import protocol as p
from zeroapp.cli import words
from zeroapp.dataset import SetAside


def seen(*, predicted: int) -> p.MemorySeen:
    return p.MemorySeen(rank=0, ranks=1, predicted=predicted, peak=800 * 10**6, whole=0)


def test_memory_stands_beside_what_was_foretold():
    told = words.trained(stories.report(), [seen(predicted=780 * 10**6)])
    assert told.splitlines()[-1] == "Memory   800 MB held at the most, 780 MB foretold (-2.5 %)"


def test_where_nothing_was_foretold_nothing_is_compared():
    plain = words.judged(stories.report())
    assert words.trained(stories.report(), [seen(predicted=0)]) == plain
    assert words.trained(stories.report(), []) == plain


def test_what_was_set_aside_is_told_with_its_place_unless_it_has_a_name():
    row = SetAside(file="rows.csv", line=7, reason="It has 9 cells.", raw="")
    picture = SetAside(file="photos", line=52, reason="“a.png” was left out: it broke.", raw="")
    assert words.put_aside(row) == "Set aside: rows.csv, line 7: It has 9 cells."
    assert words.put_aside(picture) == "Set aside: “a.png” was left out: it broke."
