"""JSON as other programs write it comes out as the same rows."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeroapp.data.readers import open_table
from zeroapp.data.table import TableRow
from zeroapp.errors import DataError

ROWS = [{"text": f"Where is parcel {n}?", "label": "post" if n % 2 else "money"} for n in range(12)]
COLUMNS = {name: [row[name] for row in ROWS] for name in ("text", "label")}
CELLS = [list(row.values()) for row in ROWS]


def read(tmp_path, content, *, name="t.json", off=()):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    table = open_table(path, off=off)
    items = list(table.read())
    rows = [item.cells for item in items if isinstance(item, TableRow)]
    return rows, [r.kind for r in table.repairs()], len(items) - len(rows)


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        {"version": 2, "data": ROWS},
        COLUMNS,
        {name: dict(enumerate(cells)) for name, cells in COLUMNS.items()},
        dict(enumerate(ROWS)),
        {"columns": ["text", "label"], "index": list(range(12)), "data": CELLS},
        [["text", "label"], *CELLS],
    ],
    ids=["list", "wrapped", "columns", "pandas", "by number", "split", "cells"],
)
def test_every_layout_gives_the_same_rows(tmp_path, content):
    rows, kinds, aside = read(tmp_path, content)
    assert rows == ROWS
    assert (kinds, aside) == ([], 0)


def test_rows_by_id_keep_their_ids(tmp_path):
    rows, _, _ = read(tmp_path, {f"case {n}": row for n, row in enumerate(ROWS)})
    assert rows[3] == {"id": "case 3"} | ROWS[3]


def test_lists_of_cells_without_names_are_numbered(tmp_path):
    rows, _, _ = read(tmp_path, [["a b c", 1, None], ["d e f", 2, 3], ["g h i", 4]])
    assert rows[0] == {"column 1": "a b c", "column 2": "1", "column 3": ""}
    assert rows[2] == {"column 1": "g h i", "column 2": "4"}


def test_commas_at_the_end_of_lines_are_left_out_and_said(tmp_path):
    lines = ",\n".join(map(json.dumps, ROWS))
    for name in ("t.jsonl", "t.json"):
        rows, kinds, aside = read(tmp_path, lines, name=name)
        assert (rows, kinds, aside) == (ROWS, ["row-commas"], 0)
    rows, _, aside = read(tmp_path, lines, name="t.jsonl", off=("row-commas",))
    assert (len(rows), aside) == (1, 11)


LABELLED = [
    {
        "id": n,
        "data": {"text": row["text"]},
        "annotations": [{"result": [{"type": "choices", "value": {"choices": [row["label"]]}}]}],
    }
    for n, row in enumerate(ROWS)
]


def test_what_labelling_programs_nest_becomes_columns_and_can_be_taken_back(tmp_path):
    rows, kinds, _ = read(tmp_path, LABELLED)
    assert rows[1] == {
        "id": "1",
        "data.text": ROWS[1]["text"],
        "annotations.result.type": "choices",
        "annotations.result.value.choices": "post",
    }
    assert kinds == ["nested-opened"]
    rows, kinds, _ = read(tmp_path, LABELLED, off=("nested-opened",))
    assert json.loads(rows[1]["data"]) == {"text": ROWS[1]["text"]}
    assert kinds == ["nested-values"]


def test_a_row_unlike_the_first_ones_loses_nothing(tmp_path):
    odd = {"id": 99, "data": {"text": "x", "more": 1}, "annotations": [1, 2]}
    rows, _, _ = read(tmp_path, [*LABELLED * 20, odd])
    assert json.loads(rows[-1]["data"]) == odd["data"]
    assert json.loads(rows[-1]["annotations"]) == [1, 2]


def test_dictionaries_with_many_keys_and_names_with_dots_stay_closed(tmp_path):
    many = [{"text": "a", "votes": {f"person {n}": 1}} for n in range(30)]
    assert json.loads(read(tmp_path, many)[0][4]["votes"]) == {"person 4": 1}
    dotted = [{"a.b": "1", "a": {"b": "2"}}] * 3
    assert read(tmp_path, dotted)[0][0] == {"a.b": "1", "a": '{"b":"2"}'}


def test_an_object_that_is_no_table_is_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, {"a": 1, "b": {"c": []}})
    assert caught.value.code == "not-a-table"


@pytest.mark.parametrize("off", [(), ("row-commas",)])
def test_broken_json_is_told_with_its_line(tmp_path, off):
    lines = [*json.dumps(ROWS, indent=1).splitlines()[:8], "]"]
    with pytest.raises(DataError, match="line") as caught:
        read(tmp_path, "\n".join(lines), off=off)
    assert "in line 9" in caught.value.title
    assert "Nothing was added" in caught.value.title


def test_commas_before_brackets_are_left_out_but_not_those_within_texts(tmp_path):
    text = '[{"text": "one, ] two,}", "label": "a",}, {"text": "x \\", ]", "label": "b"},\n]'
    rows, kinds, _ = read(tmp_path, text)
    assert rows == [
        {"text": "one, ] two,}", "label": "a"}, {"text": 'x ", ]', "label": "b"},
    ]  # fmt: skip
    assert kinds == ["row-commas"]


def test_a_first_line_with_a_tail_is_set_aside_alone(tmp_path):
    content = '{"text": "a"} and more\n' + "\n".join(map(json.dumps, ROWS))
    rows, _, aside = read(tmp_path, content, name="t.jsonl")
    assert (rows, aside) == (ROWS, 1)


MENDED = "&ÂÃÄÅÎÏÐÑâð"  # what entities and letters torn in two begin with
WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=MENDED), min_size=1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=12), lines=st.booleans())
def test_any_texts_come_back_from_lists_and_from_lines(tmp_path, cells, lines):
    rows = [{"text": f"some {text}", "label": label} for text, label in cells]
    content = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, ensure_ascii=False)
    found, _, aside = read(tmp_path, content, name="t.jsonl" if lines else "t.json")
    assert (found, aside) == (rows, 0)
