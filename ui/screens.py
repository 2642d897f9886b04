"""The start page, and the page and view-model of every step, loaded when they are first wanted.

The first frame shows the start page alone; all that a project needs would take as long again.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

from ui.pages.start import StartPage
from ui.viewmodels.session import Session
from ui.viewmodels.start import StartModel
from zeroapp.wizard import Step

Made = TypeVar("Made")


class _OnDemand(Mapping[Step, Made], Generic[Made]):
    """One for each step, made when it is asked for; `made` are those there are."""

    def __init__(self, make: Callable[[Step], Made]) -> None:
        self._make = make
        self.made: dict[Step, Made] = {}

    def __getitem__(self, step: Step) -> Made:
        if step not in self.made:
            self.made[step] = self._make(step)
        return self.made[step]

    def __iter__(self) -> Iterator[Step]:
        return iter(Step)

    def __len__(self) -> int:
        return len(Step)


class Screens:
    """start: the first page. models, pages: of each step, as `ui.pages` says they are named."""

    def __init__(self, start: StartModel, session: Session) -> None:
        self.start = StartPage(start)
        self.models = _OnDemand(lambda step: _part("viewmodels", step, "Model")(session, session))
        self.pages = _OnDemand(lambda step: _part("pages", step, "Page")(self.models[step]))


def _part(room: str, step: Step, kind: str) -> Any:
    return getattr(import_module(f"ui.{room}.{step}"), f"{step.title()}{kind}")
