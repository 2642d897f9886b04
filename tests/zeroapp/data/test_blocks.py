"""Rows that are parsed in whole blocks are the same as rows that are parsed one by one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeroapp.data import lines
from zeroapp.data.csv_rows import CsvTable
from zeroapp.data.encoding import scan
from zeroapp.data.importing import import_paths
from zeroapp.data.table import TableRow
from zeroapp.errors import DataError
from zeroapp.project import Project
from zeroapp.work import Silent

CELLS = st.sampled_from(
    ["a b", "Päckchen", "", " ", '"x, y"', '"one\ntwo"', '5" wide', '"open', "\udc80", "\0", "e\r"]
)
OTHER = st.sampled_from([(), ("product", "price", "stock"), ("chair", "10", "3")])
"""Lines of which another table may come about, below an empty line."""

ROWS = st.lists(st.tuples(CELLS, CELLS) | OTHER, min_size=8, max_size=40)
PLAIN = st.sampled_from(["a b", "Päckchen", "c d e", "1"])
HEAD = ("message", "kind")
ENDS = st.sampled_from(["\n", "\r\n"])


def everything(path):
    """All that comes of a file: rows and what was set aside, columns, repairs; or its refusal."""
    try:
        table = CsvTable(path, scanned=scan(path))
    except DataError as error:
        return [], error.code, []
    return list(table.read()), table.columns, table.repairs()


def written(path, rows, *, end):
    text = end.join(",".join(row) for row in rows) + end
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("blocks") / "rows.csv"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, end=ENDS, block=st.integers(1, 200))
def test_blocks_of_any_size_give_the_rows_that_single_lines_give(place, rows, end, block):
    path = written(place, [HEAD, *rows], end=end)
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
    path = written(place, [HEAD, *rows], end=end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        patch.setattr(lines.Lines, "unread", _never)
        found, _, _ = everything(path)
    assert [item.cells for item in found if isinstance(item, TableRow)] == [
        {"message": message, "kind": kind} for message, kind in rows
    ]


SPELT = st.sampled_from(
    ["refund", "Refund", "refund ", "order", "caf&eacute;", "a\u2028b", '"o"', "\\u0041\a", "😀"]
)
NAMES = st.sampled_from(["kind", '"the ""kind"""', "back\\slash"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(st.just("some words"), SPELT), min_size=8, max_size=40),
    odd=ROWS,
    name=NAMES,
    block=st.integers(1, 400),
)
def test_a_project_holds_the_same_either_way(tmp_path_factory, rows, odd, name, block):
    folder = tmp_path_factory.mktemp("either")
    path = written(folder / "rows.csv", [("message", name), *rows, *odd], end="\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        in_blocks = imported(path, folder / "blocks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CsvTable, "_in_order", lambda _, __: [])
        one_by_one = imported(path, folder / "single")
    assert in_blocks == one_by_one


def imported(path, folder):
    with Project.create(folder, task="text_classification") as project:
        import_paths(project, [path], Silent())
        store = project.store
        return list(store.rows()), store.set_aside(limit=99), store.repairs(), store.columns()


def _never(_, block):
    assert not block, "a block in order was taken apart"
