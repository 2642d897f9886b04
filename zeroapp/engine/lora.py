"""LoRA: small matrices learn beside the frozen ones (arXiv 2106.09685), made and merged with peft.

What comes out is a plain model again, so that nothing after training knows of it. Knows no task.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from zeroapp.errors import UsageError
from zeroapp.plan import Method, TrainPlan

SCALE: Final = 2.0
"""What the small matrices say counts this many times, whatever their rank (alpha = 2 * rank)."""

_NAME: Final = "zeroapp"
_BASE, _DOWN, _UP = ".base_layer.", f".lora_A.{_NAME}.", f".lora_B.{_NAME}."


def add_lora(
    model: nn.Module, *, units: Sequence[nn.Module], head: nn.Module | None, plan: TrainPlan
) -> None:
    """Freeze all but the head and put small matrices beside every linear layer of the units.

    Nothing happens unless plan.method says so. Every rank makes the same ones: plan.seed decides.
    Raises UsageError("lora-not-possible") for a base without linear layers in its blocks.
    """
    if plan.method is not Method.lora:
        return
    inside = {m for unit in units for m in unit.modules() if isinstance(m, nn.Linear)}
    names = [n for n, m in model.named_modules() if m in inside and m is not head]
    if not names:
        raise UsageError(
            "lora-not-possible",
            title="LoRA finds no place in this base model: its blocks are built in another way.",
            hint="Teach all of it instead (method=full), or choose another base model.",
        )
    torch.manual_seed(plan.seed)
    config = LoraConfig(
        r=plan.lora_rank, lora_alpha=round(SCALE * plan.lora_rank), target_modules=names
    )
    inject_adapter_in_model(config, model, adapter_name=_NAME)
    if head is not None:
        head.requires_grad_(requires_grad=True)


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of the plain model: each frozen matrix plus what was learned beside it.

    state: whole tensors; one without LoRA comes back as it is. Sums are made in fp32.
    """
    plain = {}
    for name, tensor in state.items():
        if _DOWN in name or _UP in name:
            continue
        own = name.replace(_BASE, ".")
        down, up = (name.replace(_BASE, part) for part in (_DOWN, _UP))
        learned = own != name and down in state
        plain[own] = _sum(tensor, state[up], state[down]) if learned else tensor
    return plain


def _sum(frozen: Tensor, up: Tensor, down: Tensor) -> Tensor:
    return torch.addmm(frozen.float(), up.float(), down.float(), alpha=SCALE)
