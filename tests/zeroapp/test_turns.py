"""Talks as text read back as they were said; what a row asks of a model that writes."""

import pytest

from zeroapp.turns import Turn, asked, heard, in_order, question, shorter, told

A, B, C = Turn("user", "Hello"), Turn("assistant", "Hi"), Turn("user", "Where?")
RULES = Turn("system", "Be kind.")


@pytest.mark.parametrize(
    "said",
    [
        "one line",
        "two\nlines",
        "user: as if it were a turn",
        "a list\nassistant: one\n user: two\n   system: three",
        "Notes: none\nusers: many",
        "",
        "\n\nspace around\n\n",
    ],
)
def test_what_is_told_is_heard_as_it_was(said):
    turns = (Turn("user", said), Turn("assistant", said), C)
    assert heard(told(turns)) == turns


@pytest.mark.parametrize("text", ["", "Hello", "Dear user: hello", "\nuser: hi", "username: x"])
def test_other_texts_are_no_talk(text):
    assert heard(text) == ()
    assert asked(text) == (Turn("user", text),)


def test_a_talk_that_waits_for_nothing_is_asked_as_a_text():
    text = told([A, B])
    assert asked(text) == (Turn("user", text),)
    assert asked(told([A, B, C])) == (A, B, C)


def test_turns_are_put_in_order():
    assert in_order([B, A, RULES, C, B]) == [RULES, Turn("user", "Hello\n\nWhere?"), B]


def test_the_oldest_question_goes_first_and_the_rules_stay():
    assert shorter((RULES, A, B, C)) == (RULES, C)
    assert shorter((RULES, C)) == (RULES, C)
    assert shorter((A, B, C)) == (C,)


def test_a_row_asks_with_what_it_is_about_and_the_turns_before():
    roles = {"text": "q", "input": "i", "turns": "h"}
    cells = {"q": " Where? ", "i": "Parcel 4", "h": told([A, B])}
    assert heard(question(cells, roles=roles)) == (A, B, Turn("user", "Where?\n\nParcel 4"))
    assert question(cells | {"h": ""}, roles=roles) == "Where?\n\nParcel 4"
    assert question(cells | {"h": "met before"}, roles=roles) == "Where?\n\nParcel 4\n\nmet before"
    assert question(cells | {"q": " "}, roles=roles) == ""
