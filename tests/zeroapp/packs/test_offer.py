"""Which pack is offered for which card, and what stands in the way."""

import pytest

from support.wheels import pack
from zeroapp.packs import offer
from zeroapp.packs.offer import Card, driver_problem

NVIDIA = Card(vendor="nvidia", name="NVIDIA RTX 4070", driver="591.10")


def test_a_card_with_a_new_driver_has_no_problem():
    assert driver_problem((NVIDIA,), pack()) is None


@pytest.mark.parametrize(
    ("driver", "code"),
    [("", "no-gpu-driver"), ("470.82", "gpu-driver-old"), ("580.9", "gpu-driver-old")],
)
def test_a_missing_or_old_driver_is_told_with_a_next_step(driver, code):
    card = Card(vendor="nvidia", name="NVIDIA RTX 4070", driver=driver)
    problem = driver_problem((card,), pack())
    assert problem.code == code
    assert "restart" in problem.remedy


def test_the_locks_that_ship_are_hashed_throughout():
    for known in offer.packs():
        lines = known.lock_file.read_text("utf-8").splitlines()
        packages = [line for line in lines if "==" in line]
        assert any(line.startswith("torch==2.13.0") for line in packages)
        assert not any(line.startswith("pyside6") for line in packages)
        assert sum("--hash=sha256:" in line for line in lines) >= len(packages)
        assert known.disk > known.download > 0


def test_only_packs_for_this_computer_are_offered(monkeypatch):
    monkeypatch.setattr(offer, "for_this_computer", lambda: (pack(),))
    assert offer.offered((NVIDIA,)) == pack()
    assert offer.offered((Card(vendor="amd", name="AMD"),)) is None
    assert offer.offered(()) is None


def test_what_the_driver_says_is_read(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\necho "NVIDIA RTX A2000, 12 GB, 591.10"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert offer.cards()[0] == Card(
        vendor="nvidia", name="NVIDIA RTX A2000, 12 GB", driver="591.10"
    )
