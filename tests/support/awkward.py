# ruff: noqa: E501
"""Small awkward files, as people have them: what each holds and what must come of it.

Shared by the tests and by `benchmarks/fuzz_import.py`, which takes them as seeds.
"""

import gzip
import json
from dataclasses import dataclass

from support.made_files import Day, docx, ods, packed, pdf, xlsb, xlsx

A, B, C = "where is my order", "I want my money back", "it came broken"
TABLE = f"message,kind\n{A},order\n{B},refund\n{C},refund\n"
ROWS = [["message", "kind"], [A, "order"], [B, "refund"], [C, "refund"]]
UMLAUTS = "nachricht;art\nWo bleibt mein Päckchen?;Größe\nSchöne Grüße;Ärger\nZurück;Ärger\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awkward:
    """A file. stored, aside: rows that must come out; repairs: kinds that must be told.

    refused: the code of the error when nothing may come in. first: the first stored row's cells.
    """

    name: str
    content: bytes
    stored: int = 0
    aside: int = 0
    repairs: tuple[str, ...] = ()
    refused: str = ""
    first: dict[str, str] | None = None


def _made(name, content, stored=0, *, aside=0, repairs=(), refused="", first=None):
    data = content if isinstance(content, bytes) else content.encode()
    return Awkward(
        name=name, content=data, stored=stored, aside=aside, repairs=repairs, refused=refused,
        first=first,
    )  # fmt: skip


def _torn(data):
    """An archive whose packed bytes are spoilt while its list of members is whole."""
    at = data.index(b"PK\x03\x04") + 60
    return data[:at] + bytes(byte ^ 0x5A for byte in data[at : at + 40]) + data[at + 40 :]


def _exports():
    """As banks, shops, programs for mail and social networks write them."""
    booked = "".join(
        f'"{n:02}.03.2026";"{n:02}.03.2026";"Lastschrift";"Anna Groß";"Rechnung {n}";"-1{n},95";\n'
        for n in range(1, 9)
    )
    yield _made("bank.csv", (
        '"Kontonummer:";"DE12 / Girokonto";\n\n"Von:";"01.01.2026";\n"Bis:";"31.03.2026";\n'
        '"Kontostand vom 31.03.2026:";"1.234,56 EUR";\n\n"Buchungstag";"Wertstellung";"Buchungstext";'
        f'"Auftraggeber";"Verwendungszweck";"Betrag (EUR)";\n{booked}'
    ).encode("cp1252"), 8, repairs=("title-rows", "encoding"),
        first={"Buchungstag": "01.03.2026", "Betrag (EUR)": "-11,95"})  # fmt: skip
    numbers = "".join(f'{n}/3/26,C{n},"{A}, please",order\n' for n in range(1, 9))
    yield _made("numbers.csv", f"Table 1\n\nDate,Customer,Comment,Kind\n{numbers}", 8,
                repairs=("title-rows",), first={"Comment": f"{A}, please"})  # fmt: skip
    torn = [{"text": f"{one} \U0001f60a".encode().decode("latin-1")} for one in (A, B, "Привет")]
    yield _made("posts.json", json.dumps(torn), 3, repairs=("encoded-twice",),
                first={"text": f"{A} \U0001f60a"})  # fmt: skip
    days = "".join(f"{n}. März 2026\n\n{A}, and {B} today.\n\n" for n in range(1, 9))
    yield _made("diary.txt", days, 16, first={"column 1": "1. März 2026"})
    verses = "Roses are red,\nviolets are blue,\nsugar is sweet,\nand so are you.\n\n" * 3
    yield _made("poem.txt", verses, 12, first={"column 1": "Roses are red,"})
    lines = [f"[Mar {n}, 2026 10:0{n}] Ann: {A}, or {B}, {C}\n[Mar {n}, 2026 10:1{n}] Me: ok\n"
             for n in range(1, 9)]  # fmt: skip
    yield _made("other_chat.txt", "".join(lines), 16)
    yield _made("labels_behind_commas.txt", f"{A}, order\n{B}, refund\n{C}, refund\n" * 3, 9,
                first={"column 1": A, "column 2": "order"})  # fmt: skip
    mail = ("From - Mon Mar 02 10:00:00 2026\nX-Mozilla-Status: 0001\nFrom: a@b.org\nSubject: s\n"
            f"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>{A}</p>\n"
            "--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n/9j/4AAQ\n--b--\n\n")  # fmt: skip
    yield _made("Inbox", mail * 2, 2, first={"text": A, "subject": "s"})


def _delimited():  # noqa: PLR0915 - a list of files
    row = {"message": A, "kind": "order"}
    yield _made("plain.csv", TABLE, 3, first=row)
    yield _made("semicolon.csv", TABLE.replace(",", ";"), 3, first=row)
    yield _made("tabs.tsv", TABLE.replace(",", "\t"), 3, first=row)
    yield _made("pipes.txt", TABLE.replace(",", "|"), 3, first=row)
    yield _made("crlf.csv", TABLE.replace("\n", "\r\n"), 3, first=row)
    yield _made("old_mac.csv", TABLE.replace("\n", "\r"), 3, first=row)
    yield _made("no_last_line_end.csv", TABLE.rstrip(), 3, first=row)
    yield _made("byte_order_mark.csv", b"\xef\xbb\xbf" + TABLE.encode(), 3, first=row)
    yield _made("utf16.csv", TABLE.encode("utf-16"), 3, first=row)
    yield _made("utf16_be_no_mark.csv", TABLE.encode("utf-16-be"), 3, first=row)
    yield _made("utf32.csv", TABLE.encode("utf-32"), 3)
    yield _made("windows.csv", UMLAUTS.encode("cp1252"), 3, repairs=("encoding",),
                first={"nachricht": "Wo bleibt mein Päckchen?", "art": "Größe"})  # fmt: skip
    yield _made("cyrillic.csv", "текст;тип\nГде мой заказ?;заказ\nВерните деньги;возврат\n"
                "Пришло сломанным;возврат\n".encode("cp1251"), 3, repairs=("encoding",))  # fmt: skip
    yield _made("japanese.csv", "本文,種類\n注文はどこですか,注文\nお金を返してください,返金\n"
                "壊れて届きました,返金\n".encode("shift_jis"), 3, repairs=("encoding",))  # fmt: skip
    yield _made("header_spaces.csv", TABLE.replace("message,kind", " message , kind "), 3,
                repairs=("header-spaces",), first=row)  # fmt: skip
    yield _made(
        "same_names.csv", "text,text,kind\na b c,x y,one\nd e f,z w,two\ng h i,q r,one\n", 3
    )
    yield _made("no_names.csv", f"{A},order\n{B},refund\n{C},refund\n" * 3, 9)
    yield _made("unnamed_column.csv", "message,,kind\na text,1,x\nb text,2,y\nc text,3,x\n", 3)
    yield _made("blank_lines.csv", TABLE.replace("\n", "\n\n"), 3)
    yield _made("trailing_commas.csv", TABLE.replace("\n", ",,\n"), 3)
    yield _made("short_rows.csv", "message,kind,note\na b,x,n\nc d,y\ne f,x,m\n", 3)
    yield _made("long_row.csv", "message,kind\na b,x\nc d,y,extra,more\ne f,x\n", 2, aside=1)
    yield _made("comma_in_text.csv", "message,kind\nwell, I think so,x\nc d,y\ne f,x\ng h,y\n", 4)
    yield _made("quoted_comma.csv", 'message,kind\n"well, yes",x\n"no",y\n"so",x\n', 3,
                first={"message": "well, yes", "kind": "x"})  # fmt: skip
    yield _made("quoted_lines.csv", 'message,kind\n"one\ntwo",x\n"three",y\nfour,x\n', 3,
                first={"message": "one\ntwo", "kind": "x"})  # fmt: skip
    yield _made("doubled_quotes.csv", 'message,kind\n"he said ""no""",x\nb b,y\nc c,x\n', 3,
                first={"message": 'he said "no"', "kind": "x"})  # fmt: skip
    yield _made("backslash_quotes.csv", 'message,kind\n"he said \\"no\\", twice",x\nb b,y\nc c,x\n',
                3)  # fmt: skip
    yield _made("open_quote.csv", 'message,kind\n"never closed,x\nb b,y\nc c,x\nd d,y\n', 4)
    yield _made("inch_mark.csv", 'message,kind\n5" screen,x\nb b,y\nc c,x\n', 3,
                first={"message": '5" screen', "kind": "x"})  # fmt: skip
    yield _made("zero_byte.csv", b"message,kind\na b,x\nc\0d,y\ne f,x\ng h,y\n", 3, aside=1)
    yield _made(
        "half_a_letter.csv", b"message,kind\n" + b"caf\xc3,x\nth\xc3\xa9,y\nb b,x\n" * 2, 4, aside=2
    )
    yield _made("entities.csv", "message,kind\nfish &amp; chips,x\nb &lt; c,y\nd d,x\n", 3,
                repairs=("html-entities",), first={"message": "fish & chips", "kind": "x"})  # fmt: skip
    yield _made("spellings.csv", "message,kind\na b,Refund\nc d,refund\ne f,REFUND\ng h,Refund\n", 4,
                repairs=("label-spelling",))  # fmt: skip
    yield _made("separator_line.csv", "sep=;\n" + TABLE.replace(",", ";"), 3, first=row)
    longer = TABLE + "".join(f"text number {n},order\n" for n in range(6))
    yield _made("titles_above.csv", "Support requests March\n\n" + longer, 9,
                repairs=("title-rows",), first=row)  # fmt: skip
    yield _made("comments.csv", "# exported 2024-03-01\n" + longer, 9,
                repairs=("title-rows",), first=row)  # fmt: skip
    yield _made("one_column.txt", "hello there\nhow are you\ngood bye now\n", 3)
    yield _made("lines.txt", "Where is it, please?\nI want; my money\nIt came | broken\n", 3)
    yield _made("long_cell.csv", "message,kind\n" + "word " * 9000 + ",x\nb b,y\nc c,x\n", 3)
    yield _made("wide.csv", ",".join(f"c{n}" for n in range(300)) + "\n"
                + "\n".join(",".join(f"v{n} {m}" for n in range(300)) for m in range(3)), 3)  # fmt: skip
    many = "\n".join(";".join([cell] * 2000) for cell in ("same", "1", "2"))
    yield _made("many_same_names.csv", many, 2, repairs=("header-twice",))
    yield _made("spaced.txt", "id text\n1 hello\n2 goodbye\n3 thanks\n", 4)
    yield _made("formula.csv", 'message,kind\n"=HYPERLINK(""http://x"")",x\nb b,y\nc c,x\n', 3,
                first={"message": '=HYPERLINK("http://x")', "kind": "x"})  # fmt: skip
    yield _made("emoji.csv", "message,kind\n😀 great 👩‍👩‍👧,x\nbad 😡,y\nok 👍🏽,x\n", 3,
                first={"message": "😀 great 👩‍👩‍👧", "kind": "x"})  # fmt: skip
    yield _made("arabic.csv", "نص,نوع\nأين طلبي,طلب\nأريد مالي,استرداد\nوصل مكسورا,استرداد\n", 3)
    yield _made(
        "unit_separator.csv", b'message\x1fkind\n"one\ntwo",x\n"three",y\nfour,x\n', 2, aside=2
    )
    yield _made(
        "stray_return.csv", b"text\rmore\n" + b"just a line of words\n" * 9 + b"a,b\rc,d\n", 11
    )
    yield _made("mark_in_the_middle.csv", TABLE.encode() + b"\xef\xbb\xbf" + TABLE.encode(), 6,
                repairs=("header-again",), first=row)  # fmt: skip
    yield _made("all_line_ends.csv", f"message,kind\r\n{A},order\r\n{B},x\n{C},y\rd d,x\r\ne,y\r\n",
                5, first=row)  # fmt: skip
    yield _made("dos.csv", TABLE + "\x1a", 3, repairs=("empty-rows",), first=row)
    yield _made("names_on_two_lines.csv", TABLE.replace("message,kind", '"the\nmessage","the\nkind"'),
                3)  # fmt: skip
    yield _made("empty.csv", b"", refused="empty-file")
    yield _made("names_only.csv", "message,kind\n", refused="no-rows")
    yield _made("blank.csv", "\n \n\n", refused="no-rows")
    yield _made("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), refused="not-a-table")
    yield _made("compressed.csv", gzip.compress(TABLE.encode()), refused="not-a-table")


def _json():
    row = {"message": A, "kind": "order"}
    objects = [dict(zip(ROWS[0], cells, strict=True)) for cells in ROWS[1:]]
    lines = "".join(json.dumps(one) + "\n" for one in objects)
    yield _made("list.json", json.dumps(objects), 3, first=row)
    yield _made("lines.jsonl", lines, 3, first=row)
    yield _made("lines_as.json", lines, 3, first=row)
    yield _made("list_as.jsonl", json.dumps(objects, indent=1), 3, first=row)
    yield _made("wrapped.json", json.dumps({"data": objects}), 3, first=row)
    yield _made("columns.json", json.dumps({"message": [A, B, C], "kind": ["x", "y", "x"]}), 3)
    yield _made("pandas.json", json.dumps({"message": {"0": A, "1": B}, "kind": {"0": "x", "1": "y"}}),
                2, first={"message": A, "kind": "x"})  # fmt: skip
    yield _made("nested.jsonl", "".join(
        json.dumps({"message": one["message"], "about": {"kind": one["kind"], "n": 1}}) + "\n"
        for one in objects), 3)  # fmt: skip
    yield _made("torn.jsonl", lines + '{"message": "cut of', 3, aside=1)
    yield _made("mixed.jsonl", lines + '7\n"text"\nnull\n', 3, aside=3)
    yield _made("odd_numbers.jsonl", '{"t": "a b", "n": NaN}\n{"t": "c d", "n": 1e999}\n'
                '{"t": "e f", "n": 12345678901234567890123}\n' + lines, 6)  # fmt: skip
    yield _made("half_pair.jsonl", '{"message": "\\ud83d alone", "kind": "x"}\n' + lines, 4)
    yield _made("chat.jsonl", (json.dumps({"messages": [
        {"role": "user", "content": A}, {"role": "assistant", "content": B}]}) + "\n") * 3, 3,
        repairs=("chat-layout",), first={"prompt": A, "answer": B})  # fmt: skip
    yield _made("alpaca.json", json.dumps([{"instruction": A, "input": "", "output": B}] * 3), 3)
    yield _made("spare_commas.json", json.dumps(objects, indent=1).replace("\n", ",\n")
                .replace("{,", "{").replace("[,", "[").replace(",,", ","), 3,
                repairs=("row-commas",), first=row)  # fmt: skip
    yield _made("one_by_one.json", "\n".join(json.dumps(one, indent=2) for one in objects), 3,
                first=row)  # fmt: skip
    yield _made("run_on.jsonl", lines.replace("\n", ""), 3, first=row)
    people = [{"name": "Ann"}, {"name": "Bob"}]
    yield _made("messenger.json", json.dumps({"participants": people, "messages": objects}), 3,
                first=row)  # fmt: skip
    yield _made("deep.json", "[" * 2000 + "]" * 2000, refused="not-a-table")
    yield _made("object.json", '{"a": 1}', refused="not-a-table")
    yield _made("cut.json", '[{"text": "a"}, {"te', refused="not-a-table")


def _office():
    row = {"message": A, "kind": "order"}
    yield _made("plain.xlsx", xlsx({"One": ROWS}), 3, first=row)
    yield _made("titles.xlsx", xlsx({"One": [["March"], [], *ROWS]}), 3,
                repairs=("title-rows",), first=row)  # fmt: skip
    merged = [ROWS[0], ["a text", "x"], ["b text", None], ["c text", "y"]]
    yield _made("merged.xlsx", xlsx({"One": merged}, merged=["B2:B3"]), 3,
                repairs=("merged-cells",))  # fmt: skip
    yield _made("sheets.xlsx", xlsx({"One": ROWS, "None": [], "Two": ROWS[:1] + ROWS[2:]}), 5)
    dated = [["text", "day", "sum"], ["a b", Day(45366), ("1+1", 2)], ["c d", Day(45366.5), 7]]
    yield _made("dates.xlsx", xlsx({"One": dated}), 2,
                first={"text": "a b", "day": "2024-03-15", "sum": "2"})  # fmt: skip
    yield _made("macros.xlsm", xlsx({"One": ROWS}, more={"xl/vbaProject.bin": b"\xcc"}), 3,
                repairs=("macros",))  # fmt: skip
    places = {(r, c): text for r, cells in enumerate(ROWS) for c, text in enumerate(cells)}
    yield _made("plain.xlsb", xlsb(places), 3, first=row)
    yield _made("far_cell.xlsb", xlsb({**places, (900, 40): "far away"}), 4, first=row)
    yield _made("plain.ods", ods(ROWS), 3, first=row)
    yield _made("named_wrong.csv", xlsx({"One": ROWS}), refused="not-a-table")
    yield _made("bomb.xlsx", packed({"xl/workbook.xml": b" " * (50 << 20)}), refused="unsafe-file")
    yield _made("outside.xlsx", packed({"../../x.xml": "x"}), refused="unsafe-file")
    yield _made("cut.xlsx", xlsx({"One": ROWS})[:-200], refused="not-a-table")
    yield _made("torn_inside.xlsx", _torn(xlsx({"One": ROWS * 9})), refused="not-a-table")
    made = docx([("heading", "Returns"), ("text", A), ("text", " "), ("text", B)])
    yield _made("letter.docx", made, 2, first={"text": A, "heading": "Returns"})
    yield _made("table.docx", docx([("text", "See:"), ("table", ROWS)]), 3, aside=1,
                first=row)  # fmt: skip


def _texts():
    yield _made("pages.pdf", pdf([[A, B], [], [C]]), 2, aside=1)
    yield _made("cut.pdf", b"%PDF-1.4 cut", refused="not-a-table")
    yield _made("notes.md", f"# One\n\n{A}\n\n- {B}\n- {C}\n", 3)
    yield _made("page.html", f"<h1>One</h1><p>{A}<p>{B}<script>x()</script>", 2)
    cells = "".join("<tr>" + "".join(f"<td>{c}" for c in row) for row in ROWS)
    yield _made("table.htm", f"<table>{cells}</table>", 3)
    yield _made("reply.eml", f"From: a@b.org\nSubject: s\n\n{A}\n\nOn Fri, Bob wrote:\n> {B}\n", 1,
                repairs=("quoted-replies",))  # fmt: skip
    one = f"From a@b.org Mon Mar  4 10:00:00 2024\nFrom: a@b.org\nSubject: s\n\n{A}\n\n"
    yield _made("box.mbox", one * 3, 3)
    chat = (
        "12/03/2024, 09:16 - Ann: Is it open?\nAnd tomorrow?\n"
        "12/03/2024, 09:17 - Bob: Yes: until six\n12/03/2024, 09:18 - Ann: <Media omitted>\n"
    )
    yield _made("chat.txt", chat, 2, aside=1)
    for name, head, mark in (
        ("french", "12/03/2024 à 09:1{} - ", "<Médias omis>"),
        ("finnish", "12.3.2024 klo 9.1{} - ", "<Media jätettiin pois>"),
        ("korean", "2024. 3. 12. 오전 9:1{} - ", "<사진 생략>"),
        ("chinese", "[2024/3/12 上午9:1{}:05] ", "\u200e图片已忽略"),
        ("arabic", "\u200f١٢\u200f/٣\u200f/٢٠٢٤، ٩:١{} ص - ", "<تم استبعاد الوسائط>"),
    ):
        talk = ("Ann: one", "Bob: two: or three", f"Ann: {mark}", "Bob: four")
        said = "".join(f"{head.format(n)}{text}\n" for n, text in enumerate(talk))
        yield _made(f"chat_{name}.txt", said, 3, aside=1, first={"text": "one", "sender": "Ann"})
    yield _made("broken_name.txt", chat.encode().replace(b"Ann", b"A\x8dn"), 2, aside=1)
    yield _made("other_letters.eml", b"From: a@b.org\nContent-Type: text/plain; charset=us-ascii\n"
                b"Content-Transfer-Encoding: 8bit\n\ncaf\xc3\xa9 is late\n", 1,
                first={"text": "café is late"})  # fmt: skip
    yield _made("unknown_letters.eml", b"From: a@b.org\nContent-Type: text/plain; charset=x-own\n"
                b"Content-Transfer-Encoding: 8bit\n\ncaf\xe9 is late\n", 1,
                first={"text": "café is late"})  # fmt: skip
    span = "<tr><th>message<th>kind<tr><td>a b<td rowspan=2>x<tr><td>c d"
    more = "<table><tr><th>message<th>kind<tr><td>e f<td>y</table>"
    yield _made("tables.html", f"<table>{span}</table><p>between{more}<table><tr><td>z<td>1</table>", 3,
                aside=2, repairs=("beside-table",), first={"message": "a b", "kind": "x"})  # fmt: skip
    yield _made("controls_behind.html", f"<table>{cells}</table>b\x02 more<br>\x02<p>{A}", 3,
                aside=2)  # fmt: skip
    yield _made("controls.html", "<p>one &#1; two<script>\1</script>\x02 end<p>b b", 2)
    long = f"From: a@b.org\nSubject: s\n\n{A}\n\nOn Fri, {'Bob ' * 4000}\n" + "\n" * 3000
    yield _made("long_line.eml", long, 1)
    torn = b"From " + b"a" * 40_000 + b"\n" + one.encode() * 2
    yield _made("long_line.mbox", torn, 2)
    yield _made("model.pkl", b"cos\nsystem\n(S'true'\ntR.", refused="unsafe-file")


def _archives():
    yield _made("tables.zip", packed({"a.csv": TABLE, "b/c.tsv": "t\tk\na b\tx\nc d\ty\n"}), 5)
    kinds = {f"mail/{k}/{n}.txt": f"{k} text {n}" for k in ("ham", "spam") for n in range(3)}
    yield _made("folders.zip", packed(kinds), 6)
    yield _made("resource_forks.zip", packed({"a.csv": TABLE, "__MACOSX/._a.csv": b"\0\5\26"}), 3)
    later = TABLE.replace("order", "later")
    twice = [("a.csv", TABLE), ("a.csv", later), ("A.CSV", "t,k\nb b,x\nc c,y\n")]
    yield _made("same_name_twice.zip", packed(twice), 8)
    yield _made("slip.zip", packed({"../a.csv": TABLE}), refused="unsafe-file")
    yield _made("zip_in_zip.zip", packed({"in.zip": packed({"a.csv": TABLE})}),
                refused="unsafe-file")  # fmt: skip
    yield _made("torn_inside.zip", _torn(packed({"a.csv": TABLE * 9})), refused="not-a-table")
    yield _made("no_tables.zip", packed({"a.png": b"\x89PNG"}), refused="no-tables")
    yield _made("cut.zip", packed({"a.csv": TABLE})[:-30], refused="not-a-table")


CORPUS = (*_delimited(), *_exports(), *_json(), *_office(), *_texts(), *_archives())
