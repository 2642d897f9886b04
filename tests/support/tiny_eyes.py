"""An EfficientNet of a few kilobytes as transformers would save it, with gates that are open."""

import json
from pathlib import Path

import torch
from transformers import EfficientNetConfig, EfficientNetForImageClassification

from zeroapp.models.lite import OPEN, PREPROCESSOR

SIDE = 32


def make(folder: Path, *, gated: bool = False) -> Path:
    """The model as a folder; gated: its gates (squeeze and excite) do something."""
    torch.manual_seed(3)
    config = EfficientNetConfig(
        width_coefficient=0.01,
        depth_coefficient=1.0,
        hidden_dim=16,
        hidden_act="relu6",
        image_size=SIDE,
        in_channels=[8, 8, 8],
        out_channels=[8, 8, 8],
        kernel_sizes=[3, 3, 5],
        strides=[1, 2, 2],
        num_block_repeats=[1, 2, 1],
        expand_ratios=[1, 2, 2],
        dropout_rate=0.0,
        drop_connect_rate=0.0,
        num_labels=3,
    )
    model = EfficientNetForImageClassification(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                torch.nn.init.kaiming_uniform_(parameter)
            if "squeeze_excite" in name and not gated:
                parameter.fill_(OPEN if name.endswith("expand.bias") else 0.0)
    model.save_pretrained(folder)
    asked = PREPROCESSOR | {"size": {"height": SIDE, "width": SIDE}}
    (folder / "preprocessor_config.json").write_text(json.dumps(asked))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    return folder
