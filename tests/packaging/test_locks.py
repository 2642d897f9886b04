"""What a lock takes to download is told from the indexes it was made from."""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import locks  # noqa: E402 - a script's folder, not a package

TORCH = "torch-2.13.0%2Brocm7.2-cp311-cp311-manylinux_2_28_x86_64.whl"
OLDER = "torch-2.13.0%2Brocm7.2-cp310-cp310-manylinux_2_28_x86_64.whl"


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


class Indexes(BaseHTTPRequestHandler):
    """PyPI, which tells sizes, and the makers of torch, who do not."""

    def do_GET(self):
        if self.path == "/pypi/tiny/":
            known = {"filename": "tiny-1.0-py3-none-any.whl", "size": 700, "url": "tiny.whl"}
            files = [{**known, "hashes": {"sha256": digest("tiny")}}]
            self._say(json.dumps({"files": files}), "application/vnd.pypi.simple.v1+json")
        elif self.path == "/rocm/torch/":
            links = (
                f'<a href="/files/{name}#sha256={digest(name)}">x</a>' for name in (TORCH, OLDER)
            )
            self._say("\n".join(links), "text/html")
        else:
            self.send_error(404)

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "90000" if self.path == f"/files/{TORCH}" else "5")
        self.end_headers()

    def _say(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def indexes():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Indexes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    yield f"{at}/pypi", f"{at}/rocm"
    server.shutdown()
    server.server_close()


def test_a_lock_from_two_indexes_tells_what_it_takes(tmp_path, indexes):
    lock = tmp_path / "amd.txt"
    hashes = "".join(f" \\\n    --hash=sha256:{digest(name)}" for name in (TORCH, OLDER))
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest('tiny')}\ntorch==2.13.0{hashes}\n")
    assert locks.download_size(lock, tags="x86_64", indexes=indexes) == 700 + 90000


def test_what_a_lock_does_not_allow_is_not_counted(tmp_path, indexes):
    lock = tmp_path / "amd.txt"
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest('another')}\n")
    assert locks.download_size(lock, tags="x86_64", indexes=indexes) == 0


def test_what_is_said_of_locks_that_are_not_made_now_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PLACE", tmp_path)
    monkeypatch.setattr(locks, "_taken", lambda name, **_: {"locks": [f"{name}.txt"], "new": True})
    for name in ("cpu-linux", "cpu-windows"):
        (tmp_path / f"{name}.txt").touch()
    before = {"packs": [{"locks": ["cpu-linux.txt"]}], "starters": {"locks": ["starters.txt"]}}
    told = locks._told(before, ["cpu-windows"], wheels="")
    kept, made = told["packs"]
    assert kept == before["packs"][0]
    assert (made["locks"], made["system"], made["new"]) == (["cpu-windows.txt"], "win32", True)
    assert told["starters"] == before["starters"]


@pytest.mark.parametrize(
    ("system", "fits", "other"),
    [
        ("linux", "n-1-cp311-cp311-manylinux_2_28_x86_64.whl", "n-1-cp311-cp311-win_amd64.whl"),
        ("win32", "n-1-cp311-cp311-win_amd64.whl", "n-1-cp311-cp311-macosx_14_0_arm64.whl"),
        ("darwin", "n-1-cp311-cp311-macosx_14_0_arm64.whl", "n-1-cp311-cp311-win_amd64.whl"),
        ("darwin", "n-1-cp311-cp311-macosx_10_9_universal2.whl", "n-1-cp311-cp311-win_amd64.whl"),
    ],
)
def test_of_a_package_the_wheel_for_the_system_is_counted(system, fits, other):
    known = [{"filename": other, "size": 900}, {"filename": fits, "size": 70}]
    assert locks._largest(known, locks.TAGS[system]) == 70
