"""Brings one file of the Hub here: goes on where it broke off, checks it, renames it when whole."""

import hashlib
import time
from pathlib import Path

import httpx2

from zeroapp.models.hub import Hub, RemoteFile, Repository
from zeroapp.models.refusals import cut_off, no_network, wrong_bytes
from zeroapp.models.store import Meter, writing

# A connection that breaks is often back in a moment; counted anew whenever bytes come.
PAUSES = (0.5, 2.0, 5.0)
_CHUNK = 2**20
_LOOK = 0.1


def part_of(target: Path) -> Path:
    """Where the bytes of `target` wait until they are all there."""
    return target.with_name(target.name + ".part")


def size_of(path: Path) -> int:
    """Bytes of the file, 0 when it is not there."""
    return path.stat().st_size if path.is_file() else 0


class Transfer:
    """Downloads files of one repository; `meter` counts and heeds stop."""

    def __init__(
        self,
        hub: Hub,
        repository: Repository,
        *,
        meter: Meter,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """pauses: seconds to wait before each new try after a break."""
        self._hub = hub
        self._repository = repository
        self._meter = meter
        self._pauses = pauses

    def bring(self, file: RemoteFile, *, target: Path) -> None:
        """The whole, checked file at `target`; what came stays beside it until then.

        Raises Stopped; ModelError "download-broken", "no-network" or as Hub.look_up;
        ResourceError "disk-full".
        """
        part = part_of(target)
        with writing(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            self._collect(file, part=part)
            found = checksum(part, like=file.checksum)
            if found != file.checksum:
                part.unlink()
                detail = f"{file.name}: {found}, should be {file.checksum}"
                raise wrong_bytes(self._repository.key, detail=detail)
            part.replace(target)

    def _collect(self, file: RemoteFile, *, part: Path) -> None:
        tries = 0
        while True:
            before = size_of(part)
            trouble = self._go_on(file, part=part)
            if trouble is None and (not file.size or size_of(part) == file.size):
                return
            tries = 1 if size_of(part) > before else tries + 1
            if tries > len(self._pauses):
                self._give_up(file, trouble, have=size_of(part))
            self._rest(self._pauses[tries - 1])

    def _go_on(self, file: RemoteFile, *, part: Path) -> httpx2.RequestError | None:
        """Ask for the missing bytes and append them; what broke the connection, if it broke."""
        found = size_of(part)
        # Without a size there is no telling whether the part is whole.
        have = found if file.size and found <= file.size else 0
        self._meter.add(have - found)
        if file.size and have == file.size:
            return None
        try:
            with self._hub.stream(self._repository, file.name, start=have) as answer:
                resumed = answer.status_code == httpx2.codes.PARTIAL_CONTENT
                if have and not resumed:
                    self._meter.add(-have)
                with part.open("ab" if resumed else "wb") as out:
                    for chunk in answer.iter_raw():
                        out.write(chunk)
                        self._meter.add(len(chunk))
        except httpx2.RequestError as error:
            return error
        return None

    def _give_up(self, file: RemoteFile, trouble: httpx2.RequestError | None, *, have: int) -> None:
        detail = f"{file.name}: {have} of {file.size} bytes; {trouble!r}"
        if isinstance(trouble, httpx2.ConnectError | httpx2.ConnectTimeout):
            raise no_network(host=self._hub.host, detail=detail) from trouble
        raise cut_off(self._repository.key, detail=detail) from trouble

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._meter.add(0)  # heeds stop
            time.sleep(_LOOK)


def checksum(path: Path, *, like: str) -> str:
    """The checksum of a file in the writing of `like`: "sha256:…", "git:…", or "" for none."""
    kind = like.partition(":")[0]
    if not kind:
        return ""
    digest = hashlib.sha256()
    if kind == "git":
        # How git names a file's content; the Hub uses it for small files.
        digest = hashlib.sha1(f"blob {size_of(path)}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return f"{kind}:{digest.hexdigest()}"
