"""Keeps copies of pictures while an import goes on, and takes them back when it fails."""

from pathlib import Path

from zeroapp.data.examples import FILES
from zeroapp.data.faults import is_full, write_error
from zeroapp.pictures import stored


class Keeper:
    """Copies pictures into the folder of the project in `project`; see `zeroapp.pixels.keep`."""

    def __init__(self, project: Path) -> None:
        self._folder = project / FILES
        self._new: list[str] = []
        self.animated = 0

    def keep(self, path: Path) -> str:
        """The stored picture's name. Raises DataError("not-a-picture"), ResourceError("disk-full");
        OSError when the picture cannot be read.
        """
        from zeroapp.pixels import keep

        try:
            kept = keep(path, into=self._folder)
        except OSError as error:
            if is_full(error):  # which can be said of the copy alone
                raise write_error(self._folder, error) from error
            raise
        if kept.new:
            self._new.append(kept.name)
        self.animated += kept.animated
        return kept.name

    def take_back(self) -> None:
        """Remove what was stored, for nothing came of the import."""
        for name in self._new:
            stored(self._folder, name).unlink(missing_ok=True)
        self._new.clear()
