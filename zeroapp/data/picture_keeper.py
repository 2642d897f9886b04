"""Keeps copies of pictures while an import goes on, and takes them back when it fails."""

from pathlib import Path

from zeroapp.data.examples import FILES
from zeroapp.pictures import stored


class Keeper:
    """Copies pictures into the folder of the project in `project`; see `zeroapp.pixels.keep`."""

    def __init__(self, project: Path) -> None:
        self._folder = project / FILES
        self._new: list[str] = []
        self.animated = 0

    def keep(self, path: Path) -> str:
        """The stored picture's name. Raises DataError("not-a-picture"); OSError."""
        from zeroapp.pixels import keep

        kept = keep(path, into=self._folder)
        if kept.new:
            self._new.append(kept.name)
        self.animated += kept.animated
        return kept.name

    def take_back(self) -> None:
        """Remove what was stored, for nothing came of the import."""
        for name in self._new:
            stored(self._folder, name).unlink(missing_ok=True)
        self._new.clear()
