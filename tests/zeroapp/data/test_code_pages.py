"""Older encodings: guessed, said, chosen by hand and taken back."""

import warnings

import pytest

from support.listener import Listener
from zeroapp.data.code_pages import NAMES, chosen, named, shifted
from zeroapp.data.importing import import_paths, read_again
from zeroapp.errors import UsageError
from zeroapp.work import Silent

LETTERS = {
    "pl": ["Dzień dobry, nie otrzymałem jeszcze przesyłki", "Proszę o zwrot za źle uszyty płaszcz",
           "Świetna jakość, żona jest zachwycona"],
    "cs": ["Dobrý den, zásilka ještě nedorazila", "Prosím o vrácení peněz za poškozené zboží",
           "Můžete změnit adresu doručení na Žďár?"],
    "hu": ["Jó napot, még nem érkezett meg a csomagom", "A csomag törötten érkezett meg",
           "Rosszul számolták az árat, kérem javítsák"],
    "hr": ["Dobar dan, pošiljka još nije stigla", "Molim povrat novca za oštećenu robu",
           "Paket je stigao slomljen i nedostaju vijci, žao mi je", "Kada će biti manje veličine?"],
    "tr": ["İyi günler, kargom hâlâ gelmedi", "Bozuk ürün için paramı geri istiyorum",
           "Kalitesi çok güzel, eşim çok beğendi"],
    "lv": ["Labdien, mans sūtījums vēl nav pienācis", "Lūdzu atmaksājiet naudu par bojātu preci",
           "Paka atnāca salauzta un trūkst skrūvju"],
    "ru": ["Здравствуйте, моя посылка ещё не пришла", "Прошу вернуть деньги за товар",
           "Отличное качество, жена в восторге"],
    "uk": ["Доброго дня, моя посилка ще не прийшла", "Прошу повернути гроші за товар",
           "Чудова якість, дружина у захваті", "Посилка прийшла розбитою, бракує ґвинтів"],
    "el": ["Καλημέρα, το δέμα μου δεν έχει φτάσει", "Παρακαλώ επιστρέψτε τα χρήματα",
           "Εξαιρετική ποιότητα"],
    "ar": ["مرحبا لم تصل شحنتي حتى الآن", "أرجو إعادة المال مقابل المنتج التالف"],
    "vi": ["Xin cha\u0300o, go\u0301i ha\u0300ng cu\u0309a tôi chưa đê\u0301n",
           "Châ\u0301t lươ\u0323ng râ\u0301t tô\u0301t, vơ\u0323 tôi râ\u0301t thi\u0301ch"],
    "zh": ["您好，我的包裹还没有收到", "请退还损坏商品的货款", "质量非常好，妻子很喜欢"],
    "ko": ["안녕하세요, 아직 택배를 받지 못했습니다", "불량 상품에 대한 환불을 부탁드립니다"],
    "de": ["Guten Tag, schöne Grüße", "Das Geld für die beschädigte Ware zurück",
           "Können Sie die Straße ändern?", "Ein Brötchen für 3 Kröten"],
    "fr": ["Mon colis n'est pas encore arrivé", "L'article est abîmé, ça change",
           "À bientôt, où êtes-vous ?"],
    "en": ["The café was lovely", "A naïve question: how do I return it?", "Déjà vu again, it is"],
}  # fmt: skip

WRITTEN = [
    *(("pl", page) for page in ("cp1250", "iso8859-2", "cp852", "mac_latin2", "utf-7")),
    *(("cs", page) for page in ("cp1250", "iso8859-2", "cp852", "mac_latin2")),
    *(("hu", page) for page in ("cp1250", "cp852")),
    *(("hr", page) for page in ("cp1250", "iso8859-2", "cp852", "mac_croatian")),
    *(("tr", page) for page in ("cp1254", "cp857", "mac_turkish")),
    *(("lv", page) for page in ("cp1257", "iso8859-4", "cp775")),
    *(("ru", page) for page in ("cp1251", "koi8_r", "cp866", "cp855", "mac_cyrillic", "utf-7")),
    *(("uk", page) for page in ("cp1251", "koi8_u", "cp1125", "mac_cyrillic")),
    *(("el", page) for page in ("cp1253", "cp737", "cp869", "mac_greek")),
    *(("ar", page) for page in ("cp1256", "iso8859-6", "cp720")),
    *(("zh", page) for page in ("gb18030", "hz")),
    *(("ko", page) for page in ("cp949", "johab", "iso2022_kr")),
    *(("de", page) for page in ("cp1252", "mac_roman", "cp850")),
    *(("fr", page) for page in ("cp1252", "mac_roman", "cp850")),
    *(("en", page) for page in ("cp1252", "mac_roman", "cp850")),
    ("vi", "cp1258"),
]


def table(folder, texts, encoding, *, name="old.csv"):
    path = folder / name
    rows = (f'"{text}",{"ab"[n % 2]}' for n, text in enumerate(texts))
    path.write_bytes("\n".join(["message,kind", *rows, ""]).encode(encoding))
    return path


def messages(project):
    return [row.cells["message"] for row in project.preview(limit=100)]


def told(project):
    return [repair.sentence for repair in project.repairs() if repair.kind == "encoding"]


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_letters_of_windows_mac_and_dos_are_read_and_it_is_said(
    project, tmp_path, language, encoding
):
    import_paths(project, [table(tmp_path, LETTERS[language], encoding)], Silent())
    assert messages(project) == LETTERS[language]
    (sentence,) = told(project)
    assert "See whether they are right" in sentence


BORROWED = [
    ["It costs 50 € in total", "Mr Müller asked for it"], ["Björk sings déjà vu"],
    ["precise to ±2 mm", "the oven goes to 25°C only"], ["copyright © 2004 Acme®"],
    ["er sagte „ja", "sie sagte „nein", "und „vielleicht"], ["casa – no", "mal – muy", "aquí"],
    ["“quoted” words", "an em—dash", "it’s late"], ["señor Peña called"], ["Gauß and Straße"],
    ["Prix : 5 € pour l'été", "Straße und Größe", "¿Dónde está mi pedido?"],
]  # fmt: skip


@pytest.mark.parametrize("texts", BORROWED)
def test_a_few_words_of_other_languages_are_of_windows(project, tmp_path, texts):
    import_paths(project, [table(tmp_path, texts, "cp1252")], Silent())
    assert messages(project) == texts


def test_the_euro_of_iso_is_no_sign_that_nobody_uses(project, tmp_path):
    texts = ["Das kostet 5 € für mich", "Ein schöner Tag"]
    import_paths(project, [table(tmp_path, texts, "iso8859-15")], Silent())
    assert messages(project) == texts


@pytest.mark.parametrize(
    "text",
    [
        "Ann,+420-123\nBob,+49171123456\nCy,+12025550123\nDee,+380441234567\n",
        "user+tag@a.org\nuser+news@x.org\nme+abc@d.e\n", "a+b or ~{x~} or C++\n", "1+1=2, 3+four-5",
    ],
)  # fmt: skip
def test_telephone_numbers_and_sums_are_no_letters_written_in_ascii(text):
    assert shifted(text.encode()) is None


FORMATS = {
    "old.json": '[{{"message": "{0}", "kind": "a"}}, {{"message": "{1}", "kind": "b"}}]',
    "old.jsonl": '{{"message": "{0}"}}\n{{"message": "{1}"}}\n',
    "old.md": "# Listy\n\n{0}\n\n{1}\n",
    "old.html": "<p>{0}</p><p>{1}</p>",
    "old.xls": "message\tkind\n{0}\ta\n{1}\tb\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_letters_says_how_they_were_read(project, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FORMATS[name].format(*LETTERS["pl"]).encode("cp852"))
    import_paths(project, [path], Silent())
    cells = [text for row in project.preview(limit=9) for text in row.cells.values()]
    assert set(LETTERS["pl"][:2]) <= set(cells)
    assert told(project)


def test_texts_of_a_folder_and_mail_say_how_they_were_read(project, tmp_path):
    folder = tmp_path / "in"
    for kind, page in (("a", "cp852"), ("b", "cp1251")):
        (folder / kind).mkdir(parents=True)
        language = {"cp852": "pl", "cp1251": "ru"}[page]
        (folder / kind / "1.txt").write_bytes(". ".join(LETTERS[language]).encode(page))
    head = b"From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
    (tmp_path / "m.eml").write_bytes(head + ". ".join(LETTERS["pl"]).encode("cp1250"))
    import_paths(project, [folder, tmp_path / "m.eml"], Silent())
    of_folder, of_mail = told(project)
    assert "cp852" in of_folder
    assert "cp1251" in of_folder
    assert "cp1250" in of_mail


def test_another_encoding_can_be_chosen_and_stays_when_other_repairs_are_taken_back(
    project, tmp_path
):
    # One short line: nothing shows that it is not of Windows.
    text = "Ł &amp; x"
    path = table(tmp_path, [text, "plain"], "cp852")
    import_paths(project, [path], Silent())
    number = next(iter(project.store.numbers().values()))
    assert messages(project)[0] != "Ł & x"
    read_again(project, number, without=(), work=Silent(), encoding="cp852")
    assert messages(project)[0] == "Ł & x"
    assert "cp852" in told(project)[0]
    number = next(iter(project.store.numbers().values()))
    read_again(project, number, without=("html-entities",), work=Silent())
    assert messages(project)[0] == text
    assert [file.encoding for file in project.files()] == ["cp852"]


def test_a_chosen_encoding_is_taken_back_and_made_again(project, tmp_path):
    import_paths(project, [table(tmp_path, ["Łódź", "plain"], "cp852")], Silent(), encoding="cp852")
    for without, first, aside in ((("encoding",), "plain", 1), ((), "Łódź", 0)):
        number = next(iter(project.store.numbers().values()))
        read_again(project, number, without=without, work=Silent())
        assert (messages(project)[0], len(project.set_aside())) == (first, aside)


def test_no_encoding_is_told_of_where_a_file_in_unicode_is_read_again(project, tmp_path):
    import_paths(project, [table(tmp_path, ["Łódź &amp; x", "plain"], "utf-8")], Silent())
    number = next(iter(project.store.numbers().values()))
    read_again(project, number, without=("html-entities",), work=Silent())
    assert (told(project), messages(project)[0]) == ([], "Łódź &amp; x")


def test_a_wrong_choice_sets_rows_aside_and_can_be_changed(project, tmp_path):
    path = table(tmp_path, LETTERS["pl"] + ["plain"], "cp1250")
    heard = Listener()
    import_paths(project, [path], heard, encoding="utf-8")
    assert (project.count(), len(project.set_aside())) == (1, 3)
    assert "Unicode (utf-8)" in told(project)[0]
    number = next(iter(project.store.numbers().values()))
    read_again(project, number, without=(), work=Silent(), encoding="cp1250")
    assert messages(project)[:3] == LETTERS["pl"]


def test_encodings_are_known_by_their_usual_names():
    usual = {
        "latin2": "iso8859-2",
        "windows-1250": "cp1250",
        "Shift_JIS": "cp932",
        "gbk": "gb18030",
    }
    assert {name: chosen(name) for name in usual} == usual
    assert all(chosen(name) == name for name in NAMES)
    assert named("cp852") == "Central Europe, DOS (cp852)"
    with pytest.raises(UsageError) as caught:
        chosen("klingon")
    assert "cp852" in caught.value.hint
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert named("x") == "x"
