import pytest

from zeroapp.data.language import guess_language

LANGUAGES = {
    "en": ["Where is my card?", "I want my money back please", "How do I change my address"],
    "de": ["Wo ist meine Karte geblieben?", "Ich möchte mein Geld zurück", "Wie geht das hier"],
    "fr": ["Où est ma carte bancaire ?", "Je voudrais mon argent", "Comment changer l'adresse"],
    "ru": ["Где моя карта?", "Я хочу вернуть деньги", "Как изменить адрес"],
    "ja": ["カードはどこですか", "お金を返してください", "住所を変更したい"],
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_languages_are_told_apart(code):
    assert guess_language(LANGUAGES[code] * 3) == code


def test_half_of_each_is_mixed_and_a_few_foreign_texts_are_not():
    assert guess_language(LANGUAGES["en"] * 4 + LANGUAGES["ru"] * 4) == "mixed"
    assert guess_language(LANGUAGES["en"] * 9 + LANGUAGES["ru"]) == "en"


@pytest.mark.parametrize("texts", [[], ["", "12:30", "???", "ok"]])
def test_without_letters_nothing_is_said(texts):
    assert guess_language(texts) == ""
