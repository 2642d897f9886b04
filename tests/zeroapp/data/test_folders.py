"""Folders, archives and several files at once: what is found, what is passed over, and why."""

import io
import json
import stat
import zipfile

import pytest

from support.listener import Listener
from support.made_files import deadly_parquet, docx, packed, xlsx
from zeroapp.data.importing import import_paths
from zeroapp.errors import DataError
from zeroapp.work import Silent

CSV = "message,kind\nwhere is it,a\nwhat now then,b\nwhere was it,a\nand what next,b\n"

MORE = "message,kind\nhow is it,a\nwhat else then,b\nhow was it,a\n"


def tree(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def cells(project, name):
    return [row.cells.get(name, "") for row in project.preview(limit=100)]


def balanced(project):
    return all(f.rows_in == f.rows_stored + f.rows_set_aside for f in project.files())


@pytest.mark.parametrize("above", ["", "mails/", "mails/mails/"])
def test_the_folder_of_a_text_is_its_kind_at_any_depth(project, tmp_path, above):
    files = {
        f"{above}{kind}/{n}.txt": f"{kind} text {n}" for kind in ("ham", "spam") for n in "123"
    }
    import_paths(project, [tree(tmp_path / "in", files)], Silent())
    assert cells(project, "folder") == ["ham"] * 3 + ["spam"] * 3
    assert project.roles() == {"text": "text", "label": "folder"}
    assert [r.kind for r in project.repairs()] == (["wrong-folder"] if above else [])
    assert balanced(project)


def test_parts_are_told_apart_from_kinds(project, tmp_path):
    places = ("train/ham", "train/spam", "test/ham", "test/spam")
    files = {f"{place}/{n}.txt": f"a text {place} {n}" for place in places for n in "12"}
    import_paths(project, [tree(tmp_path / "in", files)], Silent())
    assert set(cells(project, "folder")) == {"ham", "spam"}
    assert set(cells(project, "part")) == {"train", "test"}


def test_texts_of_all_formats_lie_beside_each_other(project, tmp_path):
    files = {
        "a/1.txt": "plain text", "a/2.md": "# Head\n\nmarked text", "b/3.html": "<p>page text",
        "b/4.docx": docx([("text", "word text")]), "b/5.eml": "Subject: x\n\nmail text\n",
        "b/6.pdf": b"%PDF cut", "b/7.txt": b"", "b/8.jpg": b"\xff\xd8\xff",
    }  # fmt: skip
    heard = Listener()
    import_paths(project, [tree(tmp_path / "in", files)], heard)
    assert cells(project, "text") == [
        "plain text", "marked text", "page text", "word text", "mail text",
    ]  # fmt: skip
    assert [(item.line, item.raw) for item in project.set_aside()] == [
        (6, "b/6.pdf"), (7, "b/7.txt"),
    ]  # fmt: skip
    assert heard.codes() == ["passed-over"]
    assert balanced(project)


@pytest.mark.parametrize("way", ["folder", "archive", "named"])
def test_a_file_that_cannot_be_read_is_set_aside_whole_and_the_others_go_on(project, tmp_path, way):
    files = {"a.csv": CSV, "b.parquet": deadly_parquet(), "c.xlsx": b"PK\x03\x04cut", "d.tsv": b""}
    place = tree(tmp_path / "in", files)
    paths = [place / name for name in files] if way == "named" else [place]
    if way == "archive":
        paths = [tmp_path / "in.zip"]
        paths[0].write_bytes(packed(files))
    heard = Listener()
    imported = import_paths(project, paths, heard)
    assert (imported.rows_stored, imported.rows_set_aside, imported.files) == (4, 3, 1)
    start = "in.zip › " if way == "archive" else ""
    aside = {one.file.removeprefix(start): one.reason for one in project.set_aside()}
    assert list(aside) == ["b.parquet", "c.xlsx", "d.tsv"]
    assert "cannot be read as a Parquet file" in aside["b.parquet"]
    assert "empty" in aside["d.tsv"]
    assert not any("Nothing was added" in note for note in aside.values())
    assert heard.codes() == ["not-a-table", "not-a-table", "empty-file"]
    assert balanced(project)
    again = import_paths(project, paths, Silent())
    assert (again.rows_stored, again.rows_set_aside) == (0, 0)


def test_of_several_named_files_none_of_which_can_be_read_the_first_says_why(project, tmp_path):
    place = tree(tmp_path, {"a.parquet": deadly_parquet(), "b.csv": b""})
    with pytest.raises(DataError) as caught:
        import_paths(project, [place / "a.parquet", place / "b.csv"], Silent())
    assert "a.parquet" in caught.value.title
    assert not project.files()


@pytest.mark.parametrize("archive", [False, True])
def test_a_folder_of_which_nothing_can_be_read_is_refused(project, tmp_path, archive):
    """As a single such file is: who adds it by a script must not be told that all went well."""
    binary = bytes(range(256)) * 40
    place = tree(tmp_path / "in", {"voice.txt": binary, "more/empty.md": b""})
    if archive:
        place = tmp_path / "in.zip"
        place.write_bytes(packed({"voice.txt": binary, "more/empty.md": b""}))
    with pytest.raises(DataError) as caught:
        import_paths(project, [place], Silent())
    assert (caught.value.code, caught.value.exit_code) == ("no-rows", 3)
    assert place.name in caught.value.title
    assert not project.files()


def test_a_zip_is_read_like_a_folder_and_nothing_stays_unpacked(project, tmp_path):
    path = tmp_path / "all.zip"
    rows = [["text", "topic"], ["one thing", "x"], ["two things", "y"]]
    path.write_bytes(packed({"t/a.csv": CSV, "b.xlsx": xlsx({"One": rows}), "__MACOSX/c.csv": CSV}))
    imported = import_paths(project, [path], Silent())
    assert (imported.rows_stored, imported.files) == (6, 2)
    assert [file.name for file in project.files()] == ["all.zip › b.xlsx", "all.zip › t/a.csv"]
    assert list(project.folder.glob(".unpacked*")) == []
    assert balanced(project)


def refused_zips():
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return {
        "slip": {"../outside.csv": CSV},
        "absolute": {"/tmp/outside.csv": CSV},
        "drive": {"C:\\outside.csv": CSV},
        "backslash": {"..\\outside.csv": CSV},
        "nested": {"a.csv": CSV, "inner.zip": packed({"b.csv": CSV})},
        "bomb": {"a.csv": b"a,b\n" * (15 << 20)},
        "many": {f"{n}.csv": b"" for n in range(10_001)},
        "link": {link: "/etc/passwd"},
    }


REASONS = {
    "nested": "another archive", "bomb": "bomb", "many": "10,001 files", "link": "a link",
}  # fmt: skip


@pytest.mark.parametrize("kind", refused_zips())
def test_a_hostile_zip_is_refused_with_the_reason_and_writes_nothing(project, tmp_path, kind):
    path = tmp_path / "bad.zip"
    path.write_bytes(packed(refused_zips()[kind]))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError) as caught:
        import_paths(project, [path], Silent())
    assert caught.value.code == "unsafe-file"
    assert REASONS.get(kind, "outside its folder") in caught.value.title
    left = [p for p in sorted(tmp_path.rglob("*")) if p not in before]
    assert [p for p in left if not p.name.startswith("project.db")] == []
    assert project.count() == 0


def test_a_zip_that_lies_about_its_size_is_cut_off(project, tmp_path, monkeypatch):
    monkeypatch.setattr("zeroapp.data.finding.MAX_BYTES", 1000)
    path = tmp_path / "lie.zip"
    path.write_bytes(packed({"a.csv": CSV * 100}))
    with pytest.raises(DataError) as caught:
        import_paths(project, [path], Silent())
    assert caught.value.code == "unsafe-file"


def _misplaced(content):
    """Its list of members says that it stands further behind than it does."""
    at = content.rindex(b"PK\5\6") + 16
    return content[:at] + len(content).to_bytes(4, "little") + content[at + 4 :]


def unreadable_zips():
    locked = bytearray(packed({"a.csv": CSV}))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.find(mark) + at] |= 1
    bz2 = io.BytesIO()
    with zipfile.ZipFile(bz2, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("a.csv", CSV * 50)
    spoilt = bytearray(bz2.getvalue())
    spoilt[60:70] = bytes(10)
    return {
        **{kind: (packed(inside), "unsafe-file") for kind, inside in refused_zips().items()},
        "locked": (bytes(locked), "locked-file"),
        "cut off": (packed({"a.csv": CSV * 50})[:-30], "not-a-table"),
        "damaged bz2": (bytes(spoilt), "not-a-table"),
        "a place before its start": (_misplaced(packed({"a.csv": CSV})), "not-a-table"),
        "no zip": (b"Dear shop, this is a letter.", "not-a-table"),
        "without tables": (packed({"setup.exe": b"MZ"}), "no-tables"),
        "empty": (packed({}), "no-tables"),
    }


@pytest.mark.parametrize("kind", unreadable_zips())
@pytest.mark.parametrize("first", [True, False])
def test_a_zip_that_cannot_be_read_is_set_aside_whole_and_the_others_come_in(
    project, tmp_path, kind, first
):
    content, code = unreadable_zips()[kind]
    made = tree(
        tmp_path, {"bad.zip": content, "good.csv": CSV, "good.zip": packed({"b.csv": MORE})}
    )
    paths = [made / name for name in ("bad.zip", "good.csv", "good.zip")]
    heard = Listener()
    imported = import_paths(project, paths if first else paths[::-1], heard)
    assert (imported.rows_stored, imported.rows_set_aside, imported.files) == (7, 1, 2)
    (aside,) = project.set_aside()
    assert (aside.file, aside.line) == ("bad.zip", 1)
    assert "bad.zip" in aside.reason
    assert "Nothing was added" not in aside.reason
    assert heard.codes() == [code]
    assert balanced(project)
    assert project.roles() == {"text": "message", "label": "kind"}


def test_of_zips_none_of_which_can_be_read_the_first_says_why(project, tmp_path):
    made = tree(tmp_path, {"a.zip": b"no", "b.zip": packed({"../x.csv": CSV})})
    with pytest.raises(DataError) as caught:
        import_paths(project, [made / "a.zip", made / "b.zip"], Silent())
    assert (caught.value.code, project.files()) == ("not-a-table", [])


def test_a_folder_without_tables_does_not_end_an_import_and_a_file_that_is_gone_does(
    project, tmp_path
):
    made = tree(tmp_path, {"odd/setup.exe": b"MZ", "good.csv": CSV})
    heard = Listener()
    imported = import_paths(project, [made / "odd", made / "good.csv"], heard)
    assert (imported.rows_stored, heard.codes()) == (4, ["no-tables"])
    with pytest.raises(DataError) as caught:
        import_paths(project, [made / "gone.zip", made / "good.csv"], Silent())
    assert caught.value.code == "file-missing"


def test_names_in_a_zip_may_be_long_and_hold_colons(project, tmp_path):
    long = (
        "\N{CJK UNIFIED IDEOGRAPH-8BC4}" * 120 + ".csv"
    )  # 364 bytes: fine in Windows, too long here
    path = tmp_path / "mac.zip"
    path.write_bytes(packed({long: CSV, "orders 12:30.csv": MORE}))
    assert import_paths(project, [path], Silent()).rows_stored == 7


@pytest.mark.parametrize(
    ("kinds", "page", "told"),
    [
        (("жалоба", "похвала"), "cp866", True), (("жалоба", "похвала"), "utf-8", True),
        (("Größe", "Übung"), "cp437", False), (("苦情の件", "お礼の件"), "cp932", True),
    ],
)  # fmt: skip
def test_names_in_a_zip_of_another_country_are_read_as_they_were_written(
    project, tmp_path, kinds, page, told
):
    # stand-ins of the same length: Python itself writes names in Unicode and says so
    stand_in = {k: chr(65 + n) * len(k.encode(page)) for n, k in enumerate(kinds)}
    files = {f"{stand_in[k]}/{n}.txt": f"this is text {n} of {k}" for k in kinds for n in "12"}
    content = packed(files)
    for kind, ascii_name in stand_in.items():
        content = content.replace(ascii_name.encode(), kind.encode(page))
    path = tmp_path / "old.zip"
    path.write_bytes(content)
    heard = Listener()
    import_paths(project, [path], heard)
    assert set(cells(project, "folder")) == set(kinds)
    assert ("names-guessed" in heard.codes()) == told


def slack(prefix=""):
    users = [{"id": "U123", "name": "ann", "real_name": "Ann"}, {"id": "U456", "name": "bob"}]
    day = [
        {"type": "message", "user": "U123", "ts": "1709546400.0", "text": "Ask <@U456> &amp; me"},
        {"type": "message", "subtype": "channel_join", "user": "U456", "text": "joined"},
        {"type": "message", "user": "U456", "ts": "x", "text": "See <https://a.org|this>"},
        {"type": "message", "user": "U456", "text": ""}, "odd",
    ]  # fmt: skip
    return {
        f"{prefix}users.json": json.dumps(users), f"{prefix}channels.json": "[]",
        f"{prefix}help/2024-03-04.json": json.dumps(day), f"{prefix}help/2024-03-05.json": "{cut",
    }  # fmt: skip


@pytest.mark.parametrize("packed_up", [True, False])
@pytest.mark.parametrize("prefix", ["", "Export of shop/"])
def test_a_slack_export_gives_its_messages(project, tmp_path, packed_up, prefix):
    path = tmp_path / "slack.zip"
    path.write_bytes(packed(slack(prefix)))
    if not packed_up:
        path = tree(tmp_path / "slack", slack(prefix))
    import_paths(project, [path], Silent())
    assert cells(project, "text") == ["Ask @bob & me", "See this"]
    assert cells(project, "sender") == ["Ann", "bob"]
    assert cells(project, "sent") == ["2024-03-04 10:00:00+00:00", ""]
    assert len(project.set_aside()) == 4
    assert balanced(project)


def test_files_with_different_columns_become_one_set_of_examples(project, tmp_path):
    other = "Nachricht,Kategorie\nwo ist mein Geld,a\nund was jetzt,b\n" * 1
    files = tree(
        tmp_path / "in", {"a.csv": CSV, "b.csv": other + "wann kommt es,a\nwarum nicht,b\n"}
    )
    import_paths(project, [files / "a.csv", files / "b.csv"], Silent())
    assert project.columns() == ["message", "kind"]
    assert len(project.examples()) == 8
    (told,) = project.repairs()
    assert (told.kind, told.count) == ("column-joined", 2)


def test_the_persons_files_are_never_changed(project, tmp_path):
    sheet = xlsx({"One": [["a", "b"], ["c d", "e"]]})
    box = "From a@b.org Mon Mar  4 10:00:00 2024\nSubject: s\n\nhello\n"
    text = "\ufeff message , kind\nx &amp; y,A \n" * 4
    files = {"a.csv": text, "b.xlsx": sheet, "c.mbox": box}
    folder = tree(tmp_path / "in", files)
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}
    import_paths(project, [folder], Silent())
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()} == before
