"""The real worker whose ranks may take only so much more memory than they start with (Linux)."""

import importlib
import os
import resource
import sys
from pathlib import Path

from support import memory_cap
from support.fake_worker import command_of
from zeroapp import protocol as p
from zeroapp.run_folder import RunFolder
from zeroapp.runs.handle import RunHandle
from zeroapp.runs.launch import launch
from zeroapp.work import Work
from zeroapp.worker import rank as rank_entry
from zeroapp.worker.__main__ import supervise
from zeroapp.worker.environment import rank_environment
from zeroapp.worker.seat import Seat
from zeroapp.worker.supervisor import Rules

ROOM = "ZEROAPP_TEST_ROOM"
"""Environment variable: bytes a rank may take beyond what it holds once torch is loaded."""


def start(job: p.Job, folder: RunFolder) -> RunHandle:
    """Launch the worker; its cap is in the environment."""
    return launch(job, folder, command=command_of("support.capped"))


def main() -> None:
    """Entry of the supervisor."""
    memory_cap.join()
    env = {**rank_environment(), "OMP_NUM_THREADS": "1"}
    rules = Rules(rank_command=command_of("support.capped_rank"), env=env)
    sys.exit(supervise(RunFolder(Path(sys.argv[1])), rules=rules))


def main_of_rank() -> None:
    """Entry of a rank."""
    rank_entry.main(_perform_capped)


def _perform_capped(job: p.Job, seat: Seat, work: Work) -> None:
    from zeroapp.worker.dispatch import perform

    for heavy in ("transformers.models.bert.modeling_bert", "zeroapp.engine.training_run"):
        importlib.import_module(heavy)  # so that the cap is about training alone
    room = int(os.environ.get(ROOM, "0"))
    if room:
        cap = _data_bytes() + room
        resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))
    perform(job, seat, work)


def _data_bytes() -> int:
    """What the system counts against RLIMIT_DATA."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))
