"""A Hub on 127.0.0.1 that serves a folder by the Hub's file protocol, and can misbehave.

Large files (safetensors) are answered with a redirect to a second port, as the real Hub sends
people on to its storage; small ones are served at once.
"""

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class Request:
    """One request as it came. port tells the Hub from its storage."""

    method: str
    path: str
    headers: dict[str, str]
    port: int


@dataclass
class Behaviour:
    """How the server treats whoever asks.

    token: wanted for everything. gated: nobody may in, token or not. cut: file name -> at which
    byte the connection breaks; cuts: how often. spoil: these files come with a wrong byte.
    ignore_range: all bytes come always. plain_listing: no sizes and sums in the listing.
    """

    token: str = ""
    gated: bool = False
    cut: dict[str, int] = field(default_factory=dict)
    cuts: int = 1
    spoil: set[str] = field(default_factory=set)
    ignore_range: bool = False
    plain_listing: bool = False
    licence: object = "mit"
    language: object = "en"
    commit: str = COMMIT
    status: int = 0
    extra_names: tuple[str, ...] = ()


class HubServer:
    """Serves `folder` as the model `key`. Use as a context manager; `address` is the endpoint."""

    def __init__(self, folder: Path, *, key: str = "maker/tiny") -> None:
        self.folder, self.key = folder, key
        self.behaviour = Behaviour()
        self.requests: list[Request] = []
        self._servers = [self._start(_Handler) for _ in range(2)]
        self.address = f"http://127.0.0.1:{self._servers[0].server_port}"
        self.storage = f"http://127.0.0.1:{self._servers[1].server_port}"

    def _start(self, handler) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"hub": self}))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def names(self) -> list[str]:
        """The repository's files."""
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def asked_for(self, name: str, *, method: str = "GET") -> list[Request]:
        """The requests for a file's bytes, in order."""
        return [
            one
            for one in self.requests
            if one.method == method and unquote(one.path).endswith("/" + name)
        ]


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        self._answer()

    def _answer(self):
        port = self.server.server_port
        self.hub.requests.append(
            Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, port)
        )
        path = unquote(urlsplit(self.path).path)
        behaviour = self.hub.behaviour
        if path.startswith("/storage/"):
            return self._send_file(path.removeprefix("/storage/"))
        if behaviour.status:
            return self._refuse(behaviour.status, "")
        if refusal := self._refusal(path):
            return self._refuse(*refusal)
        if path == f"/api/models/{self.hub.key}/revision/main":
            return self._send(200, json.dumps(self._listing()).encode())
        found = re.fullmatch(f"/{self.hub.key}/resolve/{behaviour.commit}/(.+)", path)
        if found and found[1] in self.hub.names():
            return (
                self._redirect(found[1]) if found[1].endswith(LARGE) else self._send_file(found[1])
            )
        return self._refuse(404, "EntryNotFound")

    def _refusal(self, path):
        behaviour = self.hub.behaviour
        given = self.headers.get("authorization", "")
        if f"/{self.hub.key}/" not in path + "/":
            return (404, "RepoNotFound") if given else (401, "RepoNotFound")
        if behaviour.gated:
            return 403 if given else 401, "GatedRepo"
        if behaviour.token and given != f"Bearer {behaviour.token}":
            return 401, "GatedRepo"
        return None

    def _listing(self):
        behaviour = self.hub.behaviour
        siblings = [self._sibling(name) for name in self.hub.names()]
        siblings += [{"rfilename": name} for name in behaviour.extra_names]
        return {
            "id": self.hub.key,
            "sha": behaviour.commit,
            "cardData": {"license": behaviour.licence, "language": behaviour.language},
            "siblings": siblings,
        }

    def _sibling(self, name):
        if self.hub.behaviour.plain_listing:
            return {"rfilename": name}
        data = (self.hub.folder / name).read_bytes()
        entry = {"rfilename": name, "size": len(data), "blobId": _git_sha1(data)}
        if name.endswith(LARGE):
            digest = hashlib.sha256(data).hexdigest()
            entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
        return entry

    def _redirect(self, name):
        data = (self.hub.folder / name).read_bytes()
        headers = {
            "Location": f"{self.hub.storage}/storage/{name}",
            "X-Repo-Commit": self.hub.behaviour.commit,
            "X-Linked-Size": str(len(data)),
            "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
        }
        self._send(302, b"Found. Redirecting", headers)

    def _send_file(self, name):
        data = (self.hub.folder / name).read_bytes()
        headers = {"X-Repo-Commit": self.hub.behaviour.commit, "ETag": f'"{_git_sha1(data)}"'}
        if name in self.hub.behaviour.spoil:
            data = data[:-1] + bytes([data[-1] ^ 1])
        first, last = self._range(len(data))
        if first is None:
            return self._send(200, data, headers, name=name)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return self._send(206, data[first : last + 1], headers, name=name, first=first)

    def _range(self, size):
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if not asked or self.hub.behaviour.ignore_range:
            return None, None
        return int(asked[1]), min(int(asked[2] or size - 1), size - 1)

    def _refuse(self, status, code):
        self._send(status, b"{}", {"X-Error-Code": code} if code else {})

    def _send(self, status, body, headers=None, *, name="", first=0):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self._write(body, name, first)

    def _write(self, body, name, first):
        behaviour = self.hub.behaviour
        # A part with an end is somebody reading a header; downloads ask for all the rest.
        header = re.search(r"-\d+$", self.headers.get("range", ""))
        limit = None if header else behaviour.cut.get(name)
        if limit is None or behaviour.cuts <= 0 or not first <= limit < first + len(body):
            self.wfile.write(body)
            return
        behaviour.cuts -= 1
        self.wfile.write(body[: limit - first])
        self.wfile.flush()
        self.close_connection = True


def _git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
