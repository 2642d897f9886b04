"""The heavy half of image classification: pictures to tensors, tensors to a loss. Worker only."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor, nn
from transformers import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING, AutoConfig

from zeroapp.dataset import Example
from zeroapp.estimate import picture_tokens
from zeroapp.gates import open_gates, without_gates
from zeroapp.label_loss import LabelLoss
from zeroapp.plan import TrainPlan
from zeroapp.preparation import FILE, as_config, read_preparation
from zeroapp.task import Encoded, Training, label_index
from zeroapp.tasks.image_classification.album import Album


def training(plan: TrainPlan, base: Path) -> Training:
    """The heavy half for this plan; base is a folder that transformers loads alone."""
    return PictureClassifier(plan, base)


class PictureClassifier:
    """Any transformers image classifier. Its batch norms keep the averages the base has seen: so
    nothing depends on which pictures share a micro-batch, and every rank count trains the same.
    """

    packs = True

    def __init__(self, plan: TrainPlan, base: Path) -> None:
        self.plan = plan
        self.base = base
        self.preparation = read_preparation(base, side=plan.side or 224).at(plan.side)
        self._index = label_index(plan)
        self._loss = LabelLoss(plan)
        self._gates = open_gates(base)
        self._album = Album(self.preparation, mirror=plan.mirror)
        self._weight = (0,) * max(2, picture_tokens(self.preparation.side))

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Where the pictures are; unknown or missing labels become target -1."""
        return [
            Encoded(
                row_id=example.row_id,
                ids=self._weight,
                target=-1 if example.label is None else self._index.get(example.label, -1),
                picture=example.text,
            )
            for example in examples
        ]

    def collate(self, examples: Sequence[Encoded]) -> Mapping[str, Tensor]:
        """pixel_values (pictures, 3, side, side), channels last in memory; targets (pictures,)."""
        seen = np.stack([self._album.seen(e.picture, draw=e.draw) for e in examples])
        pixels = torch.from_numpy(self.preparation.numbers(seen))
        return {
            "pixel_values": pixels.contiguous(memory_format=torch.channels_last),
            "targets": torch.tensor([example.target for example in examples]),
        }

    def keeps(self, examples: Sequence[Encoded]) -> int:
        """Pictures stay open, as far as there is room. A rank is given its share of them in each
        pass, drawn anew, so that it opens them all in time.
        """
        plan = self.plan
        opened = 1 - (1 - 1 / plan.ranks) ** plan.epochs
        paths = [example.picture for example in examples]
        return self._album.room_for(paths[: math.ceil(opened * len(paths))])

    def build(self, *, weights: Mapping[str, Tensor] | None = None) -> nn.Module:
        """Base weights and a fresh head, seeded by the plan. Only what is read is channels last:
        torch shards no weights in that layout.
        """
        model = self._whole(weights)
        if self._gates:
            without_gates(model)
        return _Pictures(model)

    def _whole(self, weights: Mapping[str, Tensor] | None) -> nn.Module:
        torch.manual_seed(self.plan.seed)
        labels = self.plan.labels
        config = AutoConfig.from_pretrained(
            self.base,
            num_labels=len(labels),
            id2label=dict(enumerate(labels)),
            label2id={label: index for index, label in enumerate(labels)},
            trust_remote_code=False,
            local_files_only=True,
        )
        config.problem_type = "single_label_classification"
        # the class by name: AutoModelForImageClassification takes no open weights
        kind: Any = MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING[type(config)]
        model: nn.Module = kind.from_pretrained(
            self.base if weights is None else None,
            config=config,
            state_dict=weights,
            ignore_mismatched_sizes=True,
            use_safetensors=True,
            dtype=torch.float32,
            local_files_only=True,
        )
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        return model

    def head(self, model: nn.Module) -> nn.Linear:
        """The last linear layer with one output a label."""
        wanted = len(self.plan.labels)
        linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
        return next(m for m in reversed(linears) if m.out_features == wanted)

    def shard_units(self, model: nn.Module) -> list[nn.Module]:
        """The longest list of equal blocks, and the head."""
        stacks = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList)]
        return [*max(stacks, key=len, default=[]), self.head(model)]

    def loss(self, model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, int]:
        """See LabelLoss."""
        return self._loss(self.logits(model, batch), batch["targets"])

    def logits(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """Scores (pictures, labels)."""
        logits: Tensor = model(batch)[1]
        return logits.float()

    def features(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """What the last linear layer reads (pictures, width)."""
        features: Tensor = model(batch)[0]
        return features.float()

    def save(self, state: Mapping[str, Tensor], folder: Path) -> None:
        """The base's own class with the trained weights, and how it wants its pictures."""
        plain = {name.removeprefix("model."): tensor for name, tensor in state.items()}
        model: Any = self._whole({**self._gates, **plain})
        folder.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(folder)
        own = self.base / FILE
        before = msgspec.json.decode(own.read_bytes()) if own.is_file() else {}
        asked = as_config(self.preparation, before=before)
        (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(asked)))
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors writes 0600, unreadable for a service


class _Pictures(nn.Module):
    """Any transformers image classifier, also telling what its last linear layer reads."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self._seen: list[Tensor] = []
        config: Any = model.config
        linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
        head = next(m for m in reversed(linears) if m.out_features == config.num_labels)
        head.register_forward_pre_hook(lambda _module, inputs: self._seen.append(inputs[0]))

    def forward(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Features and logits."""
        self._seen.clear()
        logits = self.model(pixel_values=batch["pixel_values"]).logits
        return self._seen.pop(), logits

    def train(self, mode: bool = True) -> "_Pictures":  # noqa: FBT001, FBT002 - torch's own
        """Batch norms keep their averages: see PictureClassifier."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self
