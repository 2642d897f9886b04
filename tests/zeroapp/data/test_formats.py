"""Each format people bring, in its awkward form: what comes out, and what is told."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.made_files import Day, deadly_parquet, docx, ods, packed, pdf, xlsx
from zeroapp.data import parquet_stream
from zeroapp.data.readers import TableRow, open_table, open_tables
from zeroapp.errors import DataError

OLD_EXCEL = Path(__file__).parent / "golden" / "old_excel.xls"
TEXTS = ["where is my order", "I want my money back", "it came broken", "how do I pay"]
KINDS = ["order", "refund", "refund", "payment"]
ROWS = [["message", "kind"], *map(list, zip(TEXTS, KINDS, strict=True))]


def opened(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = open_table(path)
    items = list(table.read())
    rows = [item for item in items if isinstance(item, TableRow)]
    return table, rows, [item for item in items if not isinstance(item, TableRow)]


def column(rows, name):
    return [row.cells[name] for row in rows]


def kinds(table):
    return [repair.kind for repair in table.repairs()]


@pytest.mark.parametrize("make", [lambda rows: "\n".join(map(",".join, rows)), None])
def test_files_put_together_repeat_their_names_which_are_left_out_once_said(tmp_path, make):
    doubled = [*ROWS, ["", ""], *ROWS]
    name, content = ("a.csv", make(doubled)) if make else ("a.xlsx", xlsx({"One": doubled}))
    table, rows, aside = opened(tmp_path, name, content)
    assert (column(rows, "message"), aside) == (TEXTS * 2, [])
    assert kinds(table) == ["empty-rows", "header-again"]
    kept = open_table(tmp_path / name, off=("header-again",))
    assert sum(row.cells["kind"] == "kind" for row in kept.read()) == 1


# --- spreadsheets --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "made"), [("a.xlsx", xlsx({"One": ROWS})), ("a.ods", ods(ROWS))])
def test_a_plain_sheet_is_a_table(tmp_path, name, made):
    table, rows, aside = opened(tmp_path, name, made)
    assert (table.columns, column(rows, "message"), column(rows, "kind"), aside) == (
        ("message", "kind"), TEXTS, KINDS, [],
    )  # fmt: skip
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert kinds(table) == []


def test_titles_above_the_names_are_left_out_and_told(tmp_path):
    made = xlsx({"One": [["Support requests, March"], [], [None, None], *ROWS]})
    table, rows, _ = opened(tmp_path, "a.xlsx", made)
    assert table.columns == ("message", "kind")
    assert (column(rows, "message"), rows[0].line) == (TEXTS, 5)
    (told,) = table.repairs()
    assert (told.kind, told.count, told.shown[0].before) == (
        "title-rows", 1, "Support requests, March",
    )  # fmt: skip


def test_merged_cells_give_their_value_to_every_row(tmp_path):
    rows = [ROWS[0], ["a text", "order"], ["b text", None], ["c text", None], ["d text", "refund"]]
    table, read, _ = opened(tmp_path, "a.xlsx", xlsx({"One": rows}, merged=["B2:B4"]))
    assert column(read, "kind") == ["order", "order", "order", "refund"]
    (told,) = table.repairs()
    assert (told.kind, told.count) == ("merged-cells", 2)
    off = open_table(tmp_path / "a.xlsx", off={"merged-cells"})
    assert column(list(off.read()), "kind") == ["order", "", "", "refund"]


def test_numbers_dates_and_formulas_come_as_people_see_them(tmp_path):
    made = [
        ["text", "stars", "share", "day", "sum", "paid"],
        ["a text", 4, 0.5, Day(45366), ("1+1", 2), True],
        ["b text", 5, 1.25, Day(45366.5), ('HYPERLINK("http://x")', 7), False],
    ]
    _, rows, _ = opened(tmp_path, "a.xlsx", xlsx({"One": made}))
    assert [list(row.cells.values()) for row in rows] == [
        ["a text", "4", "0.5", "2024-03-15", "2", "true"],
        ["b text", "5", "1.25", "2024-03-15 12:00:00", "7", "false"],
    ]


def test_every_sheet_is_a_table_of_its_own(tmp_path):
    path = tmp_path / "a.xlsx"
    other = [["note", "topic"], ["one thing", "x"], ["two things", "y"]]
    path.write_bytes(xlsx({"March": ROWS, "Empty": [], "April": other}))
    tables = [(table.name, table.sha256, list(table.read())) for table in open_tables(path)]
    assert [name for name, _, _ in tables] == ["a.xlsx › March", "a.xlsx › April"]
    assert [len(rows) for _, _, rows in tables] == [4, 2]
    assert len({sha256 for _, sha256, _ in tables}) == 2


def test_an_old_excel_file_with_dates_and_merged_cells():
    table = open_table(OLD_EXCEL)
    rows = list(table.read())
    assert column(rows, "when") == ["2024-03-01", "2024-03-02", "2024-03-03"]
    assert column(rows, "kind") == ["order", "order", "refund"]


def test_macros_are_neither_run_nor_kept_and_that_is_told(tmp_path):
    made = xlsx({"One": ROWS}, more={"xl/vbaProject.bin": b"\xcc\x61"})
    table, rows, _ = opened(tmp_path, "a.xlsm", made)
    assert len(rows) == 4
    assert [(r.kind, r.lasting) for r in table.repairs()] == [("macros", True)]


# --- documents -----------------------------------------------------------------------------------


def test_markdown_gives_its_paragraphs_below_their_headings(tmp_path):
    text = "# Returns\n\nSend it *back*.\n\n- in the box\n- with the bill\n\n## Money\n\nSoon.\n"
    table, rows, _ = opened(tmp_path, "a.md", text)
    assert table.columns == ("text", "heading")
    assert [(row.line, *row.cells.values()) for row in rows] == [
        (3, "Send it back.", "Returns"),
        (5, "in the box", "Returns"),
        (6, "with the bill", "Returns"),
        (10, "Soon.", "Money"),
    ]


def test_word_gives_paragraphs_and_a_document_that_is_a_table_its_rows(tmp_path):
    made = docx([("heading", "Returns"), ("text", "Send it back."), ("text", " ")])
    _, rows, _ = opened(tmp_path, "a.docx", made)
    assert [tuple(row.cells.values()) for row in rows] == [("Send it back.", "Returns")]
    table, rows, _ = opened(tmp_path, "b.docx", docx([("text", "See:"), ("table", ROWS)]))
    assert table.columns == ("message", "kind")
    assert column(rows, "kind") == KINDS


def test_a_pdf_gives_its_pages_and_sets_pictures_aside(tmp_path):
    made = pdf([["The refund takes a cus-", "tomer two days."], [], ["Page three."]])
    table, rows, aside = opened(tmp_path, "a.pdf", made)
    assert column(rows, "text") == ["The refund takes a customer two days.", "Page three."]
    assert [(item.line, "picture" in item.reason) for item in aside] == [(2, True)]
    assert kinds(table) == ["page-breaks"]


def test_html_gives_what_a_reader_sees(tmp_path):
    page = (
        "<html><head><title>x</title><script>alert(1)</script></head><body><h1>Returns</h1>"
        "<p>Send it <b>back</b>&amp;wait.<p>Two<br>lines</p><div>Last</div></body></html>"
    )
    _, rows, _ = opened(tmp_path, "a.html", page)
    assert [tuple(row.cells.values()) for row in rows] == [
        ("Send it back&wait.", "Returns"), ("Two\nlines", "Returns"), ("Last", "Returns"),
    ]  # fmt: skip


def test_html_that_is_a_table_gives_its_rows(tmp_path):
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in ROWS)
    table, rows, _ = opened(tmp_path, "a.htm", f"<p>Export</p><table>{body}</table>")
    assert table.columns == ("message", "kind")
    assert column(rows, "message") == TEXTS


# --- conversations -------------------------------------------------------------------------------

OPENAI = {"messages": [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"},
    {"role": "user", "content": [{"type": "text", "text": "Where is it?"}]},
    {"role": "assistant", "content": "On its way."},
]}  # fmt: skip
SHAREGPT = {"id": "7", "conversations": [
    {"from": "human", "value": "Where is it?"}, {"from": "gpt", "value": "On its way."},
]}  # fmt: skip


@pytest.mark.parametrize("layout", [OPENAI, SHAREGPT], ids=["openai", "sharegpt"])
@pytest.mark.parametrize("by_line", [True, False])
def test_conversations_are_laid_out_as_question_and_answer(tmp_path, layout, by_line):
    text = "\n".join([json.dumps(layout)] * 3) if by_line else json.dumps([layout] * 3)
    table, rows, aside = opened(tmp_path, "a.jsonl" if by_line else "a.json", text)
    assert (len(rows), aside) == (3, [])
    assert rows[0].cells["prompt"] == "Where is it?"
    assert rows[0].cells["answer"] == "On its way."
    if layout is OPENAI:
        assert rows[0].cells["history"] == "system: Be kind.\nuser: Hello\nassistant: Hi"
    assert kinds(table) == ["chat-layout"]
    path = tmp_path / ("a.jsonl" if by_line else "a.json")
    undone = list(open_table(path, off={"chat-layout"}).read())
    assert "prompt" not in undone[0].cells


def test_alpaca_keeps_its_three_columns(tmp_path):
    row = {"instruction": "Translate", "input": "Hello", "output": "Bonjour"}
    table, rows, _ = opened(tmp_path, "a.json", json.dumps([row, row]))
    assert table.columns == ("instruction", "input", "output")
    assert (len(rows), kinds(table)) == (2, [])


def test_a_conversation_without_a_question_stays_as_it_was(tmp_path):
    odd = [{"messages": [{"role": "assistant", "content": "Hi"}]}, {"messages": ["x", 3]}, {"a": 1}]
    _, rows, aside = opened(tmp_path, "a.json", json.dumps(odd))
    assert (len(rows), len(aside)) == (3, 0)


# --- parquet -------------------------------------------------------------------------------------


def parquet(path, columns):
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    made = {name: Array(values, type=DataType.string()) for name, values in columns.items()}
    write_parquet(Table.from_pydict(made), path)


def test_parquet_gives_its_rows(tmp_path):
    path = tmp_path / "a.parquet"
    parquet(path, {" message ": TEXTS * 1000, "kind": [*KINDS[:3], None] * 1000})
    table = open_table(path)
    rows = list(table.read())
    assert table.columns == ("message", "kind")
    assert (len(rows), rows[-1].line, rows[3].cells["kind"]) == (4000, 4000, "")
    assert kinds(table) == ["header-spaces"]


def test_parquet_that_ends_its_reader_is_refused_as_damaged(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(deadly_parquet())
    command = [sys.executable, "-P", parquet_stream.__file__, str(path), "2048"]
    assert subprocess.run(command, capture_output=True).returncode not in (0, 1)
    table = open_table(path)
    with pytest.raises(DataError) as caught:
        list(table.read())
    assert (caught.value.code, "damaged" in caught.value.hint) == ("not-a-table", True)


# --- mail ----------------------------------------------------------------------------------------

REPLY = (
    "From: Ann <ann@example.org>\r\nSubject: =?utf-8?q?R=C3=BCckgabe?=\r\n"
    "Date: Mon, 04 Mar 2024 10:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Please send me the label.\r\n\r\n-- \r\nAnn Smith\r\nSmith Ltd\r\n\r\n"
    "On Fri, 1 Mar 2024 at 09:12, Shop <shop@example.org> wrote:\r\n> How can we help?\r\n> Bob\r\n"
)
HTML_MAIL = (
    "From: bob@example.org\nSubject: Hi\nContent-Type: text/html\n\n<p>It came <b>late</b>.</p>"
)
NO_TEXT = "From: x@example.org\nSubject: scan\nContent-Type: application/pdf\n\nJVBERi0=\n"


def test_a_mail_is_what_was_newly_written(tmp_path):
    table, rows, _ = opened(tmp_path, "a.eml", REPLY)
    assert rows[0].cells == {
        "text": "Please send me the label.", "subject": "Rückgabe",
        "from": "Ann <ann@example.org>", "date": "Mon, 04 Mar 2024 10:00:00 +0100",
    }  # fmt: skip
    assert kinds(table) == ["quoted-replies"]
    whole = next(iter(open_table(tmp_path / "a.eml", off={"quoted-replies"}).read()))
    assert "How can we help?" in whole.cells["text"]


@pytest.mark.parametrize(
    ("line", "quote"),
    [("Am Fr., 1. März 2024 um 09:12 Uhr schrieb Shop <shop@example.org>:", "Wie bitte?"),
     ("Le ven. 1 mars 2024 à 09:12, Shop <shop@example.org> a écrit :", "Comment ?"),
     ("-----Original Message-----\nFrom: Shop", "How?")],
)  # fmt: skip
def test_quotes_are_found_in_other_languages(tmp_path, line, quote):
    head = "From: a@b.org\nSubject: s\nContent-Type: text/plain; charset=utf-8"
    text = f"{head}\n\nMein Anliegen.\n\n{line}\n> {quote}\n"
    _, rows, _ = opened(tmp_path, "a.eml", text)
    assert column(rows, "text") == ["Mein Anliegen."]


def test_no_more_of_a_header_is_read_than_takes_a_moment(tmp_path):
    # the parser's time grows with the square of these: minutes for the sender of this mail
    text = "From: " + '"' * 100_000 + "\nSubject: " + "a" * 9000 + "\n\nIt came broken.\n"
    _, rows, _ = opened(tmp_path, "a.eml", text)
    assert rows[0].cells["text"] == "It came broken."
    assert rows[0].cells["subject"] == "a" * 4000


def test_a_mailbox_gives_a_row_for_each_mail_with_its_line(tmp_path):
    parts = [REPLY.replace("\r\n", "\n"), HTML_MAIL, NO_TEXT]
    box = "".join(f"From a@b.org Mon Mar  4 10:00:00 2024\n{part}\n\n" for part in parts)
    _, rows, aside = opened(tmp_path, "a.mbox", box)
    assert column(rows, "text") == ["Please send me the label.", "It came late."]
    assert (rows[0].line, rows[1].line) == (1, box[: box.index("bob@")].count("\n"))
    assert [item.reason for item in aside] == [
        "The mail has no text, only attachments or pictures."
    ]


# --- messengers ----------------------------------------------------------------------------------

ANDROID = (
    "12/03/2024, 09:15 - Messages and calls are end-to-end encrypted.\n"
    "12/03/2024, 09:16 - Ann: Is it open today?\nAnd tomorrow?\n"
    "12/03/2024, 09:17 - Bob: Yes: until six\n"
    "12/03/2024, 09:18 - Ann: <Media omitted>\n12/03/2024, 09:20 - Ann: Great\n"
)
APPLE = (
    "[12.03.24, 09:16:01] Ann: Ist heute offen?\n[12.03.24, 09:17:44] Bob: Ja\n"
    "[12.03.24, 09:18:02] \u200eBob: \u200eBild weggelassen\n[12.03.24, 09:19:00] Ann: Danke\n"
)


def test_a_whatsapp_chat_gives_its_messages(tmp_path):
    _, rows, aside = opened(tmp_path, "chat.txt", ANDROID)
    assert [(row.line, *row.cells.values()) for row in rows] == [
        (2, "Is it open today?\nAnd tomorrow?", "Ann", "12/03/2024, 09:16"),
        (4, "Yes: until six", "Bob", "12/03/2024, 09:17"),
        (6, "Great", "Ann", "12/03/2024, 09:20"),
    ]
    assert [item.line for item in aside] == [1, 5]
    _, rows, aside = opened(tmp_path, "_chat.txt", APPLE)
    assert column(rows, "text") == ["Ist heute offen?", "Ja", "Danke"]
    assert [item.line for item in aside] == [3]


# --- what could do harm --------------------------------------------------------------------------


def bomb():
    return packed({"xl/workbook.xml": b" " * (50 << 20)})


ENTITY = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'


def far_apart():
    """A workbook with one cell in the last row and column that a sheet can have."""
    last = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    sheet = f'<worksheet><sheetData><row r="1"/>{last}</sheetData></worksheet>'
    return xlsx({"One": ROWS}, more={"xl/worksheets/s2.xml": sheet})


def nameless():
    """A container whose list of contents has lost the name of its only part."""
    data = bytearray(packed({"x": "y"}))
    lengths = data.rindex(b"PK\1\2") + 28
    data[lengths : lengths + 4] = b"\0\0\1\0"  # the name's letter counts as something else
    return bytes(data)


def lost_end():
    """An ODS file in which the end of a cell is written wrong."""
    with zipfile.ZipFile(io.BytesIO(ods(ROWS))) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    cells = b"</text:p></table:table-cell>"
    parts["content.xml"] = parts["content.xml"].replace(cells, b"</text:p></tableable-cell>", 1)
    return packed(parts)


def old_excel(at, word):
    """The old workbook with one word of its container replaced."""
    data = bytearray(OLD_EXCEL.read_bytes())
    data[at : at + 4] = word.to_bytes(4, "little")
    return bytes(data)


def first_table():
    """Where the old workbook's table of sectors starts."""
    return 512 * (1 + int.from_bytes(OLD_EXCEL.read_bytes()[76:80], "little"))


def first_entry():
    """Where its folder starts: its first entry is the root."""
    return 512 * (1 + int.from_bytes(OLD_EXCEL.read_bytes()[48:52], "little"))


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = f'<Types xmlns="{_PACKAGE}/content-types"/>'
_NO_TARGET = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="x"/>'
    "</Relationships>"
)
HARMFUL = [
    ("far.xlsx", far_apart(), "unsafe-file", "far apart"),
    ("circle.xls", old_excel(first_table(), 0), "not-a-table", "spreadsheet"),
    ("huge.xls", old_excel(first_entry() + 120, 0xF0000000), "not-a-table", "spreadsheet"),
    ("nameless.docx", nameless(), "not-a-table", "Word"),
    ("lost_end.ods", lost_end(), "not-a-table", "spreadsheet"),
    ("panic.xls", OLD_EXCEL.read_bytes()[:3000], "not-a-table", "spreadsheet"),
    ("model.pkl", b"cos\nsystem\n(S'true'\ntR.", "unsafe-file", "run a program"),
    ("a.docm", b"PK\x03\x04", "unsafe-file", "run a program"),
    ("a.xlsx", bomb(), "unsafe-file", "bomb"),
    ("b.xlsx", xlsx({"One": ROWS}, more={"x.xml": ENTITY}), "unsafe-file", "entities"),
    ("b.docx", packed({"word/document.xml": ENTITY}), "unsafe-file", "entities"),
    ("c.xlsx", packed({"../../x.xml": "x"}), "unsafe-file", "outside its folder"),
    ("c.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600, "not-a-table", "spreadsheet"),
    ("d.ods", b"PK\x03\x04cut", "not-a-table", "spreadsheet"),
    ("d.pdf", b"%PDF-1.4 cut", "not-a-table", "PDF"),
    ("d.docx", packed({"word/document.xml": "<x/>"}), "not-a-table", "Word"),
    (
        "e.docx",
        packed({"[Content_Types].xml": _TYPES, "_rels/.rels": _NO_TARGET}),
        "not-a-table",
        "Word",
    ),
    ("d.parquet", b"PAR1 cut PAR1", "not-a-table", "Parquet"),
    ("e.html", b"<script>1</script>", "no-rows", "no rows"),
    ("a.zip", b"PK\x03\x04", "unknown-format", "archive"),
]


@pytest.mark.parametrize(("name", "content", "code", "word"), HARMFUL, ids=[h[0] for h in HARMFUL])
def test_harmful_and_damaged_files_are_refused_with_the_reason(tmp_path, name, content, code, word):
    with pytest.raises(DataError) as caught:
        opened(tmp_path, name, content)
    assert caught.value.code == code
    assert word in caught.value.title + caught.value.hint


def test_a_formula_stays_text(tmp_path):
    _, rows, _ = opened(tmp_path, "a.csv", 'text,kind\n"=HYPERLINK(""http://x"")",a\nplain,b\n')
    assert rows[0].cells["text"] == '=HYPERLINK("http://x")'


PAGE = "<html><body><table>{}</table></body></html>".format(
    "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.xls", PAGE),
        ("cells.xlsx", "\n".join(map(";".join, ROWS))),
        ("tabs.xls", ("\ufeff" + "\r\n".join(map("\t".join, ROWS))).encode("utf-16-le")),
    ],
)
def test_a_table_that_only_has_a_spreadsheets_name_is_read_as_what_it_is(tmp_path, name, content):
    table, rows, aside = opened(tmp_path, name, content)
    assert (column(rows, "message"), column(rows, "kind"), aside) == (TEXTS, KINDS, [])
    assert "misnamed" in kinds(table)
    assert next(r for r in table.repairs() if r.kind == "misnamed").lasting


def test_excels_own_xml_of_2003_is_refused_rather_than_read_wrongly(tmp_path):
    with pytest.raises(DataError) as caught:
        opened(tmp_path, "a.xls", '<?xml version="1.0"?><Workbook><Row/></Workbook>')
    assert caught.value.code == "not-a-table"
