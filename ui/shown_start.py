"""What the start page shows: frozen values that both sides know. Apart: the first frame waits."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Stage(StrEnum):
    """How far a project is, for its icon and colour."""

    empty = "empty"
    examples = "examples"
    working = "working"
    halted = "halted"
    ready = "ready"
    lost = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectItem:
    """A project in the list. state: one sentence; when: "3 minutes ago" or empty."""

    folder: Path
    name: str
    state: str
    stage: Stage
    when: str = ""
