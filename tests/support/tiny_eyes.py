"""Models that look at pictures, of a few kilobytes, as transformers would save them."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    EfficientNetConfig,
    EfficientNetForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

from zeroapp.models.lite import OPEN, PREPROCESSOR

SIDE = 32


def make(folder: Path, *, gated: bool = False) -> Path:
    """An EfficientNet with open gates; gated: its gates (squeeze and excite) do something."""
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
    return _saved(model, folder, asked={"size": {"height": SIDE, "width": SIDE}})


def make_vit(folder: Path) -> Path:
    """Attention over patches; asks for no crop and scales to -1 and 1."""
    torch.manual_seed(4)
    config = ViTConfig(
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=SIDE,
        patch_size=8,
        num_labels=5,
    )
    half = [0.5, 0.5, 0.5]
    asked = {"size": {"height": SIDE, "width": SIDE}, "image_mean": half, "image_std": half}
    return _saved(ViTForImageClassification(config), folder, asked=asked)


def make_resnet(folder: Path) -> Path:
    """Convolutions with batch norms that have seen something; asks for the middle of a picture."""
    torch.manual_seed(5)
    config = ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16, 16],
        depths=[1, 2, 1],
        layer_type="basic",
        num_labels=1000,
    )
    model = ResNetForImageClassification(config).train()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(8, 3, SIDE, SIDE))
    asked = {
        "size": {"shortest_edge": 36},
        "do_center_crop": True,
        "crop_size": {"height": SIDE, "width": SIDE},
    }
    return _saved(model.eval(), folder, asked=asked)


def _saved(model: Any, folder: Path, *, asked: dict[str, Any]) -> Path:
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR | asked))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    return folder


ALL = {"efficientnet": make, "vit": make_vit, "resnet": make_resnet}
