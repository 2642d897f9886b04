import codecs
import hashlib
import json

import pytest

from zeroapp.data.readers import TableRow, open_table
from zeroapp.dataset import SetAside

ROWS = [("Where is my card?", "card"), ("I want my money back; now", "refund")]


RUSSIAN = (
    "Где мой перевод? Я потерял свою карту вчера вечером. "
    "Почему с меня сняли комиссию за снятие наличных?"
)


def read(path):
    table = open_table(path)
    items = list(table.read())
    rows = [item for item in items if isinstance(item, TableRow)]
    aside = [item for item in items if isinstance(item, SetAside)]
    return table, rows, aside


def write(folder, content, *, name="table.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def kinds(table):
    return [repair.kind for repair in table.repairs()]


def texts(rows):
    return [tuple(row.cells.values()) for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_gives_the_same_rows(tmp_path, delimiter, line_end):
    lines = [f"message{delimiter}kind"]
    lines += [f'"{text}"{delimiter}{kind}' for text, kind in ROWS * 3]
    table, rows, aside = read(write(tmp_path, line_end.join(lines) + line_end))
    assert table.delimiter == delimiter
    assert table.columns == ("message", "kind")
    assert texts(rows) == ROWS * 3
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 7]
    assert aside == []
    assert kinds(table) == ([] if delimiter == "," else ["delimiter"])


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Où est ma carte ? Это тест, 日本"),
        ("utf-8-sig", "Où est ma carte ?"),
        ("utf-16", "Où est ma carte ? Это тест"),
        ("utf-16-le", "Where is my card"),
        ("utf-16-be", "Where is my card"),
        ("utf-32", "Où est ma carte ?"),
        ("cp1252", "Où est passé mon virement ? C’est très gênant, j’attends"),
        ("cp1252", "It costs £5 – that’s odd"),
        ("latin-1", "¿Dónde está mi tarjeta? La necesito mañana por la mañana"),
        ("cp1250", "Gdzie jest mój przelew? Proszę o pomoc, żeby odzyskać środki"),
        ("iso8859-2", "Gdzie jest mój przelew? Proszę o pomoc, żeby odzyskać środki"),
        ("iso8859-2", "Kde je moje zásilka? Chtěl bych vrátit zboží, ještě nepřišlo"),
        ("mac_roman", "Où est ma commande ? Elle n’est pas arrivée à l’hôtel"),
        ("mac_roman", "Wo bleibt mein Päckchen? Es ist überfällig, ich möchte es zurück"),
        ("cp850", "Où est ma commande ? Elle n'est pas arrivée à l'hôtel"),
        ("cp437", "Wo bleibt mein Päckchen? Es ist überfällig, ich möchte es zurück"),
        ("cp437", "¿Dónde está mi pedido? Lo necesito mañana por la mañana, gracias"),
        ("cp850", "Var är mitt paket? Jag vill ha pengarna åter på lördag"),
        # Quotes and dashes would be letters there.
        ("cp1252", "El pedido – no ha llegado, todo – mal, nada de nada –"),
        ("cp1252", "Er sagte „das Paket ist da“ und ging – bitte hilf mir"),
        ("cp1252", "C’est la commande d’hier, l’agent dit “non” – qu’est-ce qu’il y a"),
        ("iso2022_jp", "カードを紛失しました。送金はいつ届きますか"),
        ("cp1254", "Param nerede? Lütfen kartımla ilgili yardım edin, şifremi unuttum"),
        # Other scripts are told apart by letter pairs: reliable from about a hundred letters on.
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("iso8859-5", RUSSIAN),
        ("cp866", RUSSIAN),
        ("cp1255", "איפה החבילה שלי? אני רוצה להחזיר את המוצר"),
        ("cp1256", "أين طردي؟ أريد إرجاع المنتج"),
        ("cp874", "พัสดุของฉันอยู่ที่ไหน ฉันต้องการคืนสินค้า"),
        ("big5", "我的包裹在哪裡？我想退貨，為什麼訂單還沒有到"),
        ("euc_jp", "荷物はどこにありますか。商品を返品したいのですが"),
        ("cp1253", "Πού είναι η μεταφορά μου; Χρειάζομαι βοήθεια με την κάρτα μου"),
        ("shift_jis", "カードを紛失しました。送金はいつ届きますか。手数料がかかったのはなぜですか"),
        ("gb18030", "我的卡丢了怎么办。转账什么时候到。为什么收取手续费。我想修改地址"),
        ("cp949", "카드를 잃어버렸어요. 송금은 언제 도착하나요. 수수료가 왜 부과되었나요"),
    ],
)  # fmt: skip
def test_encodings_are_found(tmp_path, encoding, text):
    path = write(tmp_path, f'message,kind\n"{text}",a\nYes,b\n', encoding=encoding)
    _, rows, aside = read(path)
    assert aside == []
    assert texts(rows) == [(text, "a"), ("Yes", "b")]


def test_letters_of_an_old_encoding_far_into_the_file_are_found(tmp_path):
    # Two blocks of the scan are plain ASCII before the first special letter comes.
    plain = b"where is my card please,card\n" * 80_000
    path = write(tmp_path, b"message,kind\n" + plain + "schöne Grüße,other\n".encode("cp1252"))
    _, rows, aside = read(path)
    assert aside == []
    assert rows[-1].cells["message"] == "schöne Grüße"


def test_a_few_broken_bytes_in_utf8_touch_only_their_rows(tmp_path):
    good = "Grüße aus Köln,gruß\n".encode() * 5
    path = write(tmp_path, b"message,kind\n" + good + b"bad \xff\xfe bytes,x\n" + good)
    table, rows, aside = read(path)
    assert table.encoding == "utf-8"
    assert len(rows) == 10
    assert [(item.file, item.line) for item in aside] == [("table.csv", 7)]
    assert "utf-8" in aside[0].reason
    assert aside[0].raw == r"bad \udcff\udcfe bytes,x"


def test_zero_bytes_set_a_row_aside(tmp_path):
    _, rows, aside = read(write(tmp_path, b"message,kind\nok,a\nb\0ad,b\nok too,a\n"))
    assert texts(rows) == [("ok", "a"), ("ok too", "a")]
    assert (aside[0].line, aside[0].raw) == (3, "b\N{SYMBOL FOR NULL}ad,b")


def test_a_cell_over_a_million_characters_is_set_aside(tmp_path):
    long = "x" * (1 << 20)
    path = write(tmp_path, f"message,kind\n{long},a\n{long}y,b\n{long * 5},c\nok,d\n")
    _, rows, aside = read(path)
    assert [row.cells["kind"] for row in rows] == ["a", "d"]
    assert [item.line for item in aside] == [3, 4]
    assert all(len(item.raw) == 200 for item in aside)


@pytest.mark.parametrize(
    ("lines", "expected", "kind"),
    [
        (['"He said "hi" to me",a'], [('He said "hi" to me', "a")], "stray-quotes"),
        (['"never closed,a', "next,b"], [('"never closed', "a"), ("next", "b")], "stray-quotes"),
        (['"never closed,a', '"quoted, too",b'], [('"never closed', "a"), ("quoted, too", "b")],
         "stray-quotes"),
        ([r'"back \"slash\" it",a'], [('back "slash" it', "a")], "stray-quotes"),
        (["short"], [("short", "")], "short-rows"),
        (["spare,a,,"], [("spare", "a")], "spare-cells"),
        (["one\rtwo,a"], [("one two", "a")], "line-ends"),
        (["", "ok,a", ",", " , "], [("ok", "a")], "empty-rows"),
    ],
)  # fmt: skip
def test_slips_of_the_pen_are_put_right(tmp_path, lines, expected, kind):
    usual = ["first row,a", "second row,b", "third row,a"]
    path = write(tmp_path, "\n".join(["message,kind", *usual, *lines, "last row,b"]) + "\n")
    table, rows, aside = read(path)
    assert aside == []
    assert texts(rows[3:]) == [*expected, ("last row", "b")]
    assert kinds(table) == [kind]


def test_commas_in_an_unquoted_text_are_joined_when_the_rest_is_known(tmp_path):
    usual = "\n".join(f"message number {n},{kind}" for n, kind in enumerate("abab"))
    path = write(
        tmp_path,
        f"message,kind\n{usual}\nhello, my card, it is gone,a\nhello, I want,something\n",
    )
    table, rows, aside = read(path)
    assert texts(rows)[-1] == ("hello, my card, it is gone", "a")
    assert [(item.line, item.reason) for item in aside] == [
        (7, "It has 3 cells where the table has 2 columns.")
    ]
    assert kinds(table) == ["unquoted-delimiter"]


def test_a_mark_that_never_closes_swallows_no_rows(tmp_path):
    usual = [f"message number {n},{kind}" for n, kind in enumerate("abababab")]
    # The second mark opens a cell of its own line: what lies between looks like one long cell.
    bad = ['"Love someone, it said, x', "a row between,a", 'then he said,"quoted" words,b']
    path = write(tmp_path, "\n".join(["message,kind", *usual, *bad, *usual]) + "\n")
    _, rows, aside = read(path)
    assert len(rows) + len(aside) == 19
    assert "a row between" in [row.cells["message"] for row in rows]


def test_texts_over_several_lines_stay_one_row(tmp_path):
    path = write(tmp_path, 'message,kind\n"line one\nline two\n\nline four",a\nnext,b\n')
    table, rows, aside = read(path)
    assert texts(rows) == [("line one\nline two\n\nline four", "a"), ("next", "b")]
    assert [row.line for row in rows] == [2, 6]
    assert (aside, kinds(table)) == ([], [])


@pytest.mark.parametrize(
    ("header", "columns", "kind"),
    [
        (" message , kind ", ("message", "kind"), "header-spaces"),
        ("kind,kind", ("kind", "kind (2)"), "header-twice"),
        ("message,", ("message", "column 2"), "header-unnamed"),
        ('\ufeff"message",kind', ("message", "kind"), "byte-order-mark"),
    ],
)
def test_headers_are_mended(tmp_path, header, columns, kind):
    table, rows, _ = read(write(tmp_path, f"{header}\nwhere is it,a\nwhat now,b\n"))
    assert table.columns == columns
    assert texts(rows) == [("where is it", "a"), ("what now", "b")]
    assert kind in kinds(table)


@pytest.mark.parametrize(
    "first",
    [
        "where is my card?,card",  # its kind comes again below
        "This is a long first message without any name in it,whatever",
    ],
)
def test_without_names_the_columns_are_numbered(tmp_path, first):
    table, rows, _ = read(write(tmp_path, f"{first}\nI lost it,card\nmoney please,refund\n"))
    assert table.columns == ("column 1", "column 2")
    assert len(rows) == 3
    assert kinds(table) == ["no-header"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        # Survey tools write whole questions into the header.
        (["When?,What is the main reason why you contacted us today?", "3/4/2026 10:11,No idea."],
         True),
        (["Why did you write to us in the end?,Which of these is it?"]
         + [f"because of number {n} of them all,{'yes' if n % 2 else 'no'}" for n in range(10)],
         True),
        (["0,1", "where is it,card", "what now,money"], True),  # pandas numbers the columns
        (["12,4711", "13,4712"], False),
        (["2026-01-02,1.5", "2026-01-03,2.5"], False),
    ],
)  # fmt: skip
def test_a_header_stands_out_from_what_is_below(tmp_path, rows, named):
    table, found, _ = read(write(tmp_path, "\n".join(rows) + "\n"))
    assert (table.columns != ("column 1", "column 2")) is named
    assert len(found) == len(rows) - named


def test_lines_of_plain_text_are_one_column(tmp_path):
    lines = ["text", "Hello, my card is gone", '"Where," he said, "is it?"', "No; it | is here"]
    _, rows, aside = read(write(tmp_path, "\n".join(lines), name="lines.txt"))
    assert [row.cells["text"] for row in rows] == lines[1:]
    assert aside == []


def test_the_line_in_which_excel_names_its_delimiter_is_left_out(tmp_path):
    table, rows, _ = read(write(tmp_path, "sep=;\nmessage;kind\na, b, c;x\nd, e;y\n"))
    assert (table.delimiter, texts(rows)) == (";", [("a, b, c", "x"), ("d, e", "y")])
    assert rows[0].line == 3


def test_objects_by_line_are_rows(tmp_path):
    lines = [
        '{"text": "a", "stars": 4, "ok": true}',
        "",
        "[1]",
        "{broken",
        '{"text": null, "b": [1, 2]}',
    ]
    table, rows, aside = read(write(tmp_path, "\n".join(lines), name="t.jsonl"))
    assert [(row.line, row.cells) for row in rows] == [
        (1, {"text": "a", "stars": "4", "ok": "true"}),
        (5, {"text": "", "b": "[1,2]"}),
    ]
    assert [item.line for item in aside] == [3, 4]
    assert table.columns == ("text", "stars", "ok", "b")
    assert kinds(table) == ["nested-values"]


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"version": 1, "data": rows}])
def test_a_list_of_objects_is_a_table(tmp_path, wrap):
    content = json.dumps(wrap([{"text": "a", "kind": "x"}, {"text": "b", "kind": "y"}, 7]))
    table, rows, aside = read(write(tmp_path, content, name="t.json"))
    assert texts(rows) == [("a", "x"), ("b", "y")]
    assert (len(aside), table.columns) == (1, ("text", "kind"))


def test_json_may_be_utf16_and_by_line_under_the_other_ending(tmp_path):
    path = write(tmp_path, '{"text": "ä"}\n{"text": "ö"}\n', name="t.json", encoding="utf-16")
    _, rows, _ = read(path)
    assert texts(rows) == [("ä",), ("ö",)]


def test_hash_and_size_are_those_of_the_file(tmp_path):
    content = codecs.BOM_UTF8 + b"message,kind\na,b\n"
    table, _, _ = read(write(tmp_path, content))
    assert table.bytes == len(content)
    assert table.sha256 == hashlib.sha256(content).hexdigest()


def test_reading_holds_a_bounded_part_of_the_file(tmp_path):
    path = write(tmp_path, b"message,kind\n" + b"where is my card,card\n" * 200_000)
    table = open_table(path)
    rows = table.read()
    next(rows)
    # 4.4 MB in all; the decoder reads 8 KiB at a time.
    assert table.position() < 100_000
    rows.close()


def test_a_line_that_looks_like_a_mark_of_utf_16_is_set_aside(tmp_path):
    table, rows, aside = read(write(tmp_path, b'{"text": "a"}\n\xfe\xff\n', name="t.jsonl"))
    assert not table.encoding.startswith("utf-")
    assert (len(rows), [item.line for item in aside]) == (1, [2])


def test_rows_that_come_as_often_as_the_first_one_are_rows(tmp_path):
    first, second = "where is my order,order", "I want my money back,refund"
    broken = "it came broken!refund"
    lines = [first, second, broken, first, second, "it came late,refund", first]
    table, rows, aside = read(write(tmp_path, "\n".join(lines)))
    assert (len(rows), aside) == (len(lines), [])
    assert "header-again" not in kinds(table)


@pytest.mark.parametrize("gap", ["", ",,"])
@pytest.mark.parametrize(
    "other",
    [["product,price", "chair,10", "table,20"], ["product,price,stock,shop", "chair,10,3,A"]],
)
def test_another_table_below_an_empty_line_is_set_aside_and_never_mixed(tmp_path, gap, other):
    own = [f"Anna,where is it {n},Rome" for n in range(9)]
    lines = ["name,message,city", *own, gap, *other, "chair", "", "Ben,here it is,Bonn", "Cem"]
    table, rows, aside = read(write(tmp_path, "\n".join(lines)))
    assert [list(row.cells.values()) for row in rows[-3:]] == [
        ["Anna", "where is it 8", "Rome"], ["Ben", "here it is", "Bonn"], ["Cem", "", ""],
    ]  # fmt: skip
    assert [item.line for item in aside] == list(range(12, 13 + len(other)))
    assert {item.reason for item in aside} == {
        "It belongs to another table, which begins in line 12 after an empty one."
    }
    assert {r.kind: r.count for r in table.repairs()}["short-rows"] == 1


def test_short_rows_below_an_empty_line_are_no_other_table(tmp_path):
    own = [f"Anna,where is it {n},Rome" for n in range(9)]
    lines = ["name,message,city", *own, "", "Ben,here it is", "Cem,there"]
    table, rows, aside = read(write(tmp_path, "\n".join(lines)))
    assert (len(rows), aside, table.repairs()[-1].count) == (11, [], 2)
