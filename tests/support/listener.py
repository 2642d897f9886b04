"""A Work that keeps what was said and can ask to stop after so many events."""

from typing import TypeVar

from zeroapp.protocol import Event, Noted

_T = TypeVar("_T")


class Listener:
    """Collects events. stop_after: how many events are said before a stop is wanted."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.events: list[Event] = []
        self._stop_after = stop_after

    def say(self, event: Event) -> None:
        self.events.append(event)

    def stop_wanted(self) -> bool:
        return self._stop_after is not None and len(self.events) >= self._stop_after

    def pause_wanted(self) -> bool:
        return False

    def of(self, kind: type[_T]) -> list[_T]:
        return [event for event in self.events if isinstance(event, kind)]

    def codes(self) -> list[str]:
        return [event.code for event in self.of(Noted)]
