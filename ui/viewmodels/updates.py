"""Whether a newer version is out; asked only when the person allowed it. QtCore only."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from ui.binding import Observable, Property
from ui.viewmodels.preferences import Preferences
from ui.viewmodels.session import Session
from zeroapp import __version__, updates
from zeroapp.errors import Failure
from zeroapp.updates import Release

WAITING = "A training is running; it is looked for afterwards."


class UpdatesModel(Observable):
    """allowed: may ask. text: what came of it. page: where a newer version is, "" for none."""

    allowed = Property(default=False)
    text = Property("")
    page = Property("")
    can_ask = Property(default=True)

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        parent: QObject | None = None,
        *,
        ask: Callable[[], Release | None] = updates.newer_release,
        known: bool | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._ask = ask
        self._later = False
        self.allowed = preferences.value.tell_of_updates
        self.can_ask = updates.is_known() if known is None else known
        self.text = (
            f"This is version {__version__}."
            if self.can_ask
            else f"This is version {__version__}, made from its sources. It asks nobody."
        )
        session.watcher("train").ended.connect(lambda _status: self._after_training())

    def allow(self, allowed: bool) -> None:  # noqa: FBT001 - a slot of toggled(bool)
        """Let the app ask, or no more. Nothing is asked without this."""
        self.allowed = allowed
        self._preferences.set_tell_of_updates(allowed=allowed)
        if allowed:
            self.look()

    def look(self) -> None:
        """Ask, if that is allowed; never while a training runs."""
        if not self.allowed or not self.can_ask:
            return
        if self._session.training_alive():
            self._later = True
            self.text = WAITING
            return
        self.text = "Asking …"
        self._session.door.run(self._ask, done=self._answered, failed=self._failed)

    def _after_training(self) -> None:
        if self._later:
            self._later = False
            self.look()

    def _answered(self, release: Release | None) -> None:
        self.page = release.page if release else ""
        self.text = (
            f"Version {release.version} is out. {release.notes}".strip()
            if release
            else f"This is version {__version__}, the newest."
        )

    def _failed(self, failure: Failure) -> None:
        self.text = f"{failure.title} {failure.hint}"
