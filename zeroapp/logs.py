"""The app's own log file. The only file that imports logging; a run writes its own worker.log."""

import logging
import logging.handlers
from pathlib import Path

from zeroapp import paths

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BYTES = 1_000_000
_KEPT = 3


def get(name: str) -> logging.Logger:
    """A logger below "zeroapp"."""
    return logging.getLogger(f"zeroapp.{name}")


def to_file(name: str = "zeroapp") -> Path:
    """Send the app's log to a file that rolls over at 1 MB and keeps three old ones; its path."""
    folder = paths.log_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    _attach(handler)
    return path


def to_stderr() -> None:
    """Send the app's log to stderr; the worker does this, its stderr is worker.log."""
    _attach(logging.StreamHandler())


def _attach(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter(_LINE))
    root = logging.getLogger("zeroapp")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
