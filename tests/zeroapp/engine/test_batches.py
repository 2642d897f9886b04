"""Every example once an epoch, whatever the ranks; the same order for the same seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeroapp.engine.batches import Order, in_order_of_length, share
from zeroapp.task import Encoded

LENGTHS = st.lists(st.integers(min_value=2, max_value=60), min_size=1, max_size=80)


def encoded(lengths: list[int]) -> list[Encoded]:
    return [Encoded(row_id=i, ids=tuple(range(n)), target=0) for i, n in enumerate(lengths)]


def order(*, packing: bool = True, seed: int = 3) -> Order:
    return Order(batch_size=8, seed=seed, packing=packing)


@given(LENGTHS, st.booleans(), st.integers(0, 5))
def test_an_epoch_holds_every_example_once(lengths, packing, epoch):
    steps = order(packing=packing).steps(encoded(lengths), epoch=epoch)

    assert sorted(e.row_id for step in steps for e in step) == list(range(len(lengths)))
    assert all(1 <= len(step) <= 8 for step in steps)


def test_the_order_depends_on_seed_and_epoch_alone():
    rows = encoded([5] * 40)

    again = order().steps(rows, epoch=1)

    assert again == order().steps(rows, epoch=1)
    assert again != order().steps(rows, epoch=2)
    assert again != order(seed=4).steps(rows, epoch=1)


def test_padded_rows_share_their_batch_with_rows_of_like_length():
    lengths = [2 + i % 50 for i in range(400)]

    def spread(*, packing: bool) -> int:
        steps = order(packing=packing).steps(encoded(lengths), epoch=0)
        return sum(max(len(e.ids) for e in s) - min(len(e.ids) for e in s) for s in steps)

    assert spread(packing=False) < spread(packing=True) / 5  # 2 against about 40 a batch


@given(LENGTHS, st.integers(1, 4), st.booleans())
def test_a_step_is_shared_out_whole_with_equal_micro_steps(lengths, ranks, packing):
    shares = share(encoded(lengths), ranks=ranks, micro_tokens=100, packing=packing)

    seen = [e for rank in shares for micro in rank for e in micro if e.target >= 0]
    assert sorted(e.row_id for e in seen) == list(range(len(lengths)))
    assert len({len(rank) for rank in shares}) == 1


@given(LENGTHS, st.booleans())
def test_a_micro_batch_stays_under_its_tokens(lengths, packing):
    for batch in in_order_of_length(encoded(lengths), micro_tokens=100, packing=packing):
        sizes = [lengths[i] for i in batch]
        tokens = sum(sizes) if packing else len(sizes) * max(sizes)
        assert tokens <= 100 or len(batch) == 1


def test_more_ranks_than_examples_still_meet():
    shares = share(encoded([9]), ranks=3, micro_tokens=100, packing=True)

    assert [len(rank) for rank in shares] == [1, 1, 1]
    assert [rank[0][0].target for rank in shares] == [0, -1, -1]


def test_a_rank_that_runs_out_learns_nothing_of_the_text_it_is_given_to_meet():
    text = Encoded(row_id=0, ids=tuple(range(30)), learned=((4, 12), (20, 30)))
    (mine,), (spare,) = share([text], ranks=2, micro_tokens=60, packing=True)
    assert mine == [text]
    assert [(len(one.ids), one.targets, one.learned) for one in spare] == [(2, 0, ())]


def test_no_examples_make_no_batches():
    assert in_order_of_length([], micro_tokens=100, packing=True) == []


@pytest.mark.parametrize("packing", [True, False])
def test_reading_order_names_every_example_once(packing):
    batches = in_order_of_length(encoded([7, 50, 3, 50]), micro_tokens=60, packing=packing)

    assert sorted(i for batch in batches for i in batch) == [0, 1, 2, 3]
