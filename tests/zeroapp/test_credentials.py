"""The Hub token: kept where it can be, never in a file, and no keyring can harm the app."""

import os
import subprocess
import sys
import threading
import time

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, NoKeyringError, PasswordDeleteError

from zeroapp.credentials import Credentials, Kept

TOKEN = "hf_" + "s3cret" * 5


class Memory(KeyringBackend):
    """A keyring that works."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.secrets = {}

    def get_password(self, service, username):
        return self.secrets.get((service, username))

    def set_password(self, service, username, password):
        self.secrets[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.secrets:
            raise PasswordDeleteError(username)
        del self.secrets[service, username]


class Locked(Memory):
    """Looks healthy, and fails on the first write, as a locked Secret Service does."""

    def set_password(self, service, username, password):
        raise InitError("Failed to create the collection: Prompt dismissed.")


class Absent(Memory):
    """What keyring answers on a computer without a session bus."""

    def get_password(self, *_):
        raise NoKeyringError("No recommended backend was available.")

    set_password = delete_password = get_password


class Forgetful(Memory):
    """Takes everything and gives nothing back (keyring's null backend)."""

    def get_password(self, service, username):
        return None


class Cut(Memory):
    """Its bus went away."""

    def get_password(self, *_):
        raise ConnectionResetError(104, "Connection reset by peer")

    set_password = delete_password = get_password


def credentials(backend, environ=None, **more) -> Credentials:
    return Credentials(keyring=lambda: backend, environ={} if environ is None else environ, **more)


def test_a_working_keyring_keeps_the_token_and_the_probe_leaves_nothing_behind():
    backend, environ = Memory(), {}
    ours = credentials(backend, environ)
    assert ours.token() is None
    assert ours.kept() is Kept.nowhere
    assert ours.keep(f"  {TOKEN}\n") is Kept.keyring  # pasted with its line end
    assert list(backend.secrets.values()) == [TOKEN]
    assert environ == {}
    assert ours.token() == TOKEN
    assert ours.kept() is Kept.keyring
    ours.forget()
    assert backend.secrets == {}
    assert ours.token() is None


@pytest.mark.parametrize(
    "backend", [Locked(), Absent(), Forgetful(), Cut()], ids=lambda one: type(one).__name__
)
def test_without_a_keyring_the_token_is_kept_for_this_session_only(backend):
    environ = {}
    ours = credentials(backend, environ)
    assert not ours.keyring_works()
    assert ours.keep(TOKEN) is Kept.session
    assert ours.token() == TOKEN
    assert environ["HF_TOKEN"] == TOKEN  # how worker processes come by it
    ours.forget()
    assert ours.token() is None
    assert not any(TOKEN in value for value in environ.values())


def test_the_environment_wins_over_the_keyring_and_is_never_changed():
    backend, environ = Memory(), {"HF_TOKEN": "from-outside"}
    ours = credentials(backend, environ)
    assert ours.keep(TOKEN) is Kept.keyring
    assert ours.token() == "from-outside"
    assert ours.kept() is Kept.environment
    ours.forget()
    assert environ == {"HF_TOKEN": "from-outside"}
    assert credentials(Absent(), environ).keep(TOKEN) is Kept.environment
    assert environ == {"HF_TOKEN": "from-outside"}


def test_a_later_token_replaces_the_one_of_this_session():
    environ = {}
    credentials(Absent(), environ).keep("old")
    assert credentials(Memory(), environ).keep(TOKEN) is Kept.keyring
    assert environ == {}


def test_a_keyring_that_waits_for_a_prompt_does_not_hold_up_the_app():
    gate = threading.Event()

    class Asking(Memory):
        def get_password(self, service, username):
            gate.wait(30)

        def set_password(self, service, username, password):
            gate.wait(30)

    began = time.monotonic()
    ours = credentials(Asking(), patience=0.05)
    assert ours.token() is None
    assert ours.keep(TOKEN) is Kept.session
    took = time.monotonic() - began
    gate.set()
    assert took < 10  # the gate opens after 30 s: nothing waited for it


def test_the_token_is_never_written_to_a_file(zeroapp_home):
    for backend in (Memory(), Absent()):
        ours = credentials(backend)
        ours.keep(TOKEN)
        assert ours.token() == TOKEN
        assert TOKEN not in repr(ours)
    files = [path for path in zeroapp_home.rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


def test_this_process_without_a_keyring_gets_its_token_from_the_environment(monkeypatch):
    code = "from zeroapp.credentials import hub_token; print(hub_token())"
    env = dict(os.environ, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    for value in ("", TOKEN):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env=env | {"HF_TOKEN": value},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert run.stdout.strip() == (value or "None")
        assert run.stderr == ""
