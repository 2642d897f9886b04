"""What is damaged in the fuzz run: small files of every format, and how they are damaged.

Knows nothing of importing. A damaged input depends on the seed and its number alone.
"""

import io
import json
import random
import sys
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "zeroapp" / "data" / "golden"
LONGEST = 40_000
"""Bytes of an input; for the long ones there are tests by hand."""

TOKENS = (
    *(b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xc3", b"'"),
    *(b"{", b"}", b"[", b"]", b":", b"\\", b"\\u", b"\\ud800", b"NaN", b"1e999", b"-0", b"null"),
    *(b"<", b">", b"&", b"&amp;", b"&#x110000;", b"<!DOCTYPE x [", b"<table>", b"<tr>", b"</td>"),
    *(
        b"From ",
        b"Content-Type: ",
        b"charset=",
        b"multipart/mixed; boundary=x",
        b"--x",
        b"=?utf-8?q?",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"sep=",
        b"# ",
        b"```",
    ),
    *(
        "é".encode(),
        "日本".encode(),
        "\u202e".encode(),
        "\u2028".encode(),
        b"\x1f",
        b"\x0b",
        b"\x1a",
    ),
    *(b"obj", b"endobj", b"stream", b"xref", b"trailer", b"<<", b">>", b"/Pages", b"/Kids", b"R"),
)


class Input(NamedTuple):
    """Something to import: files by their places, and the one place that is named to the app."""

    family: str
    files: dict[str, bytes]
    named: str


Seeds = dict[str, list[Input]]


def families() -> Seeds:
    """The undamaged inputs by family; each family gets an equal share of the run."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from support.awkward import CORPUS

    found: Seeds = {}
    alike = {"xlsm": "xlsx", "htm": "html", "pkl": "txt"}
    for one in CORPUS:
        if len(one.content) <= LONGEST:
            ending = one.name.rpartition(".")[2]
            family = "whatsapp" if one.name == "chat.txt" else alike.get(ending, ending)
            found.setdefault(family, []).append(Input(family, {one.name: one.content}, one.name))
    old = (GOLDEN / "old_excel.xls").read_bytes()
    found["xls"] = [Input("xls", {"old.xls": old}, "old.xls")]
    found["parquet"] = [
        Input("parquet", {"rows.parquet": data}, "rows.parquet") for data in _parquets()
    ]
    pictures = _pictures()
    for name, data in pictures.items():
        family = name.rpartition(".")[2]
        found[family] = [Input(family, {name: data}, name)]
    slack = _slack()
    found["slack"] = [
        Input("slack", {f"in/{name}": data for name, data in slack.items()}, "in"),
        Input("slack", {"slack.zip": _zipped(slack)}, "slack.zip"),
    ]
    found["folder"] = [_folder(one.files) for one in found["zip"] if _members(one.files)]
    found["photos"] = _albums(pictures)
    return found


def damaged(seeds: Seeds, dice: random.Random) -> Input:
    """A damaged copy of one of the seeds, with a name whose ending is mostly the right one."""
    family = dice.choice(tuple(seeds))
    one = dice.choice(seeds[family])
    files = dict(one.files)
    others = [next(iter(other.files.values())) for other in seeds[family]]
    for _ in range(1 if len(files) == 1 else 2):
        name = dice.choice(tuple(files))
        files[name] = _damaged(files[name], dice, others=others)
    if len(files) > 1 or dice.random() > 0.03:
        return Input(family, files, one.named)
    other = dice.choice(seeds[dice.choice(tuple(seeds))])
    name = other.named if len(other.files) == 1 else one.named
    return Input(family, {name: next(iter(files.values()))}, name)


def _damaged(data: bytes, dice: random.Random, *, others: list[bytes]) -> bytes:
    if data[:2] == b"PK" and dice.random() < 0.7:
        data = repacked(data, dice)
    for _ in range(dice.choice((0, 1, 1, 2, 4, 16))):
        data = mutated(data, dice, others=others)
    return data[:LONGEST]


def repacked(data: bytes, dice: random.Random) -> bytes:
    """The archive with one member damaged inside, so that what reads the member is reached."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = {
                info.filename: source.read(info)
                for info in source.infolist()
                if info.file_size <= LONGEST
            }
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError):
        return data
    if not members:
        return data
    chosen = dice.choice(sorted(members))
    for _ in range(dice.choice((1, 1, 3, 8))):
        members[chosen] = mutated(members[chosen], dice, others=[])
    if dice.random() < 0.1:
        odd = ("../up.txt", "/root.txt", "a/../../b.csv", "C:\\x.csv", "a\0b.csv", "x" * 300, "con")
        members[dice.choice(odd)] = members[chosen]
    return _zipped(members)


def mutated(data: bytes, dice: random.Random, *, others: list[bytes]) -> bytes:
    """One change at one place."""
    at = dice.randrange(len(data) + 1)
    to = min(len(data), at + dice.choice((1, 1, 2, 4, 16, 64, 512)))
    other = dice.choice(others) if others and dice.random() < 0.1 else b""
    if other:
        return data[:at] + other[dice.randrange(len(other) + 1) :]
    inner = dice.choice(
        (
            bytes([dice.randrange(256)]) + data[at + 1 : to],
            dice.choice(TOKENS) + data[at:to],
            dice.choice(TOKENS) * dice.choice((2, 100, 3000)) + data[at:to],
            b"",
            data[at:to] * dice.choice((2, 3, 50)),
            dice.randbytes(to - at),
            b"\n".join(reversed(data[at:to].split(b"\n"))),
        )
    )
    return data[:at] + inner + (data[to:] if dice.random() < 0.9 else b"")


# --- seeds that the corpus of awkward files lacks ------------------------------------------------


def _parquets() -> list[bytes]:
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    text, number = DataType.string(), DataType.int64()
    words = Array(["where is it", "my money", None, "broken"], type=text)
    kinds = Array(["order", "refund", "refund", "order"], type=text)
    counts = Array([1, 2, None, 4], type=number)
    made = []
    for columns in ({"text": words, "kind": kinds}, {"text": words, "kind": kinds, "n": counts}):
        buffer = io.BytesIO()
        write_parquet(Table.from_pydict(columns), buffer)
        made.append(buffer.getvalue())
    return made


def _pictures() -> dict[str, bytes]:
    from PIL import Image

    dice = random.Random(3)
    one, two = (Image.frombytes("RGB", (12, 10), dice.randbytes(360)) for _ in range(2))
    save = {
        "a.png": partial(one.save, format="PNG"),
        "a.jpg": partial(one.save, format="JPEG"),
        "a.webp": partial(one.save, format="WEBP"),
        "a.bmp": partial(one.save, format="BMP"),
        "a.tif": partial(one.save, format="TIFF"),
        "a.gif": partial(one.save, format="GIF", save_all=True, append_images=[two]),
    }
    made = {}
    for name, call in save.items():
        buffer = io.BytesIO()
        call(buffer)
        made[name] = buffer.getvalue()
    return made | {"a.heic": (GOLDEN / "phone.heic").read_bytes()}


def _slack() -> dict[str, bytes]:
    says = [
        {"type": "message", "user": "U1", "text": t, "ts": "1700000000.1"} for t in ("a b", "c")
    ]
    return {
        "users.json": json.dumps([{"id": "U1", "name": "ann"}]).encode(),
        "channels.json": b"[]",
        "general/2024-03-01.json": json.dumps(says).encode(),
        "general/2024-03-02.json": json.dumps(says[:1]).encode(),
    }


def _albums(pictures: dict[str, bytes]) -> list[Input]:
    sorted_ones = {
        f"in/{kind}/{n}{name}": data
        for n, kind in enumerate(("cat", "dog"))
        for name, data in pictures.items()
    }
    rows = "".join(f"{name},{'cat' if n % 2 else 'dog'}\n" for n, name in enumerate(pictures))
    named = {f"in/{name}": data for name, data in pictures.items()}
    named["in/list.csv"] = f"file,kind\n{rows}".encode()
    packed = _zipped({name.removeprefix("in/"): data for name, data in sorted_ones.items()})
    return [
        Input("photos", sorted_ones, "in"),
        Input("photos", named, "in"),
        Input("photos", named, "in/list.csv"),
        Input("photos", {"photos.zip": packed}, "photos.zip"),
    ]


def _folder(files: dict[str, bytes]) -> Input:
    return Input("folder", {f"in/{name}": data for name, data in _members(files).items()}, "in")


def _members(files: dict[str, bytes]) -> dict[str, bytes]:
    """What is in an archive, when its names are harmless; {} when it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(next(iter(files.values())))) as file:
            names = [name for name in file.namelist() if ".." not in name]
            return {name: file.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error):
        return {}


def _zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()
