"""Put beside a recipe's code as sitecustomize.py: lets in only what its requirements.txt names, and
what that needs in turn, as if nothing else was installed.
"""

import re
import sys
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import ClassVar

OURS = frozenset({"zeroapp", "sitecustomize"})


def plain(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(names: list[str]) -> set[str]:
    """The distributions of these names, and those that they need."""
    found: set[str] = set()
    while names:
        name = plain(names.pop())
        if name not in found:
            try:
                wants = metadata.distribution(name).requires or []
            except metadata.PackageNotFoundError:
                continue
            found.add(name)
            names += [re.split(r"[^\w.-]", one)[0] for one in wants if "extra ==" not in one]
    return found


class Only(PathFinder):
    """Finds what is allowed; the rest is not installed."""

    barred: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        """None for a barred module, as for one that is not there."""
        if fullname.partition(".")[0] in cls.barred:
            return None
        return super().find_spec(fullname, path, target)


def bar(allowed: set[str]) -> None:
    """Let in no installed module of another distribution."""
    known = metadata.packages_distributions().items()
    tops = {top for top, of in known if not {plain(one) for one in of} & allowed}
    Only.barred = frozenset(tops - OURS)
    sys.meta_path[:] = [Only if one is PathFinder else one for one in sys.meta_path]


if __name__ == "sitecustomize":
    lines = (Path(__file__).parents[1] / "requirements.txt").read_text("utf-8").split()
    bar(needed([line.partition("==")[0] for line in lines]))
