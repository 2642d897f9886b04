"""Gates (squeeze and excite) that let all through: left out where they only cost time.

The starter for pictures has none, but transformers' EfficientNet has; they stand wide open in its
files. Each would cost a pass over the largest tensors of its block.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

_GATE = "squeeze_excite"
_WIDE = 30.0
"""From here on sigmoid is 1 to the last bit of fp32."""


def open_gates(folder: Path) -> "dict[str, Tensor]":
    """The tensors of a model's gates when all of them let all through, whatever they see."""
    from safetensors import safe_open

    file = folder / "model.safetensors"
    if not file.is_file():
        return {}
    with safe_open(file, framework="pt") as opened:
        names = [name for name in opened.keys() if f".{_GATE}." in name]  # noqa: SIM118 - no dict
        found = {name: opened.get_tensor(name) for name in names}
    wide = all(
        bool(tensor.min() >= _WIDE) if name.endswith("bias") else not bool(tensor.any())
        for name, tensor in found.items()
        if f".{_GATE}.expand." in name
    )
    return found if wide else {}


def without_gates(model: "nn.Module") -> None:
    """Let every block pass its gate by."""
    from torch import nn

    for module in model.modules():
        if hasattr(module, _GATE):
            setattr(module, _GATE, nn.Identity())
