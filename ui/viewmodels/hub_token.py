"""The token for the model Hub: where it is kept, and what to do without a keyring. QtCore only."""

from PySide6.QtCore import QObject

from ui.background import Door
from ui.binding import Observable, Property
from zeroapp.credentials import Credentials, Kept

_WHERE = {
    Kept.environment: "A token is set for this session from outside (HF_TOKEN).",
    Kept.keyring: "A token is kept in this computer's keyring.",
    Kept.session: "A token is in use until you close the app. It is written nowhere.",
    Kept.nowhere: "No token is set. Most models need none.",
}
NO_KEYRING = (
    "This computer has no keyring that opens, so a token cannot be kept safely. It can be used "
    "until you close the app; it is never written to a file."
)


class TokenModel(Observable):
    """text: where the token is. choice: asked before a token is used for the session only."""

    text = Property("")
    choice = Property("")
    has_token = Property(default=False)
    busy = Property(default=False)

    def __init__(
        self, door: Door, parent: QObject | None = None, *, credentials: Credentials | None = None
    ) -> None:
        super().__init__(parent)
        self._door = door
        self._credentials = credentials or Credentials()
        self._waiting = ""

    def look(self) -> None:
        """Find out where the token is; a keyring may take its time."""
        self._door.run(self._credentials.kept, done=self._show)

    def keep(self, token: str) -> None:
        """Keep it in the keyring; without one `choice` asks first."""
        if not token.strip() or self.busy:
            return
        self._waiting = token
        self.busy = True
        self._door.run(self._credentials.keyring_works, done=self._tried)

    def _tried(self, works: bool) -> None:  # noqa: FBT001 - the door hands results over by place
        if works:
            self.use_for_session()
            return
        self.busy = False
        self.choice = NO_KEYRING

    def use_for_session(self) -> None:
        """Go on with what was typed: into the keyring, or for this session where there is none."""
        token, self._waiting = self._waiting, ""
        self.choice = ""
        if token:
            self.busy = True
            self._door.run(lambda: self._credentials.keep(token), done=self._show)

    def decline(self) -> None:
        """Forget what was typed."""
        self._waiting = ""
        self.choice = ""

    def forget(self) -> None:
        """Remove the token from wherever this app put it."""
        self._door.run(self._credentials.forget, done=lambda _none: self.look())

    def _show(self, kept: Kept) -> None:
        self.busy = False
        self.has_token = kept in (Kept.keyring, Kept.session)
        self.text = _WHERE[kept]
