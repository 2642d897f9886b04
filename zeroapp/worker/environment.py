"""What the processes that do the work are told through their environment. Starts nothing."""

import psutil

from zeroapp import memory_record
from zeroapp import protocol as p
from zeroapp.plan import Device, Offload, TrainPlan
from zeroapp.runs.process import environment

_FREES_AT_ONCE = {
    # What is freed goes back to the system at once, so that a run takes what was foretold; else up
    # to half more, each time another. It costs more processor time (huge pages take part of that
    # back), so it is done where memory is limited or would be filled. docs/decisions/018; glibc.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 18),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 24),
}


_FILLS = 0.4
"""A plan that takes more of the free memory than this may not take half more than was foretold."""


def rank_environment() -> dict[str, str]:
    """What every rank's libraries are told: no downloads of their own, no spinning threads."""
    return {
        **environment(),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }


def plan_environment(job: p.Job) -> dict[str, str]:
    """What a plan asks of the libraries in its ranks before they are loaded."""
    if isinstance(job, p.MakePlan):
        return dict(_FREES_AT_ONCE)  # what it counts is held against what training takes
    if not isinstance(job, p.Train | p.Rehearse | p.Benchmark):
        return {}
    env = {"OMP_NUM_THREADS": str(job.plan.threads)} if job.plan.threads else {}
    return env | (_FREES_AT_ONCE if _is_tight(job.plan) else {})


def _is_tight(plan: TrainPlan) -> bool:
    """Whether memory matters more than time: limited, or what was foretold fills much of it."""
    if plan.memory_limit or plan.offload is Offload.disk:
        return True
    foretold = sum(part.bytes for part in memory_record.load().parts(plan) or ())
    copies = plan.ranks if plan.device is Device.cpu else 1
    free: int = psutil.virtual_memory().available
    return foretold * copies > _FILLS * free
