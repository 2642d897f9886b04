"""A rank's line to its supervisor: events go out on a private pipe, orders come in on stdin."""

import os
import sys
import threading
from typing import BinaryIO

import msgspec

from zeroapp import protocol as p
from zeroapp.runs.control import Order, Want
from zeroapp.worker.seat import Seat

LEFT_ALONE = 86
"""Exit code of a rank whose supervisor is gone."""


class RankWork:
    """A `Work` that speaks to the supervisor. `listen` must be called once, after `seat`."""

    def __init__(self, *, events: BinaryIO, orders: BinaryIO) -> None:
        self._events = events
        self._orders = orders
        self._lock = threading.Lock()
        self._want = Want.run

    def seat(self) -> Seat:
        """The first line of the orders; leaves at once when there is none."""
        line = self._orders.readline()
        if not line.endswith(b"\n"):
            leave()
        return msgspec.json.decode(line, type=Seat)

    def listen(self) -> None:
        """Follow the orders from now on; when they end, the supervisor is gone and so are we."""
        threading.Thread(target=self._follow, name="orders", daemon=True).start()

    def _follow(self) -> None:
        for line in self._orders:
            self._want = msgspec.json.decode(line, type=Order).want
        leave()

    def say(self, event: p.Event) -> None:
        """Hand the event to the supervisor, who writes it down."""
        line = p.encode(event) + b"\n"
        with self._lock:
            try:
                self._events.write(line)
                self._events.flush()
            except OSError:
                leave()

    def stop_wanted(self) -> bool:
        """Whether the user asked to stop."""
        return self._want is Want.stop

    def pause_wanted(self) -> bool:
        """Whether the user asked to hold still."""
        return self._want is Want.pause


def leave() -> None:
    """End this process now, from any thread, whatever it computes."""
    sys.stderr.flush()
    os._exit(LEFT_ALONE)
