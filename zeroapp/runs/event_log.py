"""Reads events.jsonl as it grows: whole lines only, each once."""

from pathlib import Path

import msgspec

from zeroapp import protocol as p


class EventLog:
    """A reader at a place in the log; `read` moves it on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[p.Event]:
        """The events since the last call. Half a last line waits until it is whole."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end
        return [_decode(line) for line in data[:end].splitlines() if line]


def _decode(line: bytes) -> p.Event:
    try:
        return p.decode_event(line)
    except msgspec.DecodeError:
        # A power cut can leave a block of zeros in the middle of a file.
        return p.Noted(
            at=0.0,
            level="warning",
            text="A line of this run's log could not be read. The run itself is not touched.",
            code="unreadable-line",
        )
