"""“This computer”: what it has, as two lines. Asks the worker once and remembers. QtCore only."""

import msgspec
from PySide6.QtCore import QObject

from ui import words
from ui.binding import Observable, Property
from ui.viewmodels.session import Session
from zeroapp import paths
from zeroapp.hardware import HardwareProfile
from zeroapp.plan import Device
from zeroapp.protocol import Probe
from zeroapp.status import RunStatus


class ComputerModel(Observable):
    """headline: cores and memory. detail: graphics card, or that none is needed."""

    headline = Property("Not looked at yet")
    detail = Property("")
    profile: Property[HardwareProfile | None] = Property(None)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        session.watcher("probe").status_changed.connect(self._told)
        # Planning measures; what it found out is worth a second look, but no question.
        session.watcher("plan").ended.connect(lambda _status: self._show_remembered())

    def look(self) -> None:
        """Show what is remembered; ask the worker when nothing is."""
        self._session.door.run(remembered, done=self._known)

    def _show_remembered(self) -> None:
        self._session.door.run(remembered, done=lambda found: self._show(found) if found else None)

    def _known(self, profile: HardwareProfile | None) -> None:
        if profile is not None:
            self._show(profile)
        elif not self._session.has_engine():
            self.detail = "That needs the engine."
        elif not self._session.watcher("probe").busy and self.profile is None:
            self.headline = "Being looked at"
            if self._session.launch(Probe(measure=False)) is None:
                self._give_up()

    def _told(self, status: RunStatus) -> None:
        if status.probed is not None:
            self._show(status.probed.hardware)
        elif status.failure is not None:
            self._give_up()

    def _give_up(self) -> None:
        self.headline = "Could not be looked at"
        self.detail = "Planning will try again."

    def _show(self, profile: HardwareProfile) -> None:
        self.profile = profile
        cores = words.plural(profile.cores, "core")
        self.headline = f"{cores} · {words.size(profile.memory_total)} memory"
        self.detail = _graphics(profile)


def _graphics(profile: HardwareProfile) -> str:
    if not profile.gpus:
        return "Apple graphics" if profile.device is Device.mps else "No graphics card needed"
    first = profile.gpus[0]
    others = f" and {len(profile.gpus) - 1} more" if len(profile.gpus) > 1 else ""
    return f"{first.name}{others} · {words.size(first.total)}"


def remembered() -> HardwareProfile | None:
    """What the worker found out the last time; None when it was never asked."""
    try:
        found = (paths.settings_dir() / "hardware.json").read_bytes()
        return msgspec.json.decode(found, type=HardwareProfile)
    except (OSError, msgspec.MsgspecError):
        return None
