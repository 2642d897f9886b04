"""The heavy half of text classification: texts to tensors, tensors to a loss. Worker only."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    AutoConfig,
    AutoTokenizer,
    BertModel,
)

from zeroapp.dataset import Example
from zeroapp.label_loss import LabelLoss
from zeroapp.plan import Pooling, TrainPlan
from zeroapp.task import Encoded, Training, label_index
from zeroapp.tasks.text_classification.packing import pack, pad
from zeroapp.tasks.text_classification.pooled_bert import PooledBert, fold


def training(plan: TrainPlan, base: Path) -> Training:
    """The heavy half for this plan; base is a folder that transformers loads alone."""
    return (
        PooledClassifier(plan, base)
        if plan.pooling is Pooling.mean
        else NativeClassifier(plan, base)
    )


class _Classifier:
    """What both ways share: the tokenizer, the labels, loss and logits."""

    def __init__(self, plan: TrainPlan, base: Path) -> None:
        self.plan = plan
        self.base = base
        self.tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        self._index = label_index(plan)
        self._loss = LabelLoss(plan)

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Token ids cut at plan.max_length; unknown or missing labels become target -1."""
        if not examples:
            return []
        texts = [self.plan.prefix + example.text for example in examples]
        ids = self.tokenizer(texts, truncation=True, max_length=self.plan.max_length)["input_ids"]
        return [
            Encoded(
                row_id=example.row_id,
                ids=tuple(tokens),
                target=-1 if example.label is None else self._index.get(example.label, -1),
            )
            for example, tokens in zip(examples, ids, strict=True)
        ]

    def keeps(self, examples: Sequence[Encoded]) -> int:
        """Texts are kept as they are encoded."""
        del examples
        return 0

    def loss(self, model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, int]:
        """See LabelLoss."""
        return self._loss(self.logits(model, batch), batch["targets"])

    def logits(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """Scores (rows, labels)."""
        _, logits = _forward(model, batch)
        return logits

    def features(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """What the last linear layer reads (rows, width)."""
        features, _ = _forward(model, batch)
        return features

    def _write(self, model: nn.Module, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(folder)  # type: ignore[operator]
        self.tokenizer.save_pretrained(folder)
        config = folder / "tokenizer_config.json"
        settings = json.loads(config.read_text("utf-8")) | {
            "model_max_length": self.plan.max_length
        }
        config.write_text(json.dumps(settings, indent=2, ensure_ascii=False), "utf-8")
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors writes 0600, unreadable for a service


def _forward(model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Features and logits; through the module itself, so that sharding hooks run."""
    features, logits = model(batch)
    return features.float(), logits.float()


class PooledClassifier(_Classifier):
    """A BERT encoder with mean pooling; where the plan packs, short texts share a row."""

    def __init__(self, plan: TrainPlan, base: Path) -> None:
        super().__init__(plan, base)
        self.packs = plan.packing

    def collate(self, examples: Sequence[Encoded]) -> Mapping[str, Tensor]:
        """See PooledBert.forward; targets: (texts,)."""
        return pack(examples, padding=self.tokenizer.pad_token_id or 0, packing=self.packs)

    def build(self, *, weights: Mapping[str, Tensor] | None = None) -> nn.Module:
        """Base weights without dropout (few, gentle epochs need none and attention runs faster)."""
        config = AutoConfig.from_pretrained(self.base, local_files_only=True)
        config.hidden_dropout_prob = 0.0
        config.attention_probs_dropout_prob = 0.0
        bert = BertModel.from_pretrained(
            self.base if weights is None else None,
            config=config,
            state_dict=weights,
            add_pooling_layer=False,
            attn_implementation="sdpa",
            dtype=_precision(weights),
            local_files_only=True,
        )
        if self.plan.freeze_embeddings:
            bert.embeddings.requires_grad_(requires_grad=False)
        return PooledBert(bert, labels=len(self.plan.labels))

    def shard_units(self, model: nn.Module) -> list[nn.Module]:
        """Embeddings, every transformer layer, the head."""
        assert isinstance(model, PooledBert)
        return [model.bert.embeddings, *model.bert.encoder.layer, model.classifier]

    def head(self, model: nn.Module) -> nn.Linear:
        """The classifier."""
        assert isinstance(model, PooledBert)
        return model.classifier

    def save(self, state: Mapping[str, Tensor], folder: Path) -> None:
        """A BertForSequenceClassification that answers as PooledBert does."""
        config = AutoConfig.from_pretrained(self.base, local_files_only=True)
        self._write(fold(state, config, self.plan.labels), folder)


class _WithFeatures(nn.Module):
    """Any transformers classifier, also telling what its last linear layer reads."""

    def __init__(self, model: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.model = model
        self._seen: list[Tensor] = []
        head.register_forward_pre_hook(lambda _module, inputs: self._seen.append(inputs[0]))

    def forward(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Features and logits, both fp32."""
        self._seen.clear()
        inputs = {key: batch[key] for key in ("input_ids", "attention_mask")}
        logits = self.model(**inputs).logits
        return self._seen.pop().float(), logits.float()


class NativeClassifier(_Classifier):
    """Any AutoModelForSequenceClassification with its own head; rows padded by length."""

    packs = False

    def collate(self, examples: Sequence[Encoded]) -> Mapping[str, Tensor]:
        """input_ids and attention_mask (rows, longest), targets (rows,)."""
        padding = self.tokenizer.pad_token_id or 0
        return pad(examples, padding=padding, limit=self.plan.max_length)

    def build(self, *, weights: Mapping[str, Tensor] | None = None) -> nn.Module:
        """Base weights and a fresh head, seeded by the plan."""
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
        # the class by name: AutoModelForSequenceClassification takes no open weights
        kind: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
        model = kind.from_pretrained(
            self.base if weights is None else None,
            config=config,
            state_dict=weights,
            ignore_mismatched_sizes=True,
            use_safetensors=True,
            dtype=_precision(weights),
            local_files_only=True,
        )
        _drop_dropout(model)
        if self.plan.freeze_embeddings:
            model.get_input_embeddings().requires_grad_(requires_grad=False)
        return _WithFeatures(model, self.head(model))

    def head(self, model: nn.Module) -> nn.Linear:
        """The last linear layer with one output a label."""
        wanted = len(self.plan.labels)
        linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
        return next(m for m in reversed(linears) if m.out_features == wanted)

    def shard_units(self, model: nn.Module) -> list[nn.Module]:
        """Word embeddings, the longest list of equal blocks (the transformer layers), the head."""
        assert isinstance(model, _WithFeatures)
        stacks = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList)]
        words: nn.Module = model.model.get_input_embeddings()  # type: ignore[operator]
        return [words, *max(stacks, key=len, default=[]), self.head(model)]

    def save(self, state: Mapping[str, Tensor], folder: Path) -> None:
        """The base's own class with the trained weights."""
        model = self.build(weights={n.removeprefix("model."): t for n, t in state.items()})
        self._write(model.model, folder)  # type: ignore[arg-type]


def _precision(weights: Mapping[str, Tensor] | None) -> torch.dtype:
    """What a model is built in: fp32, or what opened weights are stored in."""
    kinds = {t.dtype for t in (weights or {}).values() if t.is_floating_point()}
    return kinds.pop() if len(kinds) == 1 else torch.float32


def _drop_dropout(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
