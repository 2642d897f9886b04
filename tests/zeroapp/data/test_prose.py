"""Plain texts with lines broken at a margin come in as paragraphs; everything else stays."""

import random
import textwrap

import pytest

from zeroapp.data.readers import open_table
from zeroapp.data.table import TableRow

WORDS = ("the", "ship", "sailed", "over", "calm", "waters", "and", "nobody", "said", "storms")


def paragraphs(count, *, seed=1):
    dice = random.Random(seed)
    return [
        f"Paragraph {n} " + " ".join(dice.choices(WORDS, k=dice.randint(5, 120)))
        for n in range(count)
    ]


def opened(folder, text, *, name="diary.txt", off=()):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    table = open_table(folder / name, off=off)
    rows = list(table.read())
    assert all(isinstance(row, TableRow) for row in rows)
    return table, rows


@pytest.mark.parametrize("width", [50, 72, 100])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_text_broken_at_a_margin_comes_back_whole(tmp_path, width, newline):
    whole = paragraphs(60)
    text = "\n\n".join(textwrap.fill(one, width) for one in whole) + "\n\n\n* * *\n"
    table, rows = opened(tmp_path, text.replace("\n", newline))
    assert [row.cells["text"] for row in rows] == [*whole, "* * *"]
    assert table.columns == ("text",)
    starts = text.split("\n")
    assert all(starts[row.line - 1].startswith(row.cells["text"][:9]) for row in rows)
    (told,) = table.repairs()
    assert (told.kind, told.lasting) == ("margin", False)


def test_it_can_be_left_as_it_was_and_a_verse_keeps_its_lines(tmp_path):
    whole = paragraphs(60)
    verse = "The fog comes\non little cat feet.\nIt sits looking"
    text = "\n\n".join([*(textwrap.fill(one, 72) for one in whole), verse])
    _, rows = opened(tmp_path, text)
    assert rows[-1].cells["text"] == verse
    table, rows = opened(tmp_path, text, off=("margin",))
    assert rows[0].cells["text"] == textwrap.fill(whole[0], 72)
    assert table.repairs() == []


def test_paragraphs_that_are_a_line_each_need_no_mending(tmp_path):
    """Nobody is told of blank lines between paragraphs, or of columns that a novel has not got."""
    whole = ["I", *paragraphs(40), '"Well," he said, "you know.', "roses are red,\nviolets"]
    table, rows = opened(tmp_path, "\n\n".join(whole) + "\n")
    assert table.columns == ("text",)
    assert [row.cells["text"] for row in rows] == whole
    assert rows[2].line == 5
    assert table.repairs() == []


def test_what_the_publisher_says_around_a_text_is_set_aside(tmp_path):
    whole = paragraphs(60)
    body = [textwrap.fill(one, 72) for one in whole]
    start = "*** START OF THE PROJECT GUTENBERG EBOOK A LONG TITLE OF A DIARY KEPT BY\nNOBODY ***"
    end = "*** END OF THE PROJECT GUTENBERG EBOOK A DIARY ***"
    text = ["The Project Gutenberg eBook of A diary", start, *body, end, "Terms.", "More terms."]
    (tmp_path / "pg.txt").write_text("\n\n".join(text))
    items = list(open_table(tmp_path / "pg.txt").read())
    rows = [item.cells["text"] for item in items if isinstance(item, TableRow)]
    assert rows == whole
    assert len(items) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"line {n} of a list" for n in range(200)),
        "\n\n".join("The fog comes\non little cat feet.\nIt sits" for _ in range(60)),
        "text,kind\n"
        + "".join(f"where is parcel number {n * n},{'ab'[n % 2]}\n" for n in range(99)),
        "\n".join(f"some words of row {n}\tkind {n % 3}" for n in range(99)),
    ],
    ids=["list", "poem", "table", "tabs"],
)
def test_lists_poems_and_tables_are_no_prose(tmp_path, text):
    table, _ = opened(tmp_path, text)
    assert "margin" not in {repair.kind for repair in table.repairs()}


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (("what", "kind"), [f"parcel {n} is late,{'ab'[n % 2]}" for n in range(99)]),
        (("feedback",), paragraphs(40)),
    ],
)
def test_rows_with_blank_lines_between_stay_a_table(tmp_path, columns, lines):
    table, rows = opened(tmp_path, "\n\n".join([",".join(columns), *lines]))
    assert table.columns == columns
    assert len(rows) == len(lines)


def test_the_same_text_in_a_file_of_commas_stays_a_table(tmp_path):
    text = "\n\n".join(textwrap.fill(one, 72) for one in paragraphs(60))
    table, _ = opened(tmp_path, text, name="diary.csv")
    assert "margin" not in {repair.kind for repair in table.repairs()}


def test_a_paragraph_with_broken_bytes_is_set_aside_with_its_line(tmp_path):
    whole = "\n\n".join(textwrap.fill(one, 72) for one in [*paragraphs(60), "naïve café"])
    (tmp_path / "novel.txt").write_bytes(
        whole.encode().replace(b"Paragraph 7 ", b"Para\xffgraph 7 ")
    )
    items = list(open_table(tmp_path / "novel.txt").read())
    (broken,) = (item for item in items if not isinstance(item, TableRow))
    assert len(items) == 61
    assert "no letters" in broken.reason
    assert whole.split("\n")[broken.line - 1].startswith("Paragraph 7 ")
