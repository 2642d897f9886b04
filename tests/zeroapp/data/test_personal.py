"""Personal data is found and masked alike everywhere; what only looks like it is left alone."""

import pytest

from zeroapp.data.personal import find_personal, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail me: a.b+c@x.co.uk.", "mail me: [EMAIL]."),
        ("my card 4111 1111 1111 1111 was charged", "my card [CARD] was charged"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [IBAN] please"),
        ("GB29NWBK60161331926819 thanks", "[IBAN] thanks"),
        ("call 0171 2345678 or +49 171 2345678", "call [PHONE] or [PHONE]"),
        ("reach me at (212) 555-0199", "reach me at [PHONE]"),
        ("06 12 34 56 78 appelez-moi", "[PHONE] appelez-moi"),
        ("my name is Anna de la Cruz and so on", "my name is [NAME] and so on"),
        ("my name is john smith.", "my name is [NAME]."),
        ("Kind regards,\nJohn Smith", "Kind regards,\n[NAME]"),
        ("Musterstraße 12, 12345 Berlin", "[ADDRESS]"),
        ("I live at 12 rue de la Paix, 75002 Paris", "I live at [ADDRESS]"),
        ("221B Baker Street, London", "[ADDRESS], London"),
        ("my password is hunter2x!", "my password is [KEY]"),
        ("use AKIAIOSFODNN7EXAMPLE here", "use [KEY] here"),
        ("10.0.0.1 is my router", "[IP] is my router"),
        ("SSN 123-45-6789", "SSN [ID]"),
        ("ring +44 121 234 5678 now", "ring [PHONE] now"),
        ("o'neil@shop.ie wrote", "[EMAIL] wrote"),
        ("my card 6759 7710 3972 3651 was charged", "my card [CARD] was charged"),
        ("pay BE15743233526705 by friday", "pay [IBAN] by friday"),
    ],
)
def test_personal_data_becomes_a_placeholder(text, masked):
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cancel purchase 113542617735902",
        "order 732201349959 of 2023-10-12 12:30:00",
        "my card 4111 1111 1111 1112 was charged",  # fails the check digit
        "DE89370400440532013001",  # the same
        "password is wrong",
        "my name is not on the list",
        "version 1.2.3 costs 12.50 or 1,234,567.89",
        "the 2nd way to close a road",
        "Dear Sir, regards",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert find_personal(text) == []
    assert mask(text) == text


def test_the_same_value_is_always_the_same_placeholder():
    assert mask("a@b.de, A@B.de and again a@b.de") == "[EMAIL], [EMAIL] and again [EMAIL]"


def test_what_is_masked_is_masked_to_the_end_of_the_longest_text():
    long = "a word and another one. " * 2000
    assert mask(f"{long}write to jane@example.com") == f"{long}write to [EMAIL]"
