"""The token for the model Hub: in the system's keyring, or for this session only.

The only importer of keyring. A token never goes into a file, a log, an argument or an event;
worker processes inherit it through the environment.
"""

import os
import secrets
import threading
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

VARIABLE = "HF_TOKEN"
# Says that HF_TOKEN was put there by us, not by the person; the value is no secret.
_OURS = "ZEROAPP_TOKEN_FOR_SESSION"
_SERVICE = "zeroapp"
_ACCOUNT = "hub-token"
# A locked keyring asks for its password; longer than this and the window would look stuck.
_PATIENCE = 20.0

_Answer = TypeVar("_Answer")


class Kept(StrEnum):
    """Where the token is. environment: the person set HF_TOKEN. session: gone when the app ends."""

    environment = "environment"
    keyring = "keyring"
    session = "session"
    nowhere = "nowhere"


def _system_keyring() -> "KeyringBackend":
    import keyring  # 0.3 s, so only when a token is wanted

    return keyring.get_keyring()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The Hub token and where it is kept. HF_TOKEN in the environment always wins.

    keyring: makes the backend. environ: read, and written for a token of this session. patience:
    seconds that the keyring may take before it counts as absent. Nothing here raises on a missing,
    locked, slow or broken keyring.
    """

    keyring: "Callable[[], KeyringBackend]" = _system_keyring
    environ: MutableMapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    patience: float = _PATIENCE

    def token(self) -> str | None:
        """The token, or None."""
        given = self.environ.get(VARIABLE, "").strip()
        return given or self._ask(lambda backend: backend.get_password(_SERVICE, _ACCOUNT)) or None

    def kept(self) -> Kept:
        """Where the token that `token` returns comes from."""
        if self.environ.get(VARIABLE, "").strip():
            return Kept.session if _OURS in self.environ else Kept.environment
        return Kept.keyring if self.token() else Kept.nowhere

    def keyring_works(self) -> bool:
        """Whether a secret can really be written, read back and removed.

        A keyring that says it is there may be locked or have no store, so only a real try counts.
        """
        account, secret = f"probe-{secrets.token_hex(4)}", secrets.token_hex(8)

        def probe(backend: "KeyringBackend") -> bool:
            backend.set_password(_SERVICE, account, secret)
            same = backend.get_password(_SERVICE, account) == secret
            backend.delete_password(_SERVICE, account)
            return same

        return self._ask(probe) is True

    def keep(self, token: str) -> Kept:
        """Keep `token` in the keyring, or for this session where there is none; says which."""
        token = token.strip()
        self._drop_session()
        if self.keyring_works() and self._ask(lambda backend: _store(backend, token)):
            return Kept.keyring
        if VARIABLE not in self.environ:
            self.environ[VARIABLE] = token
            self.environ[_OURS] = "1"
        return self.kept()

    def forget(self) -> None:
        """Remove the token from keyring and session; HF_TOKEN of the person's own stays."""
        self._drop_session()
        self._ask(lambda backend: backend.delete_password(_SERVICE, _ACCOUNT))

    def _drop_session(self) -> None:
        if self.environ.pop(_OURS, None):
            self.environ.pop(VARIABLE, None)

    def _ask(self, question: "Callable[[KeyringBackend], _Answer]") -> _Answer | None:
        """The keyring's answer; None when it fails or takes longer than `patience`."""
        answers: list[_Answer] = []
        # A daemon: a password prompt that nobody answers must not keep the app from ending.
        thread = threading.Thread(
            target=lambda: self._question(question, answers), name="keyring", daemon=True
        )
        thread.start()
        thread.join(self.patience)
        return answers[0] if answers else None

    def _question(
        self, question: "Callable[[KeyringBackend], _Answer]", answers: list[_Answer]
    ) -> None:
        from keyring.errors import KeyringError

        # Backends let their bus's errors through as well. One that is not listed ends this thread
        # only, with its trace in the log, and counts as no answer.
        with suppress(KeyringError, OSError, RuntimeError, ValueError, LookupError):
            answers.append(question(self.keyring()))


def _store(backend: "KeyringBackend", token: str) -> bool:
    backend.set_password(_SERVICE, _ACCOUNT, token)
    return backend.get_password(_SERVICE, _ACCOUNT) == token


def hub_token() -> str | None:
    """The Hub token of this process, from HF_TOKEN or the system's keyring; None without one."""
    return Credentials().token()
