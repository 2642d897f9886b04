"""Rows that are parsed in whole blocks are the same as rows that are parsed one by one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeroapp.data import lines
from zeroapp.data.csv_rows import CsvTable
from zeroapp.data.encoding import scan
from zeroapp.data.table import TableRow
from zeroapp.errors import DataError

CELLS = st.sampled_from(
    ["a b", "Päckchen", "", " ", '"x, y"', '"one\ntwo"', '5" wide', '"open', "\udc80", "\0", "e\r"]
)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=8, max_size=40)
PLAIN = st.sampled_from(["a b", "Päckchen", "c d e", "1"])
ENDS = st.sampled_from(["\n", "\r\n"])


def everything(path):
    """All that comes of a file: rows and what was set aside, columns, repairs; or its refusal."""
    try:
        table = CsvTable(path, scanned=scan(path))
    except DataError as error:
        return [], error.code, []
    return list(table.read()), table.columns, table.repairs()


def written(path, rows, *, end):
    text = end.join(["message,kind", *(",".join(row) for row in rows)]) + end
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("blocks") / "rows.csv"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, end=ENDS, block=st.integers(1, 200))
def test_blocks_of_any_size_give_the_rows_that_single_lines_give(place, rows, end, block):
    path = written(place, rows, end=end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        in_blocks = everything(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CsvTable, "_in_order", lambda _, __: [])
        one_by_one = everything(path)
    assert in_blocks == one_by_one


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.tuples(st.just("some words"), PLAIN), min_size=8, max_size=40),
    end=ENDS,
    block=st.integers(1, 200),
)
def test_rows_in_order_never_come_one_by_one(place, rows, end, block):
    path = written(place, rows, end=end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        patch.setattr(lines.Lines, "unread", _never)
        found, _, _ = everything(path)
    assert [item.cells for item in found if isinstance(item, TableRow)] == [
        {"message": message, "kind": kind} for message, kind in rows
    ]


def _never(_, block):
    assert not block, "a block in order was taken apart"
