"""`python -m zeroapp`: the command line; in a frozen app also the entry of worker and rank."""

import sys
from pathlib import Path
from typing import NoReturn


def main() -> NoReturn:
    """Run whatever the first argument names; leaves with its exit code."""
    match sys.argv[1:]:
        case ["--worker", folder]:
            sys.exit(_worker(Path(folder)))
        case ["--rank"]:
            _rank()
        case _:
            from zeroapp.cli import main as command_line

            sys.exit(command_line())


def _worker(folder: Path) -> int:
    from zeroapp import logs
    from zeroapp.run_folder import RunFolder
    from zeroapp.worker.__main__ import supervise

    logs.to_stderr()
    return supervise(RunFolder(folder))


def _rank() -> NoReturn:
    from zeroapp.worker import rank
    from zeroapp.worker.dispatch import perform

    rank.main(perform)


if __name__ == "__main__":
    main()
