"""A large confusion table is folded to its worst kinds without losing a count."""

from hypothesis import given
from hypothesis import strategies as st

from support import stories
from ui.confusion import OTHERS, fold, worst_pairs
from zeroapp.report import Confusion

TABLE = Confusion(
    labels=("a", "b", "c", "d"),
    counts=((9, 1, 0, 0), (4, 6, 0, 0), (0, 0, 10, 0), (0, 0, 0, 10)),
)


def test_small_tables_stay_as_they_are():
    assert fold(TABLE, keep=3).labels == TABLE.labels


def test_the_worst_kinds_are_kept_first_and_the_rest_becomes_one():
    folded = fold(TABLE, keep=2)
    assert folded.labels == ("a", "b", OTHERS)
    assert folded.counts == ((9, 1, 0), (4, 6, 0), (0, 0, 20))
    assert folded.others == 2
    assert folded.right(2) == 20


@given(
    st.integers(2, 9).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.integers(0, 20), min_size=n * n, max_size=n * n),
            st.integers(1, 6),
        )
    )
)
def test_no_count_is_lost(case):
    n, flat, keep = case
    counts = tuple(tuple(flat[i * n : (i + 1) * n]) for i in range(n))
    table = Confusion(labels=tuple(map(str, range(n))), counts=counts)
    folded = fold(table, keep=keep)
    assert sum(map(sum, folded.counts)) == sum(flat)
    right = sum(folded.right(i) for i in range(len(folded.labels)))
    assert right == sum(counts[i][i] for i in range(n))


def test_worst_pairs_come_most_frequent_first():
    assert worst_pairs(TABLE, limit=5) == [("b", "a", 4), ("a", "b", 1)]


def test_a_real_report_folds_to_its_mixed_up_kinds():
    folded = fold(stories.report().confusion, keep=8)
    assert len(folded.labels) == 9  # eight kinds and the others
    assert "card payment fee charged" in folded.labels
