"""Rules that examples share: when they are a model's own, and that they come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeroapp.rules import SHARED, parted, ruled, rules_of, shared_rules, with_rules
from zeroapp.turns import Turn, told


def talk(rules, asked="Hello?"):
    return told([Turn("system", rules), Turn("user", asked)])


def test_nearly_all_must_share_them():
    many, few = round(100 * SHARED), 100 - round(100 * SHARED)
    assert shared_rules([talk("Be kind.")] * many + ["Hello?"] * few) == "Be kind."
    assert shared_rules([talk("Be kind.")] * (many - 1) + [talk("Be brief.")] * (few + 1)) == ""
    assert shared_rules(["Hello?"] * 100) == ""
    assert shared_rules([]) == ""


def test_who_has_rules_keeps_them():
    assert ruled("Hello?", "Be kind.") == talk("Be kind.")
    assert ruled(talk("Be brief."), "Be kind.") == talk("Be brief.")
    assert ruled("Hello?", "") == "Hello?"


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_a_template_gives_them_back(rules):
    assert parted(with_rules("{{ messages }}", rules)) == (rules, "{{ messages }}")


@pytest.mark.parametrize("template", ["", "{{ messages }}"])
def test_a_template_without_any_is_as_it_was(template, tmp_path):
    assert with_rules(template, "") == template
    assert parted(template) == ("", template)
    assert rules_of(tmp_path) == ""
