"""The token in a real Secret Service: gnome-keyring on a bus of its own.

Needs the Debian packages gnome-keyring and dbus-x11; skipped without them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOKEN = "hf_real0keyring0123456789"
NEEDED = ("gnome-keyring-daemon", "dbus-run-session")
CODE = f"""
from zeroapp.credentials import Credentials, Kept
ours = Credentials(environ={{}}, patience=60.0)
assert ours.keyring_works()
assert ours.keep("{TOKEN}") is Kept.keyring
assert Credentials(environ={{}}, patience=60.0).token() == "{TOKEN}"
ours.forget()
assert ours.token() is None
print("kept and forgotten")
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, NEEDED)),
    reason="needs the Debian packages gnome-keyring and dbus-x11",
)


def test_a_token_is_kept_and_forgotten_and_in_no_file_in_plain(tmp_path):
    root = Path(__file__).resolve().parents[2]
    home, runtime = tmp_path / "home", tmp_path / "runtime"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    env = {name: value for name, value in os.environ.items() if not name.startswith("DBUS")}
    env |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(root)}
    env["ZEROAPP_HOME"] = str(home / "zeroapp")
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null"
    script = f"{unlock} && sleep 1 && exec {sys.executable} -c '{CODE}'"
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", script],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "kept and forgotten", done.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
