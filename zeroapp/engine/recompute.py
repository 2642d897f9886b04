"""Activation checkpointing: a block keeps what enters it and computes the rest again in backward.

arXiv 1604.06174. Knows no task and nothing of sharding.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from zeroapp.plan import TrainPlan


def add_recompute(units: Sequence[nn.Module], *, head: nn.Module | None, plan: TrainPlan) -> None:
    """Make every unit but the head forget its activations, when plan.recompute says so.

    Call it before sharding: the forward itself is wrapped, so that hooks that gather parameters
    stay outside and are not run a second time; names and state dicts do not change.
    """
    if not plan.recompute:
        return
    for unit in units:
        if unit is not head:
            setattr(unit, "forward", _again(unit.forward))  # noqa: B010 - mypy: assigned method


def _again(forward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(forward)
    def forgetting(*inputs: Any, **named: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(*inputs, **named)
        return checkpoint(forward, *inputs, use_reentrant=False, **named)

    return forgetting
