"""Whatever a file holds, every row of it is stored or set aside: none is dropped in silence."""

import csv
import io

from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from zeroapp.data.readers import TableRow, open_table
from zeroapp.errors import DataError

CELLS = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab ,;|\t\"'\n\r\0é日"),
        # of torn letters ("Ã©" for "é"), which are rightly put right, these are the first
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="ÃÂâ"),
    ),
    min_size=1,
    max_size=12,
).filter(lambda cell: cell.strip() and cell.strip("\0"))


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_well_written_rows_come_back_one_for_one(tmp_path_factory, rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("the message", "the kind"), *rows])
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    zeros = sum(cell.count("\0") for row in rows for cell in row)
    assume(zeros < 5)  # a short file full of zero bytes is rightly refused as no text at all
    items = list(open_table(path).read())
    assert len(items) == len(rows)
    for item, row in zip(items, rows, strict=True):
        if isinstance(item, TableRow):
            assert _spaces(item.cells.values()) == _spaces(row)
        else:
            assert any("\0" in cell for cell in row)


def _spaces(cells):
    """Line ends inside a cell may come back as another kind of line end."""
    return [cell.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") for cell in cells]


@given(
    lines=st.lists(
        st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), max_size=20
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_at_most_one_row_a_line_and_every_quoteless_line_one(
    tmp_path_factory, lines
):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    content = b"message,kind\nfirst row,a\nsecond row,b\nthird row,a\n" + b"\n".join(lines)
    path.write_bytes(content)
    try:
        items = list(open_table(path).read())
    except DataError:
        reject()  # so many control signs that it is no text at all
    assert len(items) <= 3 + len(lines)
    if b'"' not in content and content.isascii():
        # the sign alone in a line is what DOS ended its files with
        blank = sum(line == b"\x1a" or not line.decode().replace(",", "").strip() for line in lines)
        assert len(items) == 3 + len(lines) - blank
