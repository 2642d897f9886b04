"""Finds the heavy half of a task and the base it starts from."""

from importlib import import_module

from zeroapp import models, tasks
from zeroapp.plan import TrainPlan
from zeroapp.task import Training
from zeroapp.work import Work


def heavy_half(plan: TrainPlan, *, work: Work) -> Training:
    """The heavy half for this plan; its base is downloaded or converted if need be."""
    base = models.prepare(plan.base, work)
    module = import_module(tasks.get(plan.task).training)
    made: Training = module.training(plan, base)
    return made
