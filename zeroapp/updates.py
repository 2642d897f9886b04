"""Asks whether a newer version is out, and believes only what the makers have signed.

Asked only when the person allowed it; nothing is sent but the question. Downloads nothing: the
manifest names a page.
"""

import base64
import re
from datetime import date
from typing import NoReturn

import msgspec

from zeroapp import __version__, paths
from zeroapp.errors import ResourceError

_TIMEOUT = 8.0
_LARGEST = 20_000
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is asked, and the makers' Ed25519 key in base64; both empty in a copy from source.

    packaging/build.py writes them into the installed app (resources/release.json).
    """

    address: str = ""
    key: str = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A version that is out. page: where it can be had. notes: one or two sentences."""

    version: str
    released: date
    page: str
    notes: str = ""


class _Signed(msgspec.Struct, frozen=True, kw_only=True):
    """manifest: a Release as JSON text. signature: of its bytes in UTF-8, base64."""

    manifest: str
    signature: str


def source() -> Source:
    """Where this copy asks."""
    file = paths.resources_dir() / "release.json"
    return msgspec.json.decode(file.read_bytes(), type=Source)


def is_known() -> bool:
    """Whether this copy has somebody to ask."""
    found = source()
    return bool(found.address and found.key)


def newer_release(*, asked: Source | None = None, installed: str = __version__) -> Release | None:
    """The newest version if it is newer than the installed one; None when this is the newest.

    Raises ResourceError "no-network", "update-not-signed".
    """
    asked = asked or source()
    release = verified(_fetch(asked.address), key=asked.key)
    return release if _number(release.version) > _number(installed) else None


def verified(answer: bytes, *, key: str) -> Release:
    """The release an answer tells of; raises ResourceError "update-not-signed" for any doubt."""
    # Both take a tenth of a second to load, which the window has no need of at its start.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signed = msgspec.json.decode(answer, type=_Signed)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        signature = base64.b64decode(signed.signature, validate=True)
        public.verify(signature, signed.manifest.encode())
        release = msgspec.json.decode(signed.manifest, type=Release)
    except (msgspec.MsgspecError, ValueError, InvalidSignature) as error:
        _refuse(str(error) or type(error).__name__, cause=error)
    if not _VERSION.fullmatch(release.version) or not release.page.startswith("https://"):
        _refuse("version or page")
    return release


def _refuse(detail: str, *, cause: Exception | None = None) -> NoReturn:
    raise ResourceError(
        "update-not-signed",
        title="What came back about new versions is not from the makers, so it was ignored.",
        hint="Nothing was changed. If this stays so, look at the makers' page yourself.",
        detail=detail,
    ) from cause


def _fetch(address: str) -> bytes:
    import httpx2

    try:
        with httpx2.Client(timeout=_TIMEOUT) as client, client.stream("GET", address) as answer:
            answer.raise_for_status()
            found = b""
            for piece in answer.iter_bytes():
                found += piece
                if len(found) > _LARGEST:
                    break
            return found[:_LARGEST]
    except (httpx2.HTTPError, OSError) as error:
        raise ResourceError(
            "no-network",
            title="We could not ask whether a newer version is out.",
            hint="Everything else works without a network. Try again when you are online.",
            detail=str(error),
        ) from error


def _number(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(map(int, found.groups())) if found else (0, 0, 0)
