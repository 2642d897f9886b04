"""What the user wants of a run: control.json. The app writes it, the supervisor reads it."""

from enum import StrEnum

import msgspec

from zeroapp.run_folder import RunFolder
from zeroapp.writing import write_whole


class Want(StrEnum):
    """What the user wants a run to do. A stop is final; a pause ends with `run`."""

    run = "run"
    pause = "pause"
    stop = "stop"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The content of control.json, and what a supervisor passes on to its ranks."""

    want: Want


def read_want(folder: RunFolder) -> Want:
    """What the user wants; `run` when nothing (readable) was said."""
    try:
        return msgspec.json.decode(folder.control.read_bytes(), type=Order).want
    except (OSError, msgspec.DecodeError):
        return Want.run


def write_want(folder: RunFolder, want: Want) -> None:
    """Say what the run should do; its supervisor sees it within a fifth of a second."""
    write_whole(folder.control, msgspec.json.encode(Order(want=want)))
