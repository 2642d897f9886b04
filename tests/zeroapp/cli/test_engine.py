"""`zeroapp engine make`: which pack is made when none is named, and when none is."""

import json

import pytest

from zeroapp.cli import engine, main
from zeroapp.packs import offer
from zeroapp.packs.offer import Card


@pytest.fixture
def refused(capsys, monkeypatch, zeroapp_home):
    """What is said, on a 64-bit Linux with this card, instead of fetching anything."""
    monkeypatch.setattr(offer.sys, "platform", "linux")
    monkeypatch.setattr(offer.platform, "machine", lambda: "x86_64")

    def told(*cards: Card) -> tuple[int, str, str]:
        monkeypatch.setattr(offer, "cards", lambda: cards)
        code = main(["engine", "make", "--json", "--quiet"])
        error = json.loads(capsys.readouterr().out)["error"]
        return code, error["code"], error["hint"]

    return told


@pytest.mark.parametrize(
    ("driver", "code", "step"),
    [("", "no-gpu-driver", "Install NVIDIA's driver"), ("470.82", "gpu-driver-old", "Update")],
)
def test_for_a_card_whose_driver_cannot_use_it_nothing_is_fetched(refused, driver, code, step):
    exit_code, said, hint = refused(Card(vendor="nvidia", name="RTX 3060", driver=driver))
    assert (exit_code, said) == (1, code)
    assert hint.startswith(step)


@pytest.mark.parametrize("cards", [(), (Card(vendor="amd", name="AMD graphics"),)])
def test_without_a_card_that_a_pack_would_help_none_is_made(refused, cards):
    exit_code, said, hint = refused(*cards)
    assert (exit_code, said) == (2, "no-pack")
    assert "processor" in hint


def test_wheels_and_a_python_are_found_from_where_the_command_was_typed(
    capsys, monkeypatch, tmp_path, zeroapp_home
):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "python").touch()
    monkeypatch.chdir(tmp_path)
    asked = []
    monkeypatch.setattr(engine, "do", lambda job, *_: asked.append((job.index, job.python)))
    for index, python in (("wheels", "./python"), ("https://pypi.org/simple", "3.12")):
        assert main(["engine", "make", "cpu", "--index", index, "--python", python]) == 0
    assert asked == [
        (str(tmp_path / "wheels"), str(tmp_path / "python")),
        ("https://pypi.org/simple", "3.12"),
    ]
