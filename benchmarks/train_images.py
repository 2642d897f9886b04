"""Pictures a second of a full fine-tune, decoding and variations included, beside two peers.

    .venv/bin/python benchmarks/train_images.py [--folder FOLDER]

Same base (EfficientNet-Lite0), pictures, size, variations, batch, epochs and learning rate; every
contender reads the clean copies that the import made. The peers open each picture in every epoch,
as a data set of theirs does, and train batch norms.

- transformers' Trainer as its guide shows it: the base as transformers loads it, which computes
  the gates that Lite0 does not have (they stand wide open in its files)
- a plain torch loop without those gates, as timm's Lite0 has none

zeroapp starts its head from a linear probe, the peers from a fresh one.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import contest as c

if TYPE_CHECKING:
    from torch import Tensor, nn

TITLES = {
    "zeroapp": "zeroapp",
    "trainer": "Trainer, defaults",
    "loop": "plain torch loop, no gates",
}
CONTEST = c.Contest(script=Path(__file__).resolve(), titles=TITLES, unit="pictures")
READ_AT_ONCE = 32


# --- the peers, each in a process of its own -----------------------------------------------------


class Photos:
    """A data set as one writes it for torch: opens, varies and scales a picture when asked."""

    def __init__(self, job: dict, part: str, *, vary: bool) -> None:
        import numpy as np

        from zeroapp.preparation import read_preparation

        side = job["plan"]["side"]
        self.how = read_preparation(Path(job["base"]), side=side).at(side)
        self.rows = job[part]
        self.numbers = {label: number for number, label in enumerate(job["labels"])}
        self.mirror = job["plan"]["mirror"]
        self.dice = np.random.default_rng(job["seed"]) if vary else None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> "dict[str, Tensor | int]":
        import torch
        from PIL import Image

        from zeroapp.tasks.image_classification.album import varied

        path, label = self.rows[index]
        with Image.open(path) as file:
            image = file.convert("RGB")
        if self.dice is not None:
            image = varied(image, dice=self.dice, mirror=self.mirror)
        pixels = self.how.numbers(self.how.looked_at(image))
        return {"pixel_values": torch.from_numpy(pixels), "labels": self.numbers[label]}


def base_of(job: dict) -> "nn.Module":
    """The base with a fresh head."""
    from transformers import AutoModelForImageClassification, set_seed

    set_seed(job["seed"])
    model: nn.Module = AutoModelForImageClassification.from_pretrained(
        job["base"], num_labels=len(job["labels"]), ignore_mismatched_sizes=True
    )
    return model


def run_trainer(job: dict) -> c.Result:
    """transformers.Trainer as its guide shows it."""
    from transformers import Trainer, TrainingArguments

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=base_of(job),
            args=TrainingArguments(
                output_dir=folder,
                num_train_epochs=job["epochs"],
                per_device_train_batch_size=job["batch_size"],
                learning_rate=job["plan"]["learning_rate"],
                seed=job["seed"],
                remove_unused_columns=False,
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=Photos(job, "train", vary=True),
        )
        with c.watched() as span:
            trainer.train()
    return result_of(job, span, trainer.model, began=began)


def run_loop(job: dict) -> c.Result:
    """The loop everybody writes: a DataLoader, AdamW, a rate that falls to nothing."""
    import torch
    from torch.utils.data import DataLoader

    from zeroapp.gates import without_gates

    began = time.perf_counter()
    model = base_of(job)
    without_gates(model)
    loader: Any = DataLoader(
        Photos(job, "train", vary=True), batch_size=job["batch_size"], shuffle=True
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=job["plan"]["learning_rate"])
    steps = job["epochs"] * len(loader)
    falling = torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps
    )
    model.train()
    with c.watched() as span:
        for _ in range(job["epochs"]):
            for batch in loader:
                loss = model(**batch).loss
                loss.backward()
                optimizer.step()
                falling.step()
                optimizer.zero_grad()
    return result_of(job, span, model, began=began)


def result_of(job: dict, span: c.Span, model: "nn.Module", *, began: float) -> c.Result:
    """What was measured, with the accuracy on the test pictures."""
    return c.Result(
        amount=len(job["train"]),
        epochs=job["epochs"],
        seconds=span.seconds,
        cpu=span.cpu,
        peak=span.peak,
        whole=time.perf_counter() - began,
        score=accuracy(job, model),
    )


def accuracy(job: dict, model: "nn.Module") -> float:
    """Right answers on the test pictures, a share."""
    import torch
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(Photos(job, "test", vary=False), batch_size=READ_AT_ONCE)
    model.eval()
    with torch.no_grad():
        right = [
            (model(pixel_values=batch["pixel_values"]).logits.argmax(1) == batch["labels"]).sum()
            for batch in loader
        ]
    return sum(map(int, right)) / len(job["test"])


RUNS: dict[str, Callable[[dict], c.Result]] = {
    "zeroapp": c.run_ours,
    "trainer": run_trainer,
    "loop": run_loop,
}


# --- what is measured ----------------------------------------------------------------------------


def make_job(options: argparse.Namespace, folder: Path) -> dict:
    """A project with the pictures imported, checked and split."""
    from zeroapp import tasks

    task = tasks.get("image_classification")
    wishes = {"epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
    plan = c.planned(
        folder,
        task=task.key,
        paths=[options.folder or task.sample.path],
        roles={},
        options={"base": options.base, "overrides": wishes},
    )
    return c.labelled(folder, plan)


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a folder a kind; the sample otherwise")
    parser.add_argument("--base", default="")
    parser.add_argument("--epochs", type=int, default=3)
    c.usual_options(parser, titles=TITLES, batch_size=16)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run every contender in every round and tell."""
    if arguments[:1] == ["--child"]:
        c.child(arguments[1:], RUNS)
        return
    options = options_of(arguments)
    with c.workplace() as folder:
        job = make_job(options, folder)
        print(
            f"{len(job['train'])} training pictures, {len(job['test'])} test pictures, "
            f"{len(job['labels'])} kinds, {job['plan']['side']} points, {job['epochs']} epochs of "
            f"batch {job['batch_size']}"
        )
        rounds = c.compete(CONTEST, job, folder, only=options.only, rounds=options.repeats)
        c.tell(CONTEST, rounds)
        c.write(rounds, options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
