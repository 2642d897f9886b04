"""The configurations of benchmarks/memory.py: chosen ones, and ones drawn by chance."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORDS, PICTURES, WRITING = "text_classification", "image_classification", "text_generation"
_STARTERS = {
    "minilm": ("minilm-l6", WORDS),
    "e5": ("e5-small-multilingual", WORDS),
    "eyes": ("efficientnet-lite0", PICTURES),
    "smollm": ("smollm2-135m", WRITING),
}


STEPS = 12
"""So many that what the libraries keep of a step adds up, as it does in a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A configuration. rows of about `length` tokens make one step; plan: fields of the plan.

    base: a starter, or the width and layers of a BERT with random weights (768x6).
    """

    base: str
    rows: int
    length: int
    plan: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """The task that this base is for."""
        return _STARTERS[self.base][1] if self.base in _STARTERS else WORDS

    @property
    def title(self) -> str:
        """In one line."""
        plan = dict(self.plan)
        ranks, stage = plan.pop("ranks", 1), plan.pop("zero_stage", 0)
        said = [f"{self.base} {self.rows}x{self.length}", f"ranks {ranks} stage {stage}"]
        return " ".join([*said, *(f"{name}={value}" for name, value in plan.items())])


def chosen() -> list[Case]:
    """The benchmark: each means by itself, and some together."""
    whole = {"freeze_embeddings": False}
    half = {"precision": "bf16"}
    again = {"recompute": True}
    lora = {"method": "lora"}

    def two(stage: int, ranks: int = 2) -> dict[str, Any]:
        return {"ranks": ranks, "zero_stage": stage}

    return [
        Case(base="minilm", rows=32, length=100),
        Case(base="minilm", rows=32, length=100, plan=two(3)),
        Case(base="minilm", rows=16, length=60, plan={"micro_tokens": 256} | whole),
        Case(base="minilm", rows=16, length=20, plan={"micro_tokens": 128}),
        Case(base="minilm", rows=32, length=100, plan=whole),
        Case(base="minilm", rows=24, length=80, plan={"pooling": "native"}),
        Case(base="minilm", rows=8, length=250, plan={"max_length": 256}),
        Case(base="minilm", rows=8, length=40, plan=half),
        Case(base="minilm", rows=16, length=60, plan=two(0)),
        Case(base="minilm", rows=32, length=60, plan=two(1) | {"micro_tokens": 512} | whole),
        Case(base="minilm", rows=32, length=60, plan=two(2) | {"micro_tokens": 512} | whole),
        Case(base="minilm", rows=32, length=60, plan=two(3) | {"micro_tokens": 512} | whole),
        Case(base="minilm", rows=16, length=60, plan=two(3, ranks=4)),
        Case(base="minilm", rows=32, length=100, plan=again),
        Case(base="minilm", rows=32, length=100, plan=lora),
        Case(base="minilm", rows=16, length=100, plan=lora | two(3)),
        Case(base="e5", rows=16, length=60),
        Case(base="e5", rows=8, length=60, plan=whole | {"micro_tokens": 512}),
        Case(base="e5", rows=8, length=60, plan=two(3) | whole),
        Case(base="e5", rows=16, length=60, plan=lora | again),
        Case(base="768x6", rows=16, length=100),
        Case(base="768x6", rows=16, length=60, plan=whole | {"micro_tokens": 512}),
        Case(base="768x6", rows=16, length=60, plan=two(3) | whole),
        Case(base="768x6", rows=16, length=100, plan=again),
        Case(base="256x18", rows=16, length=100),
        Case(base="256x18", rows=16, length=60, plan=two(2)),
    ]


def drawn(number: int, *, seed: int) -> list[Case]:
    """Configurations that nobody chose; the same for the same seed. The tasks take turns."""
    draw = (_words, _writing, _words, _pictures)
    return [draw[n % len(draw)](random.Random(f"{seed}/{n}")) for n in range(number)]


def _words(dice: random.Random) -> Case:
    width, layers = dice.choice((128, 192, 320, 448, 576)), dice.randint(2, 14)
    base = dice.choice(("minilm", "e5", f"{width}x{layers}"))
    length = dice.randint(12, 240)
    plan = _any_plan(dice) | {"max_length": 256, "pooling": dice.choice(("mean", "mean", "native"))}
    plan |= {"method": dice.choice(("full", "full", "lora"))}
    plan |= {"freeze_embeddings": dice.random() < 0.5}
    return Case(base=base, rows=dice.randint(4, 40), length=length, plan=plan)


def _writing(dice: random.Random) -> Case:
    plan = _any_plan(dice) | {"method": dice.choice(("lora", "lora", "full"))}
    if plan["method"] == "full" and plan["ranks"] > 1:
        plan["zero_stage"] = 3  # memory for whole copies is not on every computer
    plan |= {"max_length": 512, "freeze_embeddings": False}
    return Case(base="smollm", rows=dice.randint(2, 8), length=dice.randint(30, 200), plan=plan)


def _pictures(dice: random.Random) -> Case:
    side = dice.choice((96, 128, 160, 224))
    plan = _any_plan(dice) | {"precision": "fp32", "side": side, "freeze_embeddings": False}
    plan |= {"max_length": (side // 16) ** 2}
    return Case(base="eyes", rows=dice.randint(4, 32), length=(side // 16) ** 2, plan=plan)


def _any_plan(dice: random.Random) -> dict[str, Any]:
    ranks = dice.choice((1, 1, 1, 2, 2, 3))
    return {
        "ranks": ranks,
        "zero_stage": dice.randint(0, 3) if ranks > 1 else 0,
        "micro_tokens": dice.choice((256, 512, 1024, 4096)),
        "precision": dice.choice(("fp32", "fp32", "bf16")),
        "recompute": dice.random() < 0.3,
    }


def folder_of(base: str, scratch: Path) -> Path:
    """The base's folder; those with random weights are made here."""
    from zeroapp import models
    from zeroapp.work import Silent

    if base in _STARTERS:
        return models.prepare(_STARTERS[base][0], Silent())
    folder = scratch / base
    if not folder.is_dir():
        from transformers import AutoTokenizer, BertConfig, BertModel

        hidden, layers = (int(number) for number in base.split("x"))
        config = BertConfig(
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=hidden // 64,
            intermediate_size=4 * hidden,
        )
        BertModel(config).save_pretrained(folder)
        starter = models.prepare("minilm-l6", Silent())
        AutoTokenizer.from_pretrained(starter).save_pretrained(folder)
    return folder


def rows_of(request: dict[str, Any], training: Any) -> Sequence[Any]:
    """The rows of all steps as numbers, the same in every process."""
    if request["plan"]["task"] == PICTURES:
        return list(training.encode(list(_pictures_of(request))))
    return list(_texts_of(request))


def _texts_of(request: dict[str, Any]) -> Iterator[Any]:
    from zeroapp.task import Encoded

    dice, most = random.Random(7), request["length"]
    written = request["plan"]["task"] == WRITING
    for number in range(STEPS * request["rows"]):
        length = dice.randint(most // 2, most)
        ids = tuple(dice.randrange(1000, 30000) for _ in range(length))
        if written:
            yield Encoded(row_id=number, ids=ids, learned=((length // 3, length),))
        else:
            yield Encoded(row_id=number, ids=ids, target=number % 2)


def _pictures_of(request: dict[str, Any]) -> Iterator[Any]:
    import numpy as np
    from PIL import Image

    from zeroapp.dataset import Example

    for number in range(STEPS * request["rows"]):
        path = Path(request["scratch"]) / f"{number}.png"
        if not path.exists():
            noise = np.random.default_rng(number).integers(0, 255, (300, 400, 3), dtype=np.uint8)
            Image.fromarray(noise).save(path)
        yield Example(row_id=number, text=str(path), label="ab"[number % 2])
