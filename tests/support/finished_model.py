"""A finished run's model folder in a second: a tiny BERT that tells its three kinds apart."""

import random
from pathlib import Path

import msgspec
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    PreTrainedTokenizerFast,
)

from zeroapp.dataset import Example
from zeroapp.engine.inference import Predictor
from zeroapp.export.origin import Origin
from zeroapp.export.same_answer import Reference
from zeroapp.export.source import FILE, ModelNote, read_note
from zeroapp.govern.card import BaseFacts
from zeroapp.task import Encoded
from zeroapp.tasks.text_classification.packing import pack
from zeroapp.tasks.text_classification.pooled_bert import PooledBert, fold

LABELS = ("card", "refund", "transfer")
MAX_LENGTH = 32
_WORDS = {
    "card": ("card", "chip", "plastic", "pin"),
    "refund": ("refund", "return", "back", "money"),
    "transfer": ("transfer", "send", "wire", "abroad"),
}
_FILLERS = ("please", "my", "the", "is", "not", "i", "today", "again", "help", "why", "a")
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def tiny_rows(count: int, *, seed: int = 0) -> list[Example]:
    """Rows whose label can be told from two of their words."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        words = rng.choices(_WORDS[label], k=2) + rng.choices(_FILLERS, k=rng.randint(1, 6))
        rng.shuffle(words)
        rows.append(Example(row_id=number + 1, text=" ".join(words), label=label))
    return rows


def tiny_model(folder: Path, *, folded: bool = True, prefix: str = "", **note: str) -> Path:
    """Write a run's model/ folder; `note` replaces fields of its zeroapp.json.

    folded: mean pooling as one more layer, as the starters have it; else BERT's own pooling.
    """
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        # The first token must hear of the others through untrained attention when it alone counts.
        initializer_range=0.02 if folded else 0.1,
    )
    model = _folded(config, tokenizer, prefix) if folded else _native(config, tokenizer, prefix)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / FILE).write_bytes(msgspec.json.encode(_note(prefix, note)))
    return folder


def tiny_origin(model: Path, *, rows: int = 60) -> Origin:
    """What is exported: the model and the app's own answers on rows it was not fitted to."""
    held_out = tiny_rows(rows, seed=1)
    predictor = Predictor(model)
    answers = predictor.predict([row.text for row in held_out])
    return Origin(
        model=model,
        note=read_note(model),
        reference=Reference(rows=held_out, probabilities=answers, labels=predictor.labels),
        title="Sort texts into kinds",
        base=BaseFacts(title="A tiny base", licence="Apache-2.0", may_sell=True),
        roles={"text": "message", "label": "kind"},
    )


def _note(prefix: str, changes: dict[str, str]) -> ModelNote:
    note = ModelNote(
        task="text_classification",
        base="minilm-l6",
        labels=LABELS,
        max_length=MAX_LENGTH,
        prefix=prefix,
        data_version="0123456789abcdef",
        run_id="20260102-030405-06-train",
        in_use="probe",
    )
    return msgspec.structs.replace(note, **changes)


def _tokenizer() -> PreTrainedTokenizerFast:
    words = [word for label in LABELS for word in _WORDS[label]]
    letters = [
        piece for letter in "abcdefghijklmnopqrstuvwxyz" for piece in (letter, f"##{letter}")
    ]
    names = dict.fromkeys([*_SPECIAL, *words, *_FILLERS, *letters])
    vocabulary = {name: number for number, name in enumerate(names)}
    inner = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    inner.normalizer = BertNormalizer()
    inner.pre_tokenizer = BertPreTokenizer()
    inner.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    # As published tokenizers often come: padding and cutting are set and must be undone.
    inner.enable_padding(length=20)
    inner.enable_truncation(8)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=MAX_LENGTH,
    )


def _folded(config: BertConfig, tokenizer: PreTrainedTokenizerFast, prefix: str) -> torch.nn.Module:
    model = PooledBert(BertModel(config, add_pooling_layer=False), labels=len(LABELS)).eval()
    encoded = [
        Encoded(row_id=number, ids=tuple(ids)) for number, ids in enumerate(_ids(tokenizer, prefix))
    ]
    with torch.no_grad():
        features, _ = model(pack(encoded, padding=0, packing=True))
    _fit(model.classifier, features.numpy())
    return fold(dict(model.state_dict()), config, LABELS)


def _native(config: BertConfig, tokenizer: PreTrainedTokenizerFast, prefix: str) -> torch.nn.Module:
    config.num_labels = len(LABELS)
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {label: number for number, label in enumerate(LABELS)}
    model = BertForSequenceClassification(config).eval()
    with torch.no_grad():
        features = [model.bert(torch.tensor([ids]))[1] for ids in _ids(tokenizer, prefix)]
    _fit(model.classifier, torch.cat(features).numpy())
    return model


def _ids(tokenizer: PreTrainedTokenizerFast, prefix: str) -> list[list[int]]:
    texts = [prefix + row.text for row in tiny_rows(300)]
    ids: list[list[int]] = tokenizer(texts, truncation=True, padding=False)["input_ids"]
    return ids


def _fit(head: torch.nn.Linear, features: np.ndarray) -> None:
    truth = np.array([LABELS.index(row.label or "") for row in tiny_rows(300)])
    fitted = LogisticRegression(C=10_000, max_iter=5000).fit(features, truth)
    with torch.no_grad():
        head.weight.copy_(torch.tensor(fitted.coef_))
        head.bias.copy_(torch.tensor(fitted.intercept_))
