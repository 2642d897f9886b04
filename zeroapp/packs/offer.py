"""Which environments can be made for this computer, and whether its graphics driver is ready.

The small download has no libraries to work with and no starters: there every pack brings both.

Asks the system alone: a card is found before any torch that could use it is there.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import msgspec
from msgspec.structs import replace

from zeroapp import paths
from zeroapp.errors import Problem, Severity, UsageError
from zeroapp.runs.process import group_flags

PYPI = "https://pypi.org/simple"

_DRM = Path("/sys/class/drm")
_VENDORS = {"0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel"}
_INTEL_INSIDE = "0000:00:02.0"
_PATIENCE = 10


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that can be made. locks: its files beside the list. download, disk: bytes.

    card: whose graphics card it is for, "" for none. driver: the oldest NVIDIA driver it works
    with. index: where its wheels are. data: locks of packages of which only data is read.
    """

    key: str
    title: str
    card: str
    system: str
    machine: str
    python: str
    locks: tuple[str, ...]
    data: tuple[str, ...] = ()
    download: int
    disk: int
    driver: str = ""
    index: str = PYPI

    @property
    def lock_files(self) -> tuple[Path, ...]:
        """Every package with its version and hashes."""
        return tuple(folder() / lock for lock in self.locks)

    @property
    def data_files(self) -> tuple[Path, ...]:
        """The same for those of which only data is read."""
        return tuple(folder() / lock for lock in self.data)

    @property
    def libraries(self) -> str:
        """What names exactly these libraries: the hash of the locks."""
        locks = (*self.lock_files, *self.data_files)
        return hashlib.sha256(b"".join(file.read_bytes() for file in locks)).hexdigest()


class Starters(msgspec.Struct, frozen=True, kw_only=True):
    """The starter models as packages, for an app that came without them; fields as in `Pack`."""

    locks: tuple[str, ...]
    download: int
    disk: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in packs.json."""

    packs: tuple[Pack, ...]
    starters: Starters


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A graphics card as the system sees it. driver: its version, "" when none is at work."""

    vendor: str
    name: str
    driver: str = ""


def folder() -> Path:
    """Where the list of packs and their locks are."""
    return paths.resources_dir() / "packs"


def known() -> Known:
    """All that this version knows."""
    return msgspec.json.decode((folder() / "packs.json").read_bytes(), type=Known)


def is_small() -> bool:
    """Whether this app is the small download: the window, and nothing that could do the work."""
    return find_spec("torch") is None


def get(key: str) -> Pack:
    """The pack of this name for this computer; raises UsageError("unknown-pack")."""
    here = for_this_computer()
    found = next((pack for pack in here if pack.key == key), None)
    if found is None:
        names = ", ".join(pack.key for pack in here) or "none"
        raise UsageError(
            "unknown-pack",
            title=f"There is no pack called “{key}” for this computer.",
            hint=f"Packs for this computer: {names}.",
        )
    return found


def for_this_computer() -> tuple[Pack, ...]:
    """Packs for this system and processor, with the starters where the app has none."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    all_there_are = known()
    here = [p for p in all_there_are.packs if (p.system, p.machine) == (sys.platform, machine)]
    return (
        tuple(_with(pack, all_there_are.starters) for pack in here) if is_small() else tuple(here)
    )


def _with(pack: Pack, starters: Starters) -> Pack:
    return replace(
        pack,
        data=starters.locks,
        download=pack.download + starters.download,
        disk=pack.disk + starters.disk,
    )


def offered(cards: tuple[Card, ...]) -> Pack | None:
    """The pack that would let this computer use its card; None when there is none."""
    vendors = [card.vendor for card in cards]
    return next((pack for pack in for_this_computer() if pack.card and pack.card in vendors), None)


def best(cards: tuple[Card, ...]) -> Pack | None:
    """The pack to make here: the card's where it can be used; in the small app else a processor's.

    None when there is none, or none is needed.
    """
    of_card = offered(cards)
    if not is_small() or (of_card is not None and driver_problem(cards, of_card) is None):
        return of_card
    return next((pack for pack in for_this_computer() if not pack.card), of_card)


def without_pack(cards: tuple[Card, ...]) -> Card | None:
    """A card that this version has no pack for, though it is there; None when one is offered."""
    return cards[0] if cards and offered(cards) is None else None


def driver_problem(cards: tuple[Card, ...], pack: Pack) -> Problem | None:
    """Why the card cannot be used yet though the pack would fit; None when it can."""
    card = next((card for card in cards if card.vendor == pack.card), None)
    if card is None or pack.card != "nvidia":
        return None
    if not card.driver:
        return Problem(
            code="no-gpu-driver",
            severity=Severity.blocking,
            title=f"The driver of the graphics card ({card.name}) is not at work.",
            why="Without the driver no program can compute on the card. Training works without it.",
            remedy="Install NVIDIA's driver, restart the computer, then look here again.",
        )
    if _number(card.driver) < _number(pack.driver):
        return Problem(
            code="gpu-driver-old",
            severity=Severity.blocking,
            title=f"The driver of the graphics card is too old: {card.driver}.",
            why=f"The libraries of this version need {pack.driver} or newer.",
            remedy="Update NVIDIA's driver, restart the computer, then look here again. "
            "Until then training uses the processor.",
        )
    return None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def cards() -> tuple[Card, ...]:
    """The graphics cards of this computer, those of separate makers once each."""
    nvidia = _nvidia()
    found = [card for card in _from_drm() if not (nvidia and card.vendor == "nvidia")]
    return (*nvidia, *found)


def _nvidia() -> tuple[Card, ...]:
    """What NVIDIA's driver says; it brings this program along on every system."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            creationflags=group_flags(),  # else a console flashes up beside the window
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    rows = [line.rsplit(",", 1) for line in said.stdout.splitlines() if "," in line]
    if said.returncode != 0:
        return ()
    return tuple(Card(vendor="nvidia", name=n.strip(), driver=d.strip()) for n, d in rows)


def _from_drm() -> tuple[Card, ...]:
    """Linux names every card, with or without a driver that computes. Intel's are part of most
    processors, always at the same place; only those that stand elsewhere count.
    """
    found = {}
    for vendor_file in sorted(_DRM.glob("card*/device/vendor")):
        try:
            vendor = _VENDORS.get(vendor_file.read_text("ascii").strip(), "")
        except OSError:
            continue
        in_processor = vendor == "intel" and vendor_file.parent.resolve().name == _INTEL_INSIDE
        if vendor and not in_processor:
            found[vendor] = Card(vendor=vendor, name=f"{vendor.upper()} graphics")
    return tuple(found.values())
