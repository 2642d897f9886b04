"""Entry of the installed app: one binary that is window, worker, rank and command line.

What the first words ask for is decided before anything of Qt or torch is imported.
"""

import os
import runpy
import sys
from multiprocessing import freeze_support
from pathlib import Path

BUNDLE = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent))


def main() -> None:
    """Become whatever the words ask for; leaves with its exit code."""
    # Our own sources and the models lie in folders of their own, so that recipes can copy the
    # first and a managed engine can use both without seeing the libraries of this one.
    sys.path[1:1] = [str(BUNDLE / "source"), str(BUNDLE / "models")]
    freeze_support()
    _leave_no_trace()
    words = sys.argv[1:]
    match words:
        case ["--script", file, *_]:
            sys.argv = words[1:]
            runpy.run_path(file, run_name="__main__")
        case ["--window", *rest]:
            _window(rest)
        case places if all(map(_is_handed_over, places)):
            _window(places)
        case _:
            from zeroapp.__main__ import main as work

            work()


def _leave_no_trace() -> None:
    """Programs we start must not load our libraries, and nothing is written into the app.

    The loader's own marks go as well: with them and without the path to its libraries a worker,
    which is this program again, would take itself for a part of this process.
    """
    sys.dont_write_bytecode = True
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    for name in [name for name in os.environ if name.startswith("_PYI_")]:
        del os.environ[name]
    if before:
        os.environ["LD_LIBRARY_PATH"] = before


def _is_handed_over(word: str) -> bool:
    """Whether a word is a path as a desktop hands it over, and not a verb or an option."""
    return not word.startswith("-") and Path(word).is_absolute()


def _window(words: list[str]) -> None:
    from ui.app import main as window

    sys.exit(window(words))


if __name__ == "__main__":
    main()
