"""How fast zeroapp's training is beside transformers' Trainer: same rows, model, batch and epochs.

    .venv/bin/python benchmarks/train_text.py [--csv FILE --text COLUMN --label COLUMN]

Every contender runs in a process of its own, in turn, several times; ratios are taken within a
round, so that whatever else the computer does at that moment slows all of them alike.

What differs besides speed: zeroapp starts its head from a linear probe and leaves the word
embeddings as they are (both are its defaults), the Trainer starts from a fresh head and changes
everything (its defaults). Neither side is given more epochs to make up for it, unless
--trainer-epochs lets the Trainer catch up: then the times to a like accuracy are what to compare.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import contest as c

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, Trainer

TITLES = {
    "zeroapp": "zeroapp",
    "trainer": "Trainer, defaults",
    "trainer-tuned": "Trainer, tuned by hand",
}
CONTEST = c.Contest(script=Path(__file__).resolve(), titles=TITLES, unit="rows")


# --- the contenders, each in a process of its own ------------------------------------------------


def trainer_of(job: dict, folder: str, *, switches: dict, kind: type | None = None) -> "Trainer":
    """transformers.Trainer for the job's training rows, set up as its guide shows it.

    switches: fields of TrainingArguments beside those. kind: a subclass of it.
    """
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    set_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["base"])
    usual = {
        "num_train_epochs": job["trainer_epochs"],
        "per_device_train_batch_size": job["batch_size"],
        "per_device_eval_batch_size": 64,
        "seed": job["seed"],
        "report_to": "none",
        "disable_tqdm": True,
    }
    return (kind or Trainer)(
        model=AutoModelForSequenceClassification.from_pretrained(
            job["base"], num_labels=len(job["labels"])
        ),
        args=TrainingArguments(output_dir=folder, **usual | switches),
        train_dataset=encoded(job, "train", tokenizer=tokenizer),
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
    )


def encoded(job: dict, part: str, *, tokenizer: "PreTrainedTokenizerBase") -> list[dict]:
    """The rows of a part as the Trainer reads them."""
    texts = [text for text, _ in job[part]]
    ids = tokenizer(texts, truncation=True, max_length=job["max_length"])["input_ids"]
    numbers = {label: number for number, label in enumerate(job["labels"])}
    targets = [numbers[label] for _, label in job[part]]
    return [{"input_ids": i, "labels": t} for i, t in zip(ids, targets, strict=True)]


def run_trainer(job: dict, *, tuned: bool) -> c.Result:
    """transformers.Trainer as its guide shows it.

    tuned: rows grouped by length, and bf16 where it is faster here.
    """
    import numpy as np
    import torch

    began = time.perf_counter()
    switches = {"train_sampling_strategy": "group_by_length"} if tuned else {}
    if tuned and job["plan"]["precision"] == "bf16":
        # a person who tunes looks whether bf16 is faster; without a card the CPU must be named
        switches |= {"bf16": True, "use_cpu": not torch.cuda.is_available()}
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(job, folder, switches=switches)
        with c.watched() as span:
            trainer.train()
        answers = trainer.predict(encoded(job, "test", tokenizer=trainer.processing_class))
    right = int((np.argmax(answers.predictions, axis=1) == answers.label_ids).sum())
    return c.Result(
        amount=len(job["train"]),
        epochs=job["trainer_epochs"],
        seconds=span.seconds,
        cpu=span.cpu,
        peak=span.peak,
        whole=time.perf_counter() - began,
        score=right / len(job["test"]),
    )


RUNS: dict[str, Callable[[dict], c.Result]] = {
    "zeroapp": c.run_ours,
    "trainer": lambda job: run_trainer(job, tuned=False),
    "trainer-tuned": lambda job: run_trainer(job, tuned=True),
}


# --- what is measured ----------------------------------------------------------------------------


def make_job(options: argparse.Namespace, folder: Path) -> dict:
    """A project with the rows imported, checked and split; what every contender is given."""
    from zeroapp import tasks

    task = tasks.default()
    wishes = {"epochs": options.epochs, "batch_size": options.batch_size, "seed": options.seed}
    plan = c.planned(
        folder,
        task=task.key,
        paths=[options.csv or task.sample.path],
        roles={"text": options.text, "label": options.label},
        options={"base": options.base, "overrides": wishes},
    )
    return c.labelled(folder, plan) | {"trainer_epochs": options.trainer_epochs or plan.epochs}


def peak_flops(precision: str) -> float:
    """The best of matrix products in the sizes of the encoder, in FLOP a second."""
    import torch

    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    best = 0.0
    for rows, inner, columns in ((4096, 384, 1536), (4096, 1536, 384), (2048, 2048, 2048)):
        a, b = torch.randn(rows, inner, dtype=kind), torch.randn(inner, columns, dtype=kind)
        for _ in range(12):
            start = time.perf_counter()
            a @ b
            best = max(best, 2 * rows * inner * columns / (time.perf_counter() - start))
    return best


def needed_flops(job: dict) -> tuple[float, int, int]:
    """FLOP of one pass over the training rows (6 a body parameter and token), tokens, body."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(job["base"])
    model = AutoModel.from_pretrained(job["base"])
    everything = sum(parameter.numel() for parameter in model.parameters())
    body = everything - sum(p.numel() for p in model.get_input_embeddings().parameters())
    texts = [text for text, _ in job["train"]]
    ids = tokenizer(texts, truncation=True, max_length=job["max_length"])["input_ids"]
    tokens = sum(map(len, ids))
    return 6.0 * body * tokens, tokens, body


# --- what is told --------------------------------------------------------------------------------


def tell_limit(rounds: c.Rounds, job: dict) -> None:
    """How near to what the processor can do in matrix products."""
    flops, tokens, body = needed_flops(job)
    print(
        f"\nOne epoch: {tokens} tokens without padding, {body / 1e6:.1f} M parameters that every "
        f"token meets: {flops / 1e12:.2f} TFLOP (6 a parameter and token)"
    )
    peaks = {name: peak_flops(name) for name in ("bf16", "fp32")}
    for name, peak in peaks.items():
        print(f"Matrix products in {name} reach {peak / 1e9:.0f} GFLOP/s here.")
    for name in rounds[0]:
        seconds = statistics.median(results[name].seconds for results in rounds)
        used = flops * rounds[0][name].epochs / seconds
        precision = "fp32" if name == "trainer" else job["plan"]["precision"]
        share = f"{used / peaks[precision]:.0%} of its {precision} peak"
        print(f"  {TITLES[name]}: {used / 1e9:.0f} GFLOP/s of use, {share}")


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", type=Path, help="a table; the sample that ships is used otherwise")
    parser.add_argument("--text", help="its column with texts")
    parser.add_argument("--label", help="its column with labels")
    parser.add_argument("--base", default="minilm-l6")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--trainer-epochs", type=int, help="the Trainer's; as many otherwise")
    c.usual_options(parser, titles=TITLES, batch_size=32)
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
            f"{len(job['train'])} training rows, {len(job['test'])} test rows, "
            f"{len(job['labels'])} kinds, {job['epochs']} epochs of batch {job['batch_size']} "
            f"(the Trainer: {job['trainer_epochs']})"
        )
        rounds = c.compete(CONTEST, job, folder, only=options.only, rounds=options.repeats)
        c.tell(CONTEST, rounds)
        tell_limit(rounds, job)
        c.write(rounds, options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
