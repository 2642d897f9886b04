"""Newer versions: asked on loopback, believed only when signed."""

import base64
import http.server
import json
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zeroapp import updates
from zeroapp.errors import AppError
from zeroapp.updates import Source

OURS, THEIRS = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KEY = base64.b64encode(OURS.public_key().public_bytes_raw()).decode()


def manifest(version: str, *, page: str = "https://zeroapp.org/get") -> str:
    return json.dumps({"version": version, "released": "2026-12-01", "page": page})


def signed(text: str, *, by: Ed25519PrivateKey = OURS) -> bytes:
    signature = base64.b64encode(by.sign(text.encode())).decode()
    return json.dumps({"manifest": text, "signature": signature}).encode()


@pytest.fixture
def served():
    """Answers every question with `body`; says what was asked of it."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append((self.path, dict(self.headers)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.server.body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.source = Source(address=f"http://127.0.0.1:{server.server_port}/latest.json", key=KEY)
    yield server
    server.shutdown()
    server.server_close()


def test_a_newer_version_is_told(served):
    served.body = signed(manifest("0.2.0"))
    assert updates.newer_release(asked=served.source, installed="0.1.9").version == "0.2.0"


@pytest.mark.parametrize("installed", ["0.2.0", "0.10.0", "1.0.0"])
def test_the_same_or_an_older_one_is_not(served, installed):
    served.body = signed(manifest("0.2.0"))
    assert updates.newer_release(asked=served.source, installed=installed) is None


def test_only_the_question_is_sent(served):
    served.body = signed(manifest("0.2.0"))
    updates.newer_release(asked=served.source)
    [(path, headers)] = served.asked
    assert path == "/latest.json"
    assert not {"cookie", "authorization", "referer"} & {name.lower() for name in headers}


@pytest.mark.parametrize(
    "body",
    [
        signed(manifest("9.0.0"), by=THEIRS),
        signed(manifest("9.0.0")).replace(b"9.0.0", b"9.0.1"),
        signed(manifest("9.0.0", page="http://elsewhere/get")),
        signed(manifest("newest")),
        b"<html>Sign in to this hotel's network</html>",
        b"",
    ],
)
def test_what_the_makers_did_not_sign_is_ignored(served, body):
    served.body = body
    with pytest.raises(AppError) as told:
        updates.newer_release(asked=served.source)
    assert told.value.code == "update-not-signed"


def test_an_endless_answer_is_cut_off(served):
    served.body = b" " * 200_000 + signed(manifest("9.0.0"))
    with pytest.raises(AppError) as told:
        updates.newer_release(asked=served.source)
    assert told.value.code == "update-not-signed"


def test_without_a_network_the_next_step_is_said():
    gone = Source(address="http://127.0.0.1:9/latest.json", key=KEY)
    with pytest.raises(AppError) as told:
        updates.newer_release(asked=gone)
    assert told.value.code == "no-network"


def test_a_copy_from_source_has_nobody_to_ask():
    assert not updates.is_known()
