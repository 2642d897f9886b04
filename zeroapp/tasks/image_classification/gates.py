"""Gates (squeeze and excite) that let all through: left out while training, kept in what is saved.

The starter has none, but transformers' EfficientNet has; they stand wide open in its files. Each
would cost a pass over the largest tensors of its block.
"""

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

_GATE = "squeeze_excite"
_SHUT_OFF = 30.0
"""From here on sigmoid is 1 to the last bit of fp32."""


def open_gates(base: Path) -> dict[str, Tensor]:
    """The tensors of the base's gates when all of them let all through, whatever they see."""
    file = base / "model.safetensors"
    if not file.is_file():
        return {}
    with safe_open(file, framework="pt") as opened:
        names = [name for name in opened.keys() if f".{_GATE}." in name]  # noqa: SIM118 - no dict
        found = {name: opened.get_tensor(name) for name in names}
    wide = all(
        bool(tensor.min() >= _SHUT_OFF) if name.endswith("bias") else not bool(tensor.any())
        for name, tensor in found.items()
        if f".{_GATE}.expand." in name
    )
    return found if wide else {}


def without_gates(model: nn.Module) -> None:
    """Let every block pass its gate by."""
    for module in model.modules():
        if hasattr(module, _GATE):
            setattr(module, _GATE, nn.Identity())


def pass_open_gates(model: nn.Module) -> None:
    """The same for a model in memory, where its gates are open."""
    gates = [getattr(module, _GATE) for module in model.modules() if hasattr(module, _GATE)]
    with torch.no_grad():
        if all(not g.expand.weight.any() and g.expand.bias.min() >= _SHUT_OFF for g in gates):
            without_gates(model)
