"""How a piece of work talks to whoever runs it: it says events and asks whether to stop."""

from typing import Protocol

from zeroapp.protocol import Event


class Stopped(Exception):  # noqa: N818 - not an error: the user asked, and the work has put itself away
    """Raised by work that was asked to stop, after it has left everything safe."""


class Work(Protocol):
    """Handed to every long function. The worker writes events down; tests collect them."""

    def say(self, event: Event) -> None:
        """Tell the user something."""

    def stop_wanted(self) -> bool:
        """Whether the user asked to stop; work looks at it at every safe boundary."""

    def pause_wanted(self) -> bool:
        """Whether the user asked to hold still; only training heeds it."""


class Silent:
    """Work that nobody watches: says nothing, never stops."""

    def say(self, event: Event) -> None:
        """Drop the event."""

    def stop_wanted(self) -> bool:
        """Never."""
        return False

    def pause_wanted(self) -> bool:
        """Never."""
        return False
