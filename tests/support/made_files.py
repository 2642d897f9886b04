"""Small files in the formats of office programs, written by hand: no writer is needed."""

import io
import struct
import warnings
import zipfile
import zlib
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def packed(parts) -> bytes:
    """A zip file with these members: a dict, or pairs where a name comes twice."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name comes twice
        for name, text in parts.items() if isinstance(parts, dict) else parts:
            file.writestr(name, text)
    return data.getvalue()


def xlsx(sheets, *, merged=(), more=None) -> bytes:
    """A workbook: sheet name -> rows. A tuple is (formula, value); merged is of every sheet."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n, _ in enumerate(names, 1)
    )
    links += f'<Relationship Id="st" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    tail = f"<mergeCells>{merges}</mergeCells>" if merges else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{links}</Relationships>",
        # Style 1 is a date (built-in format 14).
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        cells = "".join(_row(at, row) for at, row in enumerate(rows, 1))
        parts[f"xl/worksheets/s{n}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData>{tail}</worksheet>'
        )
    return packed(parts | (more or {}))


class Day(float):
    """A number that the sheet shows as a date (days since 30 December 1899)."""


def _row(at, values):
    cells = "".join(_cell(f"{chr(65 + n)}{at}", value) for n, value in enumerate(values))
    return f'<row r="{at}">{cells}</row>'


def _cell(place, value):
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f'<c r="{place}"><f>{escape(value[0])}</f><v>{value[1]}</v></c>'
    if isinstance(value, Day):
        return f'<c r="{place}" s="1"><v>{float(value)}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def xlsb(cells) -> bytes:
    """A binary workbook: (row, column) -> text, counted from 0, in the order of the sheet."""
    link = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/s1.bin"/>'
    listed = struct.pack("<II", 0, 1) + _wide("r1") + _wide("One")
    sheet, before = b"", None
    for (row, column), text in cells.items():
        if row != before:
            sheet += _record(0x00, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))
            before = row
        sheet += _record(0x06, struct.pack("<II", column, 0) + _wide(text))
    corners = [side for places in zip(*cells, strict=True) for side in (min(places), max(places))]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"></Types>',
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{link}'
        "</Relationships>",
        "xl/workbook.bin": _record(0x9C, listed) + _record(0x90) + _record(0x9D),
        "xl/worksheets/s1.bin": _record(0x81)
        + _record(0x94, struct.pack("<IIII", *corners))
        + _record(0x91)
        + sheet
        + _record(0x92)
        + _record(0x82),
    }
    return packed(parts)


def _record(kind, body=b"") -> bytes:
    """A record of a binary workbook: kind, length and body."""
    return _sevens(kind) + _sevens(len(body)) + body


def _sevens(number) -> bytes:
    """A number, seven bits in each byte; the eighth says that another follows."""
    rest = number >> 7
    return bytes([number & 0x7F | 0x80]) + _sevens(rest) if rest else bytes([number])


def _wide(text) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def ods(rows) -> bytes:
    """A sheet as LibreOffice keeps it."""
    made = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
            for value in row
        )
        + "</table:table-row>"
        for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0"'
        f' xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="One">{made}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content}
    return packed(parts)


def pdf(pages) -> bytes:
    """A PDF with a page for each list of lines; an empty list is a page without text."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    kids = []
    for lines in pages:
        drawn = "BT /F1 12 Tf 14 TL 72 700 Td " + " ".join(f"({x}) Tj T*" for x in lines) + " ET"
        text = drawn if lines else ""
        objects.append(f"<</Length {len(text)}>>stream\n{text}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    data, places = "%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{n} 0 obj{body}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF"
    return (data + head + tail).encode("latin-1")


def docx(blocks) -> bytes:
    """A Word file made by python-docx: ("heading", text), ("text", text), ("table", rows)."""
    from docx import Document

    document = Document()
    for kind, what in blocks:
        if kind == "heading":
            document.add_heading(what, level=1)
        elif kind == "text":
            document.add_paragraph(what)
        else:
            table = document.add_table(rows=0, cols=len(what[0]))
            for row in what:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def huge_png(side=30_000) -> bytes:
    """A PNG of so many points in a few kilobytes' head; its rows need not be there."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    out = b"\x89PNG\r\n\x1a\n"
    for name, body in parts:
        out += struct.pack(">I", len(body)) + name + body
        out += struct.pack(">I", zlib.crc32(name + body))
    return out


def deadly_parquet() -> bytes:
    """4,000 rows, and among the last a page that says it has no texts: arro3 panics over it where
    Rust may not unwind, which ends the process.
    """
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    made = io.BytesIO()
    texts = Array(["where is my order", "how do I pay"] * 2000, type=DataType.string())
    write_parquet(Table.from_pydict({"message": texts}), made, max_row_group_size=2048)
    whole = bytearray(made.getvalue())
    head = whole[4:13]  # of the page with the texts of the first rows; it ends with their number
    whole[whole.rindex(head) + len(head) - 1] = 0
    return bytes(whole)
