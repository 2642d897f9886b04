"""Which pack is offered for which card, and what stands in the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.wheels import pack
from zeroapp.packs import offer
from zeroapp.packs.offer import Card, driver_problem

ROOT = Path(__file__).resolve().parents[3]
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
    for known in offer.known().packs:
        [lock] = known.lock_files
        lines = lock.read_text("utf-8").splitlines()
        packages = [line for line in lines if "==" in line]
        assert any(line.startswith("torch==2.13.0") for line in packages)
        assert not any(line.startswith("pyside6") for line in packages)
        assert sum("--hash=sha256:" in line for line in lines) >= len(packages)
        assert known.disk > known.download > 0


def test_the_locks_hold_all_that_the_worker_is_made_of():
    # Else an export or a check would work on the processor and fail in a pack.
    pinned = (ROOT / "requirements" / "runtime.txt").read_text("utf-8").lower().splitlines()
    wanted = {
        line for line in pinned if "==" in line and not line.startswith(("pyside6", "uv=", "#"))
    }
    for known in offer.known().packs:
        [lock] = known.lock_files
        lines = lock.read_text("utf-8").lower().splitlines()
        # A local part says whose build of the same version it is: torch==2.13.0+cpu.
        locked = {line.split()[0].partition("+")[0] for line in lines if "==" in line}
        assert {line.replace("_", "-") for line in wanted} <= locked


def test_only_packs_for_this_computer_are_offered(monkeypatch):
    monkeypatch.setattr(offer, "for_this_computer", lambda: (pack(),))
    assert offer.offered((NVIDIA,)) == pack()
    assert offer.offered((Card(vendor="amd", name="AMD"),)) is None
    assert offer.offered(()) is None


def test_a_card_without_a_pack_is_named_and_one_with_a_pack_is_not(monkeypatch):
    monkeypatch.setattr(offer, "for_this_computer", lambda: (pack(),))
    amd = Card(vendor="amd", name="AMD graphics")
    assert offer.without_pack((amd,)) == amd
    assert offer.without_pack((amd, NVIDIA)) is None
    assert offer.without_pack(()) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links as Linux has them")
def test_cards_of_their_own_are_found_and_what_is_part_of_the_processor_is_not(
    monkeypatch, tmp_path
):
    for number, (vendor, place) in enumerate(
        (("0x8086", "0000:00:02.0"), ("0x8086", "0000:03:00.0"), ("0x1002", "0000:04:00.0"))
    ):
        device, card = tmp_path / "devices" / place, tmp_path / "drm" / f"card{number}"
        device.mkdir(parents=True)
        card.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        (card / "device").symlink_to(device)
        monkeypatch.setattr(offer, "_DRM", tmp_path / "drm")
        monkeypatch.setattr(offer, "_nvidia", tuple)
        assert [card.vendor for card in offer.cards()] == [[], ["intel"], ["intel", "amd"]][number]


def test_what_the_driver_says_is_read(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\necho "NVIDIA RTX A2000, 12 GB, 591.10"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert offer.cards()[0] == Card(
        vendor="nvidia", name="NVIDIA RTX A2000, 12 GB", driver="591.10"
    )


# --- the small download --------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    """As in the app that came without libraries and starters, on a 64-bit Linux."""
    monkeypatch.setattr(offer, "is_small", lambda: True)
    monkeypatch.setattr(offer.sys, "platform", "linux")
    monkeypatch.setattr(offer.platform, "machine", lambda: "x86_64")


def test_with_libraries_of_its_own_an_app_is_not_small():
    assert not offer.is_small()


def pinned(*files: Path) -> set[str]:
    """The packages that these locks or requirements name, as name==version."""
    lines = [line for file in files for line in file.read_text("utf-8").lower().splitlines()]
    return {line.split()[0] for line in lines if "==" in line and line[0] not in "-#"}


def test_the_small_app_puts_every_starter_into_its_packs(small):
    for one in offer.for_this_computer():
        assert pinned(ROOT / "requirements" / "models.txt") == pinned(*one.data_files)
        plain = next(p for p in offer.known().packs if p.locks == one.locks)
        assert one.download == plain.download + offer.known().starters.download
        assert one.libraries != plain.libraries


WINDOW = {"pyside6-essentials", "uv"}


@pytest.mark.parametrize("one", offer.known().packs, ids=lambda one: f"{one.key}-{one.system}")
def test_every_lock_has_what_the_app_pins(one):
    asked = pinned(ROOT / "requirements" / "runtime.txt")
    asked = {line for line in asked if line.partition("==")[0] not in WINDOW}
    assert asked <= {line.partition("+")[0] for line in pinned(*one.lock_files)}


@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "x86_64"), ("win32", "AMD64"), ("darwin", "arm64")]
)
def test_every_system_has_a_pack_for_its_processor(small, monkeypatch, system, machine):
    monkeypatch.setattr(offer.sys, "platform", system)
    monkeypatch.setattr(offer.platform, "machine", lambda: machine)
    made = offer.best(())
    assert (made.key, made.system) == ("cpu", system)


@pytest.mark.parametrize(
    ("cards", "key"),
    [
        ((), "cpu"),
        ((NVIDIA,), "nvidia"),
        ((Card(vendor="nvidia", name="NVIDIA RTX 4070", driver="470.82"),), "cpu"),
        ((Card(vendor="amd", name="AMD graphics"),), "cpu"),
    ],
)
def test_the_small_app_makes_the_pack_of_the_card_that_can_be_used_else_the_processors(
    small, cards, key
):
    assert offer.best(cards).key == key


def test_an_app_with_libraries_of_its_own_needs_no_pack_for_the_processor():
    assert offer.best(()) is None


def test_asking_the_driver_opens_no_console_beside_the_window(monkeypatch):
    asked = {}

    def run(command, **how):
        asked.update(how)
        return subprocess.CompletedProcess(command, 0, "NVIDIA RTX 4070, 591.10\n", "")

    monkeypatch.setattr(offer.shutil, "which", lambda _name: "nvidia-smi")
    monkeypatch.setattr(offer.subprocess, "run", run)
    monkeypatch.setattr(offer, "group_flags", lambda: 0x8000200)  # as on Windows
    assert offer.cards()[0] == NVIDIA
    assert asked["creationflags"] == 0x8000200
