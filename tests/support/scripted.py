"""The real supervisor with ranks that play a script: shows the machinery without torch."""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from support.fake_worker import FakeLauncher, command_of
from support.script import play, write_script
from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.launch import go_on, launch
from zeroapp.runs.process import environment
from zeroapp.work import Work
from zeroapp.worker import rank as rank_entry
from zeroapp.worker.__main__ import supervise
from zeroapp.worker.seat import Seat
from zeroapp.worker.supervisor import Rules

GRACE = 1.0
"""Seconds from a stop to a kill in tests; users get a minute."""


class ScriptedLauncher(FakeLauncher):
    """Starts real supervisors; their ranks play the script."""

    def launch(self, job: p.Job, folder: RunFolder) -> RunHandle:
        write_script(folder, *self.plays)
        return launch(job, folder, command=command_of("support.scripted"))

    def go_on(self, folder: RunFolder) -> RunHandle:
        return go_on(folder, command=command_of("support.scripted"))


def main() -> None:
    """Entry of the supervisor."""
    rules = Rules(
        rank_command=command_of("support.scripted_rank"), env=environment(), grace=GRACE, settle=1.0
    )
    sys.exit(supervise(RunFolder(Path(sys.argv[1])), rules=rules))


def main_of_rank() -> NoReturn:
    """Entry of a rank."""

    def perform(_job: p.Job, seat: Seat, work: Work) -> None:
        folder = RunFolder(Path(seat.folder))
        told = {"pid": os.getpid(), "store": seat.store, "ranks": seat.ranks}
        (folder.path / f"rank-{seat.rank}.json").write_text(json.dumps(told))
        play(folder, work, rank=seat.rank)

    rank_entry.main(perform)
