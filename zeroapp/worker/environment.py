"""What the processes that do the work are told through their environment. Starts nothing."""

from zeroapp import protocol as p
from zeroapp.engine import allocator
from zeroapp.estimate import texts_in_half
from zeroapp.runs.process import environment

_FEW_SHAPES = {
    # oneDNN keeps the code it made for the last 1,024 shapes, and so does ideep, the layer between
    # it and torch: 11 MB for each length of a step in half precision. A pass over one length makes
    # about 15, by the products of a layer, and every layer uses them again; docs/decisions/048.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32",
    "LRU_CACHE_CAPACITY": "32",
}


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
        return dict(allocator.AT_ONCE)  # what it counts is held against what training takes
    if not isinstance(job, p.Train | p.Rehearse | p.Benchmark):
        return {}
    plan = job.plan
    threads = {"OMP_NUM_THREADS": str(plan.threads)} if plan.threads else {}
    return threads | allocator.told(plan) | (_FEW_SHAPES if texts_in_half(plan) else {})
