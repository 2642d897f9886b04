"""What the processes that do the work are told through their environment. Starts nothing."""

import sys
from ctypes.util import find_library
from functools import cache

from zeroapp import protocol as p
from zeroapp.estimate import texts_in_half
from zeroapp.plan import Offload, TrainPlan
from zeroapp.runs.process import environment

_FREES_AT_ONCE = {
    # glibc, and read by nothing else: what is freed goes back to the system at once, so that a run
    # takes what was foretold. As it comes, glibc keeps up to half more, each time another amount;
    # docs/decisions/048 has what this costs (huge pages take part of that back).
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 18),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 24),
}


_FEW_SHAPES = {
    # oneDNN keeps the code it made for the last 1,024 shapes, and so does ideep, the layer between
    # it and torch: 11 MB for each length of a step in half precision. A pass over one length makes
    # about 15, by the products of a layer, and every layer uses them again; docs/decisions/048.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32",
    "LRU_CACHE_CAPACITY": "32",
}

_SOON = "narenas:1,dirty_decay_ms:30,muzzy_decay_ms:0"
"""What jemalloc is told: what is freed and not taken again at once goes back to the system."""


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
    """What a job asks of the libraries in its ranks before they are loaded."""
    if isinstance(job, p.MakePlan):
        return dict(_FREES_AT_ONCE)  # what it counts is held against what training takes
    if not isinstance(job, p.Train | p.Rehearse | p.Benchmark):
        return {}
    plan = job.plan
    threads = {"OMP_NUM_THREADS": str(plan.threads)} if plan.threads else {}
    return threads | _memory(plan) | (_FEW_SHAPES if texts_in_half(plan) else {})


def _memory(plan: TrainPlan) -> dict[str, str]:
    """When freed memory goes back. Texts in half precision are computed so fast, in tensors so
    small, that mapping each anew took half their time (docs/decisions/048): jemalloc, where the
    system has it, gives memory back as well as glibc here and maps a third less. Not below a limit
    of address space, which it takes much of, and not where ranks share the processor: while one
    waits for the others, it keeps what it freed.
    """
    bounded = plan.offload is not Offload.none or plan.memory_limit or plan.ranks > 1
    found = "" if bounded or not texts_in_half(plan) else _jemalloc()
    return {"LD_PRELOAD": found, "MALLOC_CONF": _SOON} if found else _FREES_AT_ONCE


@cache
def _jemalloc() -> str:
    """The system's jemalloc by the name that its loader finds, "" where there is none."""
    return (find_library("jemalloc") or "") if sys.platform == "linux" else ""
