"""Finds the heavy half of a task and the base it starts from."""

from importlib import import_module
from pathlib import Path

from zeroapp import models, tasks
from zeroapp.plan import TrainPlan
from zeroapp.task import Training
from zeroapp.work import Work


def heavy_half(plan: TrainPlan, *, work: Work) -> Training:
    """The heavy half for this plan; its base is downloaded or converted if need be."""
    return half_of(plan, models.prepare(plan.base, work))


def half_of(plan: TrainPlan, base: Path) -> Training:
    """The same with a folder to start from; a finished model's folder is one, too."""
    # loaded here: what models of any kind share is counted with the half (dry_run.py)
    import_module("zeroapp.engine.attention").attend_short_rows_in_full()
    module = import_module(tasks.get(plan.task).training)
    made: Training = module.training(plan, base)
    return made
