"""Properties that tell when they change, and `bind()` that ties them to widgets.

`Property` in the body of an `Observable` makes a value and a signal `<name>_changed(object)`.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, cast, overload

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

Value = TypeVar("Value")


class Property(Generic[Value]):
    """A value of an Observable; setting it to something else emits `<name>_changed(new)`."""

    def __init__(self, default: Value) -> None:
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        setattr(owner, f"{name}_changed", Signal(object))

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: QObject, owner: type) -> Value: ...
    def __get__(self, instance: QObject | None, owner: type) -> Self | Value:
        if instance is None:
            return self
        return cast("Value", instance.__dict__.get(self._name, self._default))

    def __set__(self, instance: QObject, value: Value) -> None:
        if self.__get__(instance, type(instance)) == value:
            return
        instance.__dict__[self._name] = value
        changed(instance, self._name).emit(value)


class Observable(QObject):
    """What owns properties: a view-model or the session. QtCore only."""


def changed(model: QObject, name: str) -> SignalInstance:
    """The signal that tells of changes of `model`'s property `name`."""
    return cast("SignalInstance", getattr(model, f"{name}_changed"))


class _Link(QObject):
    """Lives as long as the widget it serves, so that no signal reaches a widget that is gone."""

    def __init__(self, parent: QObject, write: Callable[[Any], object]) -> None:
        super().__init__(parent)
        self._write = write

    @Slot(object)
    def pass_on(self, value: object) -> None:
        """Write `value` to the widget."""
        self._write(value)


def bind(
    model: QObject,
    name: str,
    widget: QObject,
    *,
    to: Callable[[Any], object],
    back: SignalInstance | None = None,
) -> None:
    """Tie `model.<name>` to a widget: `to(value)` now and at every change, while it lives.

    back: a signal of the widget whose value is written to the property (two ways).
    """
    link = _Link(widget, to)
    changed(model, name).connect(link.pass_on)
    to(getattr(model, name))
    if back is not None:
        back.connect(_Link(widget, lambda value: setattr(model, name, value)).pass_on)


def bind_all(
    model: QObject, names: tuple[str, ...], widget: QObject, *, to: Callable[[], object]
) -> None:
    """Call `to()` now and whenever one of the properties changes, while the widget lives."""
    for name in names:
        changed(model, name).connect(_Link(widget, lambda _value: to()).pass_on)
    to()
