"""Two machines that are network namespaces: each with its own addresses, joined by one cable."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESSES = ("10.77.31.1", "10.77.31.2")


@contextmanager
def machines() -> Iterator[tuple[str, ...] | None]:
    """The names of the namespaces; None where we may not make them. They are gone afterwards."""
    names = tuple(f"zeroapp{os.getpid()}n{number}" for number in range(len(ADDRESSES)))
    if shutil.which("ip") is None or os.geteuid() != 0:
        yield None
        return
    try:
        yield names if _made(names) else None
    finally:
        for name in names:
            _ip("netns", "del", name)


def within(name: str) -> list[str]:
    """In front of a command: it runs on that machine."""
    return ["ip", "netns", "exec", name]


def _made(names: tuple[str, ...]) -> bool:
    ends = [f"za{os.getpid()}e{number}"[-15:] for number in range(len(names))]
    done = [_ip("netns", "add", name) for name in names]
    done.append(_ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1]))
    for name, end, address in zip(names, ends, ADDRESSES, strict=True):
        done.append(_ip("link", "set", end, "netns", name))
        done.append(_ip("-n", name, "addr", "add", f"{address}/24", "dev", end))
        done += [_ip("-n", name, "link", "set", device, "up") for device in (end, "lo")]
    return all(done)


def _ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], check=False, capture_output=True).returncode == 0
