"""LoRA: small matrices learn beside the frozen ones (arXiv 2106.09685), made and merged with peft.

What comes out is a plain model again, so that nothing after training knows of it. Knows no task.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora.layer import LoraLayer, LoraVariant
from peft.tuners.tuners_utils import cast_adapter_dtype
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import PreTrainedModel

from zeroapp.errors import UsageError
from zeroapp.plan import Method, TrainPlan

SCALE: Final = 2.0
"""What the small matrices say counts this many times, whatever their rank (alpha = 2 * rank)."""

ADAPTER: Final = "adapter"
"""The folder beside the merged weights in which the small matrices are kept alone."""

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
    for module in model.modules():
        if isinstance(module, LoraLayer):
            module.lora_variant[_NAME] = _InPlace()
    # made in the base's number format; in half precision most small steps would be rounded off
    cast_adapter_dtype(model, _NAME)
    if head is not None:
        head.requires_grad_(requires_grad=True)


class _InPlace(LoraVariant):
    """peft adds up four tensors as wide as the layer's output; here one product adds to it."""

    @staticmethod
    def forward(
        module: Any, active_adapter: str, x: Tensor, result: Tensor, **_kwargs: Any
    ) -> Tensor:
        """The layer's output with what the small matrices say added in its place."""
        down: Tensor = module.lora_A[active_adapter](x)
        up: Tensor = module.lora_B[active_adapter].weight.to(result.dtype)
        rows = down.to(result.dtype).flatten(0, -2)
        result.flatten(0, -2).addmm_(rows, up.T, alpha=module.scaling[active_adapter])
        return result


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


def save_adapter(
    model: nn.Module, state: Mapping[str, Tensor], *, folder: Path, plan: TrainPlan
) -> None:
    """The small matrices alone in folder/ADAPTER, in peft's layout: peft puts them beside the base.

    state: whole tensors of the model. Nothing is written where there are none, or where they are
    not all that was taught (a fresh head).
    """
    taught = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    found = ((n, m) for n, m in model.named_modules() if isinstance(m, PreTrainedModel))
    place, base = next(found, ("", None))
    if base is None or not taught or not all(".lora_" in name for name in taught):
        return
    start = f"{place}." if place else ""
    small = {n.removeprefix(start): t for n, t in state.items() if _DOWN in n or _UP in n}
    config = LoraConfig(
        r=plan.lora_rank,
        lora_alpha=round(SCALE * plan.lora_rank),
        target_modules=sorted({name.partition(".lora_")[0] for name in small}),
        base_model_name_or_path=plan.base,
        task_type="CAUSAL_LM" if base.get_output_embeddings() is not None else None,
        inference_mode=True,
    )
    config.save_pretrained(str(folder / ADAPTER))
    named = {f"base_model.model.{n.replace(f'.{_NAME}.', '.')}": t for n, t in small.items()}
    save_file(
        {name: t.contiguous() for name, t in named.items()},
        folder / ADAPTER / "adapter_model.safetensors",
        metadata={"format": "pt"},
    )
