"""Tiny pictures of three kinds, told apart by their colour; and finished models that sort them."""

from pathlib import Path

import msgspec
import numpy as np
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from support.rows import KINDS
from zeroapp.dataset import Example
from zeroapp.engine.inference import Predictor
from zeroapp.export.origin import Origin
from zeroapp.export.same_answer import Reference
from zeroapp.export.source import FILE, ModelNote, read_note
from zeroapp.govern.card import BaseFacts
from zeroapp.plan import TrainPlan
from zeroapp.tasks.image_classification.training import PictureClassifier

LABELS = tuple(sorted(KINDS))
_COLOURS = np.array([(200, 60, 50), (50, 170, 70), (60, 80, 200)])
_SIZE = (44, 36)


def snapshots(folder: Path, count: int, *, seed: int = 0) -> list[Example]:
    """Pictures that lie in `folder`; they are made there when they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        kind = number % len(LABELS)
        path = folder / f"{seed}-{number}.png"
        if not path.exists():
            dice = np.random.default_rng((seed, number))
            noise = dice.normal(0, 40, (*_SIZE, 3)) + dice.normal(0, 25, 3)
            colours = np.clip(_COLOURS[kind] + noise, 0, 255).astype(np.uint8)
            Image.fromarray(colours).save(path)
        rows.append(Example(row_id=number + 1, text=str(path), label=LABELS[kind]))
    return rows


def finished_eyes(folder: Path, *, base: Path) -> Origin:
    """A run's model folder on this base, its head fitted; and the app's own answers."""
    learned = snapshots(folder / "photos", 90)
    plan = TrainPlan(task="image_classification", base="tiny", data_version="v", labels=LABELS)
    task = PictureClassifier(plan, base)
    model = task.build().eval()
    batch = task.collate(task.encode(learned))
    with torch.no_grad():
        features = task.features(model, batch)
    spread = float(features.std())
    truth = batch["targets"].numpy()
    fitted = LogisticRegression(C=10, max_iter=5000).fit(features.numpy() / spread, truth)
    head = task.head(model)
    with torch.no_grad():
        head.weight.copy_(torch.tensor(fitted.coef_ / spread))
        head.bias.copy_(torch.tensor(fitted.intercept_))
    task.save(model.state_dict(), folder / "model")
    (folder / "model" / FILE).write_bytes(msgspec.json.encode(_note()))
    return _origin(folder)


def _note() -> ModelNote:
    return ModelNote(
        task="image_classification",
        base="efficientnet-lite0",
        labels=LABELS,
        max_length=4,
        prefix="",
        data_version="0123456789abcdef",
        run_id="20260102-030405-06-train",
        in_use="fine-tuned",
    )


def _origin(folder: Path) -> Origin:
    held_out = snapshots(folder / "photos", 60, seed=1)
    predictor = Predictor(folder / "model")
    answers = predictor.predict([row.text for row in held_out])
    return Origin(
        model=folder / "model",
        note=read_note(folder / "model"),
        reference=Reference(rows=held_out, probabilities=answers, labels=predictor.labels),
        title="Sort pictures into kinds",
        base=BaseFacts(title="A tiny base", licence="Apache-2.0", may_sell=True),
        roles={"text": "picture", "label": "kind"},
    )
