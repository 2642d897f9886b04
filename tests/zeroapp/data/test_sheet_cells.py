"""Whatever a sheet holds, wherever on it the table stands: each of its rows comes out, and once."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.made_files import Day, xlsb, xlsx
from zeroapp.data.binary_sheets import span_of_xlsb
from zeroapp.data.readers import open_table
from zeroapp.errors import DataError

NAMES = ["the message", "the kind", "the sum"]
LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="&\ufffe\uffff")
CELLS = st.one_of(
    st.none(),
    st.text(LETTERS, min_size=1, max_size=12).map(lambda text: f"some {text}"),
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.booleans(),
    st.integers(1, 60_000).map(Day),
)
OLD_EXCEL = Path(__file__).parent / "golden" / "old_excel.xls"


def shown(cell):
    """A cell as it is stored."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case Day():
            return "a day"
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12),
    above=st.integers(0, 4),
    left=st.integers(0, 3),
)
@settings(max_examples=100, deadline=None)
def test_rows_of_a_sheet_come_back_with_their_lines(tmp_path_factory, rows, above, left):
    path = tmp_path_factory.mktemp("t") / "t.xlsx"
    first = ("a first message", "a kind", 1)
    table = [[None] * left + list(row) for row in (NAMES, first, *rows)]
    path.write_bytes(xlsx({"One": [[]] * above + table}))
    opened = open_table(path)
    found = {row.line: list(row.cells.values()) for row in opened.read()}
    expected = {
        line: [shown(cell) for cell in row]
        for line, row in enumerate((first, *rows), start=above + 2)
        if any(cell is not None for cell in row)
    }
    assert list(opened.columns) == NAMES
    assert found.keys() == expected.keys()
    for line, cells in expected.items():
        for cell, said in zip(found[line], cells, strict=True):
            assert cell == said or (said == "a day" and len(cell) == 10 and cell[4] == "-")


ROWS = [["message", "kind"], ["where is it", "order"], ["my money", "refund"], ["broken", "refund"]]
PLACES = {(r, c): text for r, row in enumerate(ROWS) for c, text in enumerate(row)}


def old_excel(*, row, column):
    """The old workbook with the last cell of its second column put elsewhere."""
    cell = bytes.fromhex("fd000a0003000100110007000000")
    data = OLD_EXCEL.read_bytes()
    assert data.count(cell) == 1
    return data.replace(cell, struct.pack("<HHHH", 0xFD, 10, row, column) + cell[8:])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("far.xlsb", xlsb({**PLACES, (3000, 60): "far away"})),
        ("far.xls", old_excel(row=3000, column=60)),
    ],
)
def test_a_cell_far_from_the_others_is_a_row_with_its_line(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    table = open_table(path)
    *near, far = table.read()
    assert [row.line for row in near] == [2, 3, 4]
    assert (far.line, table.columns[-1]) == (3001, "column 61")
    assert {repair.kind: repair.count for repair in table.repairs()}["empty-rows"] == 2996


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("far.xlsb", xlsb({**PLACES, (1_000_000, 16_000): "far away"})),
        ("wide.xlsb", xlsb({**PLACES, (3, 48_000): "far away"})),
        ("far.xls", old_excel(row=65_000, column=65_000)),
        (
            "claims.xls",
            OLD_EXCEL.read_bytes().replace(
                struct.pack("<HHIIHH", 0x200, 14, 0, 4, 0, 3),
                struct.pack("<HHIIHH", 0x200, 14, 0, 1 << 31, 0, 60_000),
            ),
        ),
    ],
)
def test_binary_sheets_that_would_fill_the_memory_are_refused_with_the_reason(
    tmp_path, name, content
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_table(path)
    assert caught.value.code == "unsafe-file"
    assert "far apart" in caught.value.title


def test_a_record_without_room_for_its_place_is_damaged():
    begin, row = b"\x91\x01\x00", b"\x00\x00"  # its reader would take the place it read before
    with pytest.raises(ValueError, match="no room"):
        span_of_xlsb(begin + row)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("upside_down.xlsb", xlsb(dict(reversed(PLACES.items())))),
        (
            "upside_down.xls",
            OLD_EXCEL.read_bytes().replace(
                struct.pack("<HHIIHH", 0x200, 14, 0, 4, 0, 3),
                struct.pack("<HHIIHH", 0x200, 14, 182, 4, 0, 3),
            ),
        ),
    ],
)
def test_binary_sheets_whose_last_place_is_above_their_first_are_damaged(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_table(path)
    assert caught.value.code == "not-a-table"


def test_an_old_workbook_that_claims_more_texts_than_bytes_is_damaged(tmp_path):
    data = OLD_EXCEL.read_bytes()
    head = struct.pack("<HHI", 0xFC, 115, 8)
    assert data.count(head) == 1
    at = data.index(head) + len(head)
    path = tmp_path / "texts.xls"
    path.write_bytes(data[:at] + struct.pack("<I", 1 << 30) + data[at + 4 :])
    with pytest.raises(DataError) as caught:
        open_table(path)
    assert caught.value.code == "not-a-table"
