"""Speaks the Hub's file protocol: looks a repository up, reads and downloads files of one commit.

Judges no model. The token is sent only when asked for, only to the Hub itself, and never written
down; offline switches of other libraries do not apply here.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2
import msgspec

from zeroapp import __version__, settings
from zeroapp.errors import UsageError
from zeroapp.models.refusals import gated, hub_busy, missing, no_network

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_ASKED_FOR_TOKEN = frozenset({401, 403})


class _Lfs(msgspec.Struct, frozen=True):
    sha256: str = ""
    size: int = 0


class _Sibling(msgspec.Struct, frozen=True, rename={"blob": "blobId"}):
    rfilename: str
    size: int | None = None
    blob: str = ""
    lfs: _Lfs | None = None


class _Answer(msgspec.Struct, frozen=True, rename={"card": "cardData"}):
    sha: str
    siblings: tuple[_Sibling, ...]
    card: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file of a commit. checksum: "sha256:…" or "git:…", "" when the Hub gives none."""

    name: str
    size: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A model on the Hub at one commit. licence and languages: as its makers write them."""

    key: str
    commit: str
    files: Mapping[str, RemoteFile]
    licence: str
    languages: tuple[str, ...]


def endpoint() -> str:
    """Where the Hub is: HF_ENDPOINT, else the settings.

    Raises UsageError "hub-endpoint" for an address that others on the way could change: plain
    http to anything but this computer.
    """
    address = os.environ.get("HF_ENDPOINT") or settings.load().settings.hub_endpoint
    parts = urlsplit(address)
    here = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and here)):
        raise UsageError(
            "hub-endpoint",
            title=f"The address of the model hub is not a safe one: {address}",
            hint=f"Put an address that begins with https:// into the settings, or {settings.HUB}.",
        )
    return address.rstrip("/")


class Hub:
    """A connection to the Hub. Use as a context manager; not for several threads at once."""

    def __init__(self, address: str, *, token: Callable[[], str | None]) -> None:
        """`token` is asked only when the Hub wants one. Raises ModelError "no-network"."""
        self.address = address
        self._ask_token = token
        self._token: str | None = None
        try:
            self._client = httpx2.Client(
                verify=_trusted(),
                timeout=_TIMEOUT,
                follow_redirects=True,
                # identity: sizes and ranges then mean the file's own bytes.
                headers={"user-agent": f"zeroapp/{__version__}", "accept-encoding": "identity"},
            )
        except (ImportError, ValueError) as error:
            # The computer's proxy settings are read here; a SOCKS proxy needs more than we bring.
            raise no_network(host=self.host, detail=f"proxy: {error}") from error

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def host(self) -> str:
        """The Hub's name, for people."""
        return urlsplit(self.address).netloc

    def look_up(self, key: str) -> Repository:
        """The model `key` ("owner/name") at its newest commit.

        Raises ModelError: "model-missing", "model-gated", "no-network", "hub-busy".
        """
        url = f"{self.address}/api/models/{quote(key)}/revision/main?blobs=true"
        with self._reach(), self._get(key, url) as answer:
            text = answer.read()
        try:
            found = msgspec.json.decode(text, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise hub_busy(host=self.host, detail=str(error)) from error
        if not _COMMIT.fullmatch(found.sha):
            raise hub_busy(host=self.host, detail=f"commit {found.sha!r}")
        card = found.card or {}
        return Repository(
            key=key,
            commit=found.sha,
            files={one.rfilename: _file(one) for one in found.siblings},
            licence=next(iter(_words(card.get("license"))), ""),
            languages=_words(card.get("language")),
        )

    def announced(self, repository: Repository, file: RemoteFile) -> RemoteFile:
        """`file` with the size and checksum of its own headers, where the listing had none."""
        if file.size and file.checksum:
            return file
        url = self._url(repository, file.name)
        with self._reach(), self._get(repository.key, url, method="HEAD", follow=False) as answer:
            headers = answer.headers
        # Large files are answered with a redirect, whose own length and tag say nothing.
        direct = headers if answer.status_code == httpx2.codes.OK else httpx2.Headers()
        size = headers.get("x-linked-size") or direct.get("content-length") or "0"
        tag = (headers.get("x-linked-etag") or direct.get("etag") or "").removeprefix("W/")
        checksum = file.checksum or _checksum(tag.strip('"'))
        return RemoteFile(name=file.name, size=file.size or int(size), checksum=checksum)

    def read(
        self, repository: Repository, name: str, *, start: int = 0, count: int | None = None
    ) -> bytes:
        """Bytes of a small file, or of a part of a large one. Raises as `look_up`."""
        wanted = {} if count is None else {"range": f"bytes={start}-{start + count - 1}"}
        url = self._url(repository, name)
        with self._reach(), self._get(repository.key, url, headers=wanted) as answer:
            if wanted and answer.status_code != httpx2.codes.PARTIAL_CONTENT:
                return _first(answer, skip=start, count=count or 0)
            return answer.read()

    @contextmanager
    def stream(self, repository: Repository, name: str, *, start: int) -> Iterator[httpx2.Response]:
        """The bytes of a file from `start`, to be taken with iter_raw.

        The status is 206 when the Hub heeded `start`, else all bytes come. Raises ModelError as
        `look_up`, but httpx2.RequestError when the connection breaks.
        """
        wanted = {"range": f"bytes={start}-"} if start else {}
        with self._get(repository.key, self._url(repository, name), headers=wanted) as answer:
            yield answer

    def _url(self, repository: Repository, name: str) -> str:
        return f"{self.address}/{quote(repository.key)}/resolve/{repository.commit}/{quote(name)}"

    @contextmanager
    def _reach(self) -> Iterator[None]:
        try:
            yield
        except httpx2.RequestError as error:
            raise no_network(host=self.host, detail=repr(error)) from error

    @contextmanager
    def _get(
        self,
        key: str,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
    ) -> Iterator[httpx2.Response]:
        """The answer, its body not yet read; asks a second time with the token when told to."""
        request = self._client.build_request(method, url, headers=self._signed(headers))
        answer = self._client.send(request, stream=True, follow_redirects=follow)
        if answer.status_code in _ASKED_FOR_TOKEN and self._token is None:
            self._token = self._ask_token()
            if self._token:
                answer.close()
                request = self._client.build_request(method, url, headers=self._signed(headers))
                answer = self._client.send(request, stream=True, follow_redirects=follow)
        try:
            self._judge(key, answer)
            yield answer
        finally:
            answer.close()

    def _signed(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        token = {"authorization": f"Bearer {self._token}"} if self._token else {}
        return {**(headers or {}), **token}

    def _judge(self, key: str, answer: httpx2.Response) -> None:
        """Raise what a refusal means; the Hub says 401 also for what does not exist."""
        status, reason = answer.status_code, answer.headers.get("x-error-code", "")
        if status < httpx2.codes.BAD_REQUEST:
            return
        gone = {"RepoNotFound", "EntryNotFound", "RevisionNotFound"}
        if status == httpx2.codes.NOT_FOUND or reason in gone:
            raise missing(key, detail=f"{status} {reason}")
        if status in _ASKED_FOR_TOKEN:
            page = f"{self.address}/{key}"
            raise gated(key, page=page, with_token=self._token is not None)
        raise hub_busy(host=self.host, detail=f"status {status} {reason}")


@cache
def _trusted() -> ssl.SSLContext:
    """The computer's own certificates; reading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


def _file(sibling: _Sibling) -> RemoteFile:
    lfs = sibling.lfs or _Lfs()
    return RemoteFile(
        name=sibling.rfilename,
        size=lfs.size or sibling.size or 0,
        checksum=_checksum(lfs.sha256 or ("" if sibling.lfs else sibling.blob)),
    )


def _checksum(text: str) -> str:
    """The Hub names large files by their sha256 and small ones by git's blob id."""
    if _SHA256.fullmatch(text):
        return f"sha256:{text}"
    return f"git:{text}" if _COMMIT.fullmatch(text) else ""


def _words(value: Any) -> tuple[str, ...]:
    """What stands on a model's page as a text or a list of texts."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _first(answer: httpx2.Response, *, skip: int, count: int) -> bytes:
    """Bytes skip..skip+count of a body that came whole although a part was asked for."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) >= skip + count:
            break
    return bytes(body[skip : skip + count])
