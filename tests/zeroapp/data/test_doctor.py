"""What the doctor puts right: told with its count, before and after, and taken back on demand."""

import pytest

from zeroapp.data.importing import import_paths, read_again
from zeroapp.data.readers import TableRow, open_table
from zeroapp.data.spelling import MOST_KINDS, Kinds, respelled
from zeroapp.data.store import Store
from zeroapp.dataset import Part
from zeroapp.errors import DataError, UsageError
from zeroapp.work import Silent

TEXTS = [f"a whole sentence number {n}" for n in range(12)]


def table(rows, *, header="message,kind", end="\n"):
    return end.join([header, *rows]) + end


PLAIN = [f"{text},{'order' if n % 2 else 'refund'}" for n, text in enumerate(TEXTS)]

# File name, content, the repair, how often, one case of it before and after.
REPAIRS = [
    ("a.csv", table(PLAIN).replace(",", ";"), "delimiter", 1, "message;kind", "message | kind"),
    ("a.csv", "Export of March\n\n" + table(PLAIN), "title-rows", 1, "Export of March", ""),
    ("a.csv", table(PLAIN, header=" message  text ,kind"), "header-spaces", 1,
     " message  text ", "message text"),
    ("a.csv", table([*PLAIN, "short"]), "short-rows", 1, "short", "short | "),
    ("a.csv", table([*PLAIN, "text one,order,,"]), "spare-cells", 1, "text one | order |  | ",
     "text one | order"),
    ("a.csv", table([*PLAIN, "Fish &amp; chips &#39;now&#39;,order"]), "html-entities", 1,
     "Fish &amp; chips &#39;now&#39;", "Fish & chips 'now'"),
    ("a.csv", table([*PLAIN, "dÃ©jÃ\xa0 vu,order"]), "encoded-twice", 1, "dÃ©jÃ\xa0 vu", "déjà vu"),
    ("a.csv", table([*PLAIN, '"the text","order\r"']), "carriage-returns", 1, "order\\r", "order"),
    ("a.csv", table([*PLAIN, "Straße,order"]).encode("cp1252"), "encoding", 1,
     "Stra\ufffde,order", "Straße,order"),
    ("a.csv", table([*PLAIN, "", ","]), "empty-rows", 2, None, None),
    ("a.csv", table([f"{t},7" for t in TEXTS], header="my long text here.,7"), "no-header", 1,
     "my long text here. | 7", "column 1 | column 2"),
    ("a.csv", table([*PLAIN, '"he said "no" twice",order']), "stray-quotes", 1,
     '"he said "no" twice",order', 'he said "no" twice | order'),
]  # fmt: skip


@pytest.mark.parametrize("case", REPAIRS, ids=[case[2] for case in REPAIRS])
def test_a_repair_is_counted_shown_and_can_be_left_out(tmp_path, case):
    name, content, kind, count, before, after = case
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mended = open_table(path)
    rows = list(mended.read())
    (told,) = [repair for repair in mended.repairs() if repair.kind == kind]
    assert (told.count, told.lasting) == (count, False)
    if before is not None:
        assert (told.shown[0].before, told.shown[0].after) == (before, after)
    left = open_table(path, off={kind})
    again = list(left.read())
    assert kind not in [repair.kind for repair in left.repairs()]
    assert (left.columns, again) != (mended.columns, rows)


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("dÃ©jÃ\xa0 vu", "déjà vu"), ("Ich mÃ¶chte", "Ich möchte"), ("donâ€™t", "don’t"),
        ("smile ð\x9f\x98\x8a", "smile 😊"), ("smile ðŸ˜Š", "smile 😊"), ("Å\x81Ã³dÅº", "Łódź"),
        ("Ð\x9fÑ\x80Ð¸Ð²ÐµÑ\x82", "Привет"), ("ÅÄÖ „Å‚ ”", "ÅÄÖ „Å‚ ”"), ("ESPAÑA¡", "ESPAÑA¡"),
        ("â€œyesâ€\x9d â€“ no", "“yes” – no"), ("æ—¥ Ã©", "日 é"),
        # As people write it:
        ("AVELÃ”", "AVELÃ”"), ("LÃ… e ALGODÃO", "LÃ… e ALGODÃO"), ("NÃO, MÃE", "NÃO, MÃE"),
        ("Ã© and é", "Ã© and é"), ("HÂ–ÂH", "HÂ–ÂH"), ("Crêpe à l’Âne", "Crêpe à l’Âne"),
        ("MAÇÃ, IRMÃ «Ã»", "MAÇÃ, IRMÃ «Ã»"), ("âge", "âge"), ("VÂN ÃN ÂM", "VÂN ÃN ÂM"),
    ],
)  # fmt: skip
def test_letters_torn_in_two_are_whole_again_and_others_stay(tmp_path, torn, whole):
    path = tmp_path / "a.csv"
    path.write_text(f'message,kind\n"{torn}",a\nplain text,b\n', "utf-8")
    row = next(iter(open_table(path).read()))
    assert isinstance(row, TableRow)
    assert row.cells["message"] == whole


def test_entities_that_stand_for_control_signs_and_plain_ampersands_stay(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("message,kind\nR&D &foo; &#0; &nosuchthing;,a\nplain text,b\n")
    row = next(iter(open_table(path).read()))
    assert isinstance(row, TableRow)
    assert row.cells["message"] == "R&D &foo; &#0; &nosuchthing;"


def test_kinds_spelled_in_several_ways_become_one_and_come_back(project, tmp_path):
    kinds = ["Refund", "refund ", " REFUND", "Refund", "order", "Order", "order", "order"]
    path = tmp_path / "a.csv"
    path.write_text(table([f"{t},{k}" for t, k in zip(TEXTS, kinds, strict=False)]))
    import_paths(project, [path], Silent())
    assert sorted({e.label for e in project.examples()}) == ["Refund", "order"]
    (told,) = project.repairs()
    assert (told.kind, told.count) == ("label-spelling", 3)
    assert ("refund ", "Refund") in [(c.before, c.after) for c in told.shown]

    read_again(project, told.number, without={"label-spelling"}, work=Silent())
    assert [row.cells["kind"] for row in project.preview(limit=9)] == kinds
    (undone,) = project.repairs()
    assert (undone.kind, undone.undone) == ("label-spelling", True)
    path.unlink()  # what was read before comes back without the file
    read_again(project, undone.number, without=(), work=Silent())
    assert {row.cells["kind"] for row in project.preview(limit=9)} == {"Refund", "order"}
    assert (project.count(), len(project.files())) == (8, 1)


def test_many_new_files_follow_those_before_them_and_are_read_back_once(
    project, tmp_path, monkeypatch
):
    spellings = ["Refund", "REFUND", "refund ", "refund", "REFUND", "Refund"]
    paths = []
    for number, kind in enumerate(spellings):
        paths.append(tmp_path / f"{number}.csv")
        said = [f"{text} {number},{kind if n % 2 else 'Order'}" for n, text in enumerate(TEXTS)]
        paths[-1].write_text(table(said))
    import_paths(project, paths[:1], Silent())
    read, values_of = [], Store.values_of

    def noted(store, column, *, file):
        read.append(file)
        return values_of(store, column, file=file)

    monkeypatch.setattr(Store, "values_of", noted)
    import_paths(project, paths[1:], Silent())

    assert {row.cells["kind"] for row in project.store.rows()} == {"Refund", "Order"}
    assert [repair.count for repair in project.repairs()] == [6, 6, 6, 6]
    assert sorted(read) == sorted(set(read))
    assert 1 in read


def test_the_spelling_that_is_there_already_wins():
    assert respelled({"refund": 9, "Refund": 1}, settled={}) == {"Refund": "refund"}
    assert respelled({"refund": 9}, settled={"Refund": 2}) == {"refund": "Refund"}
    assert respelled({"OK": 1, "Ok": 1}, settled={}) == {"OK": "Ok"}
    assert respelled({"a": 1, "b": 1}, settled={}) == {}
    assert respelled({str(n): 1 for n in range(3000)} | {"A": 1, "a": 1}, settled={}) == {}


def test_older_runs_keep_the_rows_they_learned_from(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(table([*PLAIN, "Fish &amp; chips,order"]))
    import_paths(project, [path], Silent())
    from zeroapp.data.examples import version_of

    version = version_of(project.examples(), task=project.task, roles=project.roles())
    before = project.parts(version=version, seed=3)
    read_again(project, project.repairs()[0].number, without={"html-entities"}, work=Silent())
    assert project.parts(version=version, seed=3) == before
    assert sum(len(before[part]) for part in Part) == 13
    assert "Fish &amp; chips" in [e.text for e in project.examples()]


def test_what_cannot_be_read_again_leaves_all_as_it_was(project, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(table(PLAIN, header=" message ,kind"))
    import_paths(project, [path], Silent())
    number = project.repairs()[0].number
    rows = project.preview(limit=20)
    path.write_text(table(PLAIN[:3], header=" message ,kind"))
    with pytest.raises(DataError) as caught:
        read_again(project, number, without={"header-spaces"}, work=Silent())
    assert caught.value.code == "file-changed"
    with pytest.raises(UsageError):
        read_again(project, 99, without=(), work=Silent())
    path.unlink()
    with pytest.raises(DataError) as caught:
        read_again(project, number, without={"header-spaces"}, work=Silent())
    assert caught.value.code == "file-missing"
    assert project.preview(limit=20) == rows


def test_a_column_of_too_many_values_holds_no_kinds():
    kinds = Kinds()
    for start in range(0, 2 * MOST_KINDS, 100):
        kinds.add("text", values=map(str, range(start, start + 100)))
        kinds.add("kind", values=("a", "b", "a"))
    assert kinds.of("text") == kinds.of("missing") == {}
    assert kinds.of("kind") == {"a": 4 * MOST_KINDS // 100, "b": 2 * MOST_KINDS // 100}
